package contacts_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/backend/backendtest"
)

func add(w *backendtest.World, body m) string {
	return w.Staff.Must("POST", "/api/staff/contacts", body, 201).Text("id")
}

func ids(r backendtest.Reply) []string {
	out := []string{}
	for _, c := range r.List("items") {
		id, _ := c["id"].(string)
		out = append(out, id)
	}
	return out
}

func find(w *backendtest.World, query string) []string {
	return ids(w.Staff.Must("GET", "/api/staff/contacts?"+query, nil, 200))
}

// Every order, with keys that are equal, and rows that come, go and change while
// somebody pages: who was there all the time is shown exactly once.
func TestPagingLosesAndDoublesNobody(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		var steady []string
		for i := range 24 {
			if i%6 == 0 {
				w.Clock.Advance(time.Minute)
			}
			steady = append(steady, add(w, m{"name": []string{"Same", "same", "Ázz", "B", "Žofie"}[i%5]}))
		}
		names := 0
		for _, sort := range []string{"name", "-name", "created", "-created", "updated", "-updated"} {
			var seen []string
			extra := add(w, m{"name": "Same"})
			for cursor, page := "", 0; ; page++ {
				r := w.Staff.Must("GET", "/api/staff/contacts?limit=5&sort="+sort+"&cursor="+cursor, nil, 200)
				seen = append(seen, ids(r)...)
				if cursor = r.Text("next_cursor"); cursor == "" || page > 30 {
					break
				}
				names++
				w.Clock.Advance(time.Second)
				switch page { // beside the reader's back
				case 0:
					w.Staff.Must("DELETE", "/api/staff/contacts/"+extra, nil, 204)
				case 1:
					add(w, m{"name": fmt.Sprint("Same ", names)})
				}
			}
			for _, id := range steady {
				if n := len(slices.DeleteFunc(slices.Clone(seen), func(s string) bool { return s != id })); n != 1 {
					t.Errorf("%s: %s is shown %d times", sort, id, n)
				}
			}
		}
		all := find(w, "limit=200")
		for offset := range len(all) + 2 {
			want := all[min(offset, len(all)):min(offset+3, len(all))]
			if got := find(w, fmt.Sprintf("limit=3&offset=%d", offset)); !slices.Equal(got, want) {
				t.Errorf("jumping to %d: %v, want %v", offset, got, want)
			}
		}
		for _, bad := range []string{"sort=email", "sort=name;drop", "sort=--name", "state=deleted", "limit=0", "limit=201", "offset=-1", "cursor=%21", "cursor=e30"} {
			if r := w.Staff.Do("GET", "/api/staff/contacts?"+bad, nil); r.Status != 422 {
				t.Errorf("%s: %d %s", bad, r.Status, r.Body)
			}
		}
	})
}

func TestSearchTagsAndStateCompose(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		who := map[string]string{}
		for name, more := range map[string]m{
			"Ana Petrović":    {"emails": []string{"ana@bakery.example"}, "tags": []string{"VIP", "Café"}, "company": "Bäckerei Groß"},
			"Anatol Fomenko":  {"tags": []string{"VIP"}, "phones": []string{"+4930901820"}},
			"Annette Archiv":  {"tags": []string{"VIP", "cafe"}},
			"Bertha Schröder": {"address": m{"city": "Köln"}},
			"李小龍":             {"company": "功夫"},
			"100% Wool_Shop":  {},
		} {
			more["name"] = name
			who[add(w, more)] = name
		}
		for id, name := range who {
			if name == "Annette Archiv" {
				w.Staff.Must("POST", "/api/staff/contacts/"+id+"/archive", nil, 200)
			}
		}
		for query, want := range map[string]string{
			"search=ana": "Ana Petrović,Anatol Fomenko", "search=ANA+petro": "Ana Petrović", "search=petrovic": "Ana Petrović", "search=backerei": "Ana Petrović", "search=gross": "Ana Petrović",
			"search=trov": "Ana Petrović", "search=fo": "Anatol Fomenko", "search=om": "", "search=koln": "Bertha Schröder", "search=901820": "Anatol Fomenko", "search=bakery.example": "Ana Petrović",
			"search=vip": "Ana Petrović,Anatol Fomenko", "tag=VIP": "Ana Petrović,Anatol Fomenko", "tag=vip&tag=CAFE": "Ana Petrović", "tag=VIP&state=archived": "Annette Archiv",
			"tag=VIP&state=all": "Ana Petrović,Anatol Fomenko,Annette Archiv", "tag=VIP&state=all&sort=-name": "Annette Archiv,Anatol Fomenko,Ana Petrović", "tag=nobody": "", "tag=VIP&search=fomenko": "Anatol Fomenko",
			"search=李": "李小龍", "search=100%25": "100% Wool_Shop", "search=wool_shop": "100% Wool_Shop", "search=%25%25%25": "", "search=%22ana%22": "", "search=ana+OR+bertha": "", "search=NEAR(ana)": "",
			"search=schroder": "Bertha Schröder", "search=ana*": "",
		} {
			r := w.Staff.Must("GET", "/api/staff/contacts?"+query, nil, 200)
			var got []string
			for _, id := range ids(r) {
				got = append(got, who[id])
			}
			if r.Text("corrected") != "" {
				continue // taken for a typo: tried below
			}
			if strings.Join(got, ",") != want {
				t.Errorf("%s: %v, want %s", query, got, want)
			}
			if n := w.Staff.Must("GET", "/api/staff/contacts/count?"+query, nil, 200).Number("count"); n != len(got) {
				t.Errorf("%s counts %d, shows %d", query, n, len(got))
			}
		}
		for typo, want := range map[string]string{"petrovik": "Ana Petrović", "fomenok": "Anatol Fomenko", "scroder": "Bertha Schröder", "berthaa": "Bertha Schröder"} {
			r := w.Staff.Must("GET", "/api/staff/contacts?search="+typo, nil, 200)
			if list := ids(r); len(list) != 1 || who[list[0]] != want || r.Text("corrected") == "" {
				t.Errorf("%s: %s", typo, r.Body)
			}
			if n := w.Staff.Must("GET", "/api/staff/contacts/count?search="+typo, nil, 200).Number("count"); n != 1 {
				t.Errorf("%s counts %d", typo, n)
			}
		}
		// A page behind the end of what was found is empty; it is not a typo.
		if r := w.Staff.Must("GET", "/api/staff/contacts?search=fomenko&offset=5", nil, 200); len(ids(r)) != 0 || r.Text("corrected") != "" {
			t.Errorf("behind the end: %s", r.Body)
		}
	})
}

func TestAnAddressBelongsToOneContact(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana := add(w, m{"name": "Ana", "emails": []string{"ana@example.com", "second@example.com"}})
		for _, spelling := range []string{"ANA@example.com", " second@EXAMPLE.com."} {
			r := w.Staff.Do("POST", "/api/staff/contacts", m{"name": "Eve", "emails": []string{"eve@example.com", spelling}})
			if r.Status != 409 || r.Text("code") != "contacts.email_taken" || !strings.Contains(r.Text("detail"), "Ana") || r.List("errors")[0]["field"] != "emails[1]" {
				t.Errorf("%q: %d %s", spelling, r.Status, r.Body)
			}
		}
		w.Staff.Must("PATCH", "/api/staff/contacts/"+ana, m{"emails": []string{"ana@example.com"}}, 200)
		bob := add(w, m{"name": "Bob", "emails": []string{"second@example.com"}})
		w.Staff.Must("PATCH", "/api/staff/contacts/"+bob, m{"emails": []string{"second@example.com", "ana@example.com"}}, 409)
		w.Staff.Must("DELETE", "/api/staff/contacts/"+ana, nil, 204)
		w.Staff.Must("PATCH", "/api/staff/contacts/"+bob, m{"emails": []string{"second@example.com", "ana@example.com"}}, 200)
		if r := w.Staff.Do("POST", "/api/staff/contacts/"+ana+"/restore", nil); r.Status != 409 || strings.Contains(r.Text("detail"), "{") {
			t.Errorf("restoring into a conflict: %d %s", r.Status, r.Body)
		}
		bulk := w.Staff.Must("POST", "/api/staff/contacts/bulk", m{"contact_ids": []string{ana}, "action": "restore"}, 200).List("results")[0]
		if reason, _ := bulk["reason"].(string); bulk["status"] != "failed" || !strings.Contains(reason, "Bob") || strings.Contains(reason, "{") {
			t.Errorf("restoring several into a conflict: %v", bulk)
		}
		w.Staff.Must("PATCH", "/api/staff/contacts/"+bob, m{"emails": []string{}}, 200)
		w.Staff.Must("POST", "/api/staff/contacts/"+ana+"/restore", nil, 200)
		// Many at once want the same address: one has it, the others are told so.
		var wg sync.WaitGroup
		statuses := make([]int, 20)
		for i := range statuses {
			wg.Go(func() {
				statuses[i] = w.Staff.Do("POST", "/api/staff/contacts", m{"name": fmt.Sprint("Racer ", i), "emails": []string{"race@example.com"}, "tags": []string{"Race"}}).Status
			})
		}
		wg.Wait()
		if slices.Sort(statuses); statuses[0] != 201 || statuses[1] != 409 || statuses[19] != 409 {
			t.Errorf("a race for one address: %v", statuses)
		}
	})
}

// tags.uses is the number of contacts, not deleted, that carry the tag, whatever
// happened before.
func TestTagCountsHoldWhateverHappens(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 1))
		words := []string{"VIP", "vip", "Café", "cafe", "New", "Old"}
		var everybody []string
		for range 6 {
			everybody = append(everybody, add(w, m{"name": "X", "tags": words[r.IntN(3):][:2]}))
		}
		for step := range 120 {
			id, tag := everybody[r.IntN(len(everybody))], words[r.IntN(len(words))]
			var tags []string
			for _, t := range w.Staff.Must("GET", "/api/staff/tags", nil, 200).List("items") {
				id, _ := t["id"].(string)
				tags = append(tags, id)
			}
			switch r.IntN(9) {
			case 0:
				w.Staff.Do("PATCH", "/api/staff/contacts/"+id, m{"tags": words[:r.IntN(6)]})
			case 1:
				w.Staff.Do("DELETE", "/api/staff/contacts/"+id, nil)
			case 2:
				w.Staff.Do("POST", "/api/staff/contacts/"+id+"/restore", nil)
			case 3:
				w.Staff.Do("POST", "/api/staff/contacts/"+id+"/archive", nil)
			case 4:
				w.Staff.Do("POST", "/api/staff/contacts/bulk", m{"contact_ids": everybody, "action": "add_tag", "tag": tag})
			case 5:
				w.Staff.Do("POST", "/api/staff/contacts/bulk", m{"contact_ids": everybody[:3], "action": "remove_tag", "tag": tag})
			case 6:
				if len(tags) > 0 && step%4 == 0 {
					w.Staff.Do("DELETE", "/api/staff/tags/"+tags[r.IntN(len(tags))], nil)
				}
			case 7:
				if len(tags) > 0 {
					w.Staff.Do("PATCH", "/api/staff/tags/"+tags[r.IntN(len(tags))], m{"name": words[r.IntN(len(words))]})
				}
			case 8:
				w.Staff.Do("POST", "/api/staff/contacts/"+id+"/unarchive", nil)
			}
			if step%10 != 9 {
				continue
			}
			want := map[string]int{}
			for _, c := range w.Staff.Must("GET", "/api/staff/contacts?state=all&limit=200", nil, 200).List("items") {
				carried, _ := c["tags"].([]any)
				for _, name := range carried {
					want[name.(string)]++
				}
			}
			for _, tag := range w.Staff.Must("GET", "/api/staff/tags", nil, 200).List("items") {
				name, _ := tag["name"].(string)
				if n, _ := tag["count"].(float64); int(n) != want[name] {
					t.Fatalf("seed %d, step %d: %s says %v, %d carry it", seed, step, name, n, want[name])
				}
				if listed := find(w, "state=all&limit=200&tag="+url.QueryEscape(name)); len(listed) != want[name] {
					t.Fatalf("seed %d, step %d: %s lists %d, %d carry it", seed, step, name, len(listed), want[name])
				}
			}
		}
	})
}

func TestOneTagWhateverItsSpelling(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		r := w.Staff.Must("POST", "/api/staff/contacts", m{"name": "Ana", "tags": []string{"Café", "cafe", "CAFÉ"}}, 201)
		if tags, _ := r.At("tags").([]any); len(tags) != 1 || tags[0] != "Café" {
			t.Errorf("tags: %v", r.At("tags"))
		}
		tag := w.Staff.Must("GET", "/api/staff/tags", nil, 200).List("items")[0]
		id, _ := tag["id"].(string)
		add(w, m{"name": "Bob", "tags": []string{"Other"}})
		for body, want := range map[string]string{"CAFE": "", "other": "contacts.tag_taken", strings.Repeat("x", 41): "contacts.too_long"} {
			r := w.Staff.Do("PATCH", "/api/staff/tags/"+id, m{"name": body})
			if want == "" && r.Status != 200 || want != "" && (r.Status != 422 || r.Text("code") != want || strings.Contains(r.Text("detail"), "{")) {
				t.Errorf("renaming to %.10s: %d %s", body, r.Status, r.Body)
			}
		}
		w.Staff.Must("PATCH", "/api/staff/tags/"+id, m{"name": "Bistro", "color": "red"}, 200)
		if got := find(w, "search=bistro"); len(got) != 1 {
			t.Errorf("a renamed tag is not found: %v", got)
		}
		w.Staff.Must("DELETE", "/api/staff/tags/"+id, nil, 204)
		if got := find(w, "search=bistro"); len(got) != 0 {
			t.Errorf("a deleted tag is found: %v", got)
		}
	})
}

func TestBulkAnswersForEach(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		a, b := add(w, m{"name": "A"}), add(w, m{"name": "B"})
		for _, s := range []struct{ action, tag, first, second, missing string }{
			{"archive", "", "done", "done", "skipped"}, {"archive", "", "skipped", "skipped", "skipped"}, {"unarchive", "", "done", "done", "skipped"}, {"add_tag", "VIP", "done", "done", "skipped"},
			{"add_tag", "vip", "skipped", "skipped", "skipped"}, {"remove_tag", "ViP", "done", "done", "skipped"}, {"remove_tag", "VIP", "skipped", "skipped", "skipped"}, {"delete", "", "done", "done", "skipped"},
			{"delete", "", "skipped", "skipped", "skipped"}, {"restore", "", "done", "done", "skipped"}, {"restore", "", "skipped", "skipped", "skipped"},
		} {
			r := w.Staff.Must("POST", "/api/staff/contacts/bulk", m{"contact_ids": []string{a, "ct_none", b}, "action": s.action, "tag": s.tag}, 200).List("results")
			for i, want := range []string{s.first, s.missing, s.second} {
				if r[i]["status"] != want || (r[i]["reason"] == "") != (want == "done") {
					t.Errorf("%s %s: %v, want %s", s.action, s.tag, r[i], want)
				}
			}
		}
		german := w.Staff.Request("POST", "/api/staff/contacts/bulk", m{"contact_ids": []string{"ct_none"}, "action": "delete"})
		german.Header.Set("Accept-Language", "de")
		if r := w.Staff.Send(german).List("results"); r[0]["reason"] != "Diesen Kontakt gibt es nicht mehr. Vielleicht wurde er gelöscht." {
			t.Errorf("in German: %v", r)
		}
		for _, bad := range []m{{"contact_ids": []string{a}, "action": "add_tag"}, {"contact_ids": []string{a}, "action": "explode"}, {"contact_ids": []string{}, "action": "delete"}, {"contact_ids": slices.Repeat([]string{a}, 501), "action": "delete"}} {
			if r := w.Staff.Do("POST", "/api/staff/contacts/bulk", bad); r.Status != 422 {
				t.Errorf("%.60v: %d", bad, r.Status)
			}
		}
	})
}

func TestNotesAndViews(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana := add(w, m{"name": "Ana"})
		base := "/api/staff/contacts/" + ana + "/notes"
		for i := range 7 {
			w.Staff.Must("POST", base, m{"text": fmt.Sprint("note ", i, "\r\nline")}, 201)
		}
		var got []string
		for cursor := ""; ; {
			r := w.Staff.Must("GET", base+"?limit=3&cursor="+cursor, nil, 200)
			for _, n := range r.List("items") {
				text, _ := n["text"].(string)
				got = append(got, text[5:6])
			}
			if cursor = r.Text("next_cursor"); cursor == "" {
				break
			}
		}
		if strings.Join(got, "") != "6543210" {
			t.Errorf("newest first: %v", got)
		}
		note := w.Staff.Must("GET", base, nil, 200).List("items")[0]["id"].(string)
		w.Staff.Must("DELETE", base+"/"+note, nil, 204)
		w.Staff.Must("DELETE", base+"/"+note, nil, 404)
		w.Staff.Must("PATCH", base+"/"+note, m{"text": "x"}, 404)
		w.Staff.Must("POST", base+"/"+note+"/restore", nil, 200)
		w.Staff.Must("POST", base+"/"+note+"/restore", nil, 404)
		w.Staff.Must("PATCH", base+"/"+note, m{"text": " "}, 422)
		w.Staff.Must("POST", base, m{"text": strings.Repeat("x", 20001)}, 422)
		view := w.Staff.Must("POST", "/api/staff/views", m{"name": " My  VIPs ", "query": m{"tags": []string{"VIP"}, "sort": "-created"}, "columns": []string{"name"}}, 201)
		w.Staff.Must("PUT", "/api/staff/views/"+view.Text("id"), m{"name": "Others", "query": m{"search": "x"}}, 200)
		if list := w.Staff.Must("GET", "/api/staff/views", nil, 200).List("items"); len(list) != 1 || list[0]["name"] != "Others" || view.Text("name") != "My VIPs" {
			t.Errorf("views: %v", list)
		}
		w.Staff.Must("DELETE", "/api/staff/views/"+view.Text("id"), nil, 204)
		w.Staff.Must("PUT", "/api/staff/views/"+view.Text("id"), m{"name": "Back", "query": m{}}, 404)
		w.Staff.Must("POST", "/api/staff/views", m{"name": strings.Repeat("x", 41), "query": m{}}, 422)
	})
}

// withPlace is a JPEG that says where it was taken (EXIF, GPS).
func withPlace(t *testing.T) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for x := range 400 {
		picture.Set(x, x%300, color.RGBA{200, uint8(x), 30, 255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, nil); err != nil {
		t.Fatal(err)
	}
	exif := append([]byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08"), []byte("GPSLatitude-canary-52.5200")...)
	out := append([]byte{}, b.Bytes()[:2]...)
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(exif)+2))
	return append(append(out, exif...), b.Bytes()[2:]...)
}

func TestPhotosAreMadeAnew(t *testing.T) {
	t.Parallel()
	w := backendtest.New(t, "")
	ana := add(w, m{"name": "Ana"})
	put := func(body []byte, kind string) int {
		r := httptest.NewRequest("PUT", "/api/staff/contacts/"+ana+"/photo", bytes.NewReader(body))
		r.Header.Set("Content-Type", kind)
		got := httptest.NewRecorder()
		w.Backend.Socket().ServeHTTP(got, r)
		return got.Code
	}
	if code := put(withPlace(t), "image/jpeg"); code != 200 {
		t.Fatalf("a photo: %d", code)
	}
	shown := w.Staff.Must("GET", "/api/staff/contacts/"+ana+"/photo", nil, 200)
	if picture, _, err := image.Decode(strings.NewReader(shown.Body)); err != nil || picture.Bounds().Dx() != 256 || picture.Bounds().Dy() != 256 {
		t.Errorf("shown: %v", err)
	}
	if csp := shown.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") {
		t.Errorf("CSP %q", csp)
	}
	files := func() (n int) {
		_ = filepath.WalkDir(w.Data, func(path string, d os.DirEntry, _ error) error {
			if content, err := os.ReadFile(path); err == nil {
				if bytes.Contains(content, []byte("canary-52.5200")) {
					t.Errorf("%s keeps where it was taken", path)
				}
				if strings.Contains(path, "files") {
					n++
				}
			}
			return nil
		})
		return n
	}
	first := files()
	if code := put(withPlace(t), "image/jpeg"); code != 200 || files() != first {
		t.Errorf("another photo: %d; %d files, then %d", code, first, files())
	}
	for story, body := range map[string]string{"text": "hello", "SVG": "<svg xmlns='http://www.w3.org/2000/svg'/>", "nothing": "", "half": string(withPlace(t)[:200])} {
		if code := put([]byte(body), "image/png"); code < 400 || code > 499 {
			t.Errorf("%s: %d", story, code)
		}
	}
	w.Staff.Must("DELETE", "/api/staff/contacts/"+ana+"/photo", nil, 200)
	if r := w.Staff.Do("GET", "/api/staff/contacts/"+ana+"/photo", nil); r.Status != http.StatusNotFound || files() != first-1 {
		t.Errorf("taken away: %d, %d files of %d", r.Status, files(), first)
	}
}

func TestOpenWindowsHearOfEveryChange(t *testing.T) {
	t.Parallel()
	w := backendtest.New(t, "")
	frames := make(chan string, 1000)
	w.Backend.Subscribe(func(frame []byte) { frames <- string(frame) })
	hears := func(what, id string) {
		t.Helper()
		late := time.After(20 * time.Second)
		for {
			select {
			case f := <-frames:
				if strings.Contains(f, `"contacts"`) && strings.Contains(f, id) {
					return
				}
			case <-late:
				t.Fatalf("%s is not pushed", what)
			}
		}
	}
	ana := add(w, m{"name": "Ana"})
	hears("creating", ana)
	for _, step := range [][2]string{{"PATCH", ""}, {"POST", "/archive"}, {"POST", "/unarchive"}, {"POST", "/notes"}, {"DELETE", ""}, {"POST", "/restore"}} {
		body := map[string]m{"PATCH": {"company": "x"}, "POST/notes": {"text": "x"}}[step[0]+step[1]]
		if r := w.Staff.Do(step[0], "/api/staff/contacts/"+ana+step[1], body); r.Status >= 300 {
			t.Fatalf("%v: %d", step, r.Status)
		}
		hears(step[0]+step[1], ana)
	}
}
