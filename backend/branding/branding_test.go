package branding_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"image/color"
	"regexp"
	"strings"
	"testing"

	"portico/backend/branding"
	"portico/backend/kernel/audit"
	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/i18n"
)

var ctx = context.Background()

const path = "/api/staff/branding"

func TestMessages(t *testing.T) {
	if err := i18n.Check(branding.Messages); err != nil {
		t.Error(err)
	}
}

func TestRequests(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, s := range []struct {
			story, method, body, language string
			anonymous                     bool
			status                        int
			must, mustNot                 []string
		}{
			{"nobody", "GET", "", "", true, 401, []string{"auth.staff_sign_in"}, []string{"accent"}},
			{"nobody saves", "PUT", `{"name":"X","accent":"#000000"}`, "", true, 401, nil, nil},
			{"untouched", "GET", "", "", false, 200, []string{`"name":""`, `"accent":"#0f766e"`, `"logo_url":null`, `"icon_url":null`, `"cover_url":null`, `"version":1`}, nil},
			{"everything wrong at once", "PUT", `{"name":" ","description":"` + strings.Repeat("ü", 501) + `","accent":"teal","accent_2":"#12345","support_email":"me@localhost","copyright":"a\u0007b"}`, "de", false, 422,
				[]string{`"field":"name"`, `"field":"description"`, `"field":"accent"`, `"field":"accent_2"`, `"field":"support_email"`, `"field":"copyright"`, "höchstens 500 Zeichen"}, nil},
			{"a name that is too long", "PUT", `{"name":"` + strings.Repeat("x", 81) + `","accent":"#000000"}`, "", false, 422, []string{"branding.text_long", "at most 80 letters"}, nil},
			{"a name that just fits", "PUT", `{"name":"` + strings.Repeat("ü", 80) + `","accent":"#000000"}`, "", false, 200, nil, nil},
			{"an address with a name around it", "PUT", `{"name":"X","accent":"#000000","support_email":"A <a@example.com>"}`, "", false, 422, []string{"branding.email"}, nil},
			{"all of it", "PUT", `{"name":"  Bäckerei   Sonnenschein ","description":"Brot\nund Kuchen","accent":"#FDE047","accent_2":"#0F766E","support_email":"hilfe@example.com","copyright":"© 2026"}`, "", false, 200,
				[]string{`"name":"Bäckerei Sonnenschein"`, `"accent":"#fde047"`, `"accent_2":"#0f766e"`, `"version":3`, `"changed":true`, "a little darker"}, nil},
			{"the same again", "PUT", `{"name":"Bäckerei Sonnenschein","description":"Brot\nund Kuchen","accent":"#fde047","accent_2":"#0f766e","support_email":"hilfe@example.com","copyright":"© 2026"}`, "de", false, 200,
				[]string{`"version":3`, "etwas dunkler"}, nil},
		} {
			h := []string{"Accept-Language", s.language}
			if !s.anonymous {
				h = append(h, "Cookie", "staff")
			}
			a := send(w.staff, s.method, path, s.body, h...)
			if a.status != s.status {
				t.Errorf("%s: %d %s", s.story, a.status, a.body)
			}
			for _, text := range s.must {
				if !strings.Contains(a.body, text) {
					t.Errorf("%s: no %q in %s", s.story, text, a.body)
				}
			}
			for _, text := range s.mustNot {
				if strings.Contains(a.body, text) {
					t.Errorf("%s: %q in %s", s.story, text, a.body)
				}
			}
		}
		if len(w.pushes) != 2 {
			t.Errorf("pushes %v", w.pushes)
		}
		log, err := audit.List(ctx, w.db.Read(), audit.Query{Limit: 10})
		if err != nil || len(log) != 2 || log[0].Action != "branding.change" || strings.Contains(string(log[0].Detail), "example.com") {
			t.Errorf("%+v %v", log, err)
		}
		var n int
		var data string
		if err := w.db.Read().QueryRow(ctx, `SELECT count(*), max(data) FROM events WHERE name = 'branding.changed'`).Scan(&n, &data); err != nil || n != 2 || !strings.Contains(data, `"version":3`) {
			t.Errorf("%d facts, %s, %v", n, data, err)
		}
	})
}

func TestOnlyStaffChange(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		in := branding.Input{Name: "X", Accent: "#000000"}
		for _, a := range []auth.Actor{{}, auth.Client("ct_1", "se_1")} {
			_, get := w.Get(ctx, a)
			_, save := w.Save(ctx, a, in)
			_, set := w.SetPicture(ctx, a, branding.Logo, nil)
			_, remove := w.RemovePicture(ctx, a, branding.Logo)
			for i, err := range []error{get, save, set, remove} {
				if !errors.Is(err, auth.ErrNotStaff) {
					t.Errorf("verb %d as %q: %v", i, a.Kind, err)
				}
			}
		}
		if _, err := w.Save(ctx, auth.Staff("Ada", "window"), in); err != nil {
			t.Error(err)
		}
	})
}

func TestPictures(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		teal := color.NRGBA{0, 128, 128, 255}
		for _, s := range []struct {
			story, kind, media, body string
			status                   int
			code, form               string
			width, height            int
		}{
			{"a wide logo", "logo", "image/png", picture(t, "png", 2000, 500, teal), 200, "", "png", 512, 128},
			{"a logo from a camera", "logo", "image/jpeg", picture(t, "jpeg", 640, 640, teal), 200, "", "png", 512, 512},
			{"a small icon, not square", "icon", "image/png", picture(t, "png", 60, 40, teal), 200, "", "png", 512, 512},
			{"a cover that hides nothing", "cover", "image/png", picture(t, "png", 1600, 900, teal), 200, "", "jpeg", 1440, 810},
			{"a cover one sees through", "cover", "image/png", picture(t, "png", 90, 60, color.NRGBA{0, 128, 128, 9}), 200, "", "png", 90, 60},
			{"a drawing", "logo", "image/svg+xml", `<?xml version="1.0"?><!-- x --><SVG xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></SVG>`, 415, "branding.svg", "", 0, 0},
			{"a drawing in disguise", "logo", "image/png", "\ufeff \n<svg onload=alert(1)>", 415, "branding.svg", "", 0, 0},
			{"a page", "logo", "image/png", "<html><script>alert(1)</script>", 415, "blob.picture_kind", "", 0, 0},
			{"nothing much", "cover", "image/png", "x", 415, "blob.picture_kind", "", 0, 0},
			{"a kind that is none", "banner", "image/png", picture(t, "png", 9, 9, teal), 422, "", "", 0, 0},
		} {
			a := w.asStaff("PUT", path+"/images/"+s.kind, s.body, "Content-Type", s.media)
			if a.status != s.status || !strings.Contains(a.body, s.code) {
				t.Errorf("%s: %d %.300s", s.story, a.status, a.body)
				continue
			}
			if s.status != 200 {
				continue
			}
			var told map[string]any
			if err := json.Unmarshal([]byte(a.body), &told); err != nil {
				t.Fatal(err)
			}
			url, _ := told[s.kind+"_url"].(string)
			shown := w.asStaff("GET", url, "")
			m, form := decoded(t, shown.body)
			if size := m.Bounds().Size(); form != s.form || size.X != s.width || size.Y != s.height || shown.header.Get("Content-Type") != "image/"+s.form {
				t.Errorf("%s: %s %v %s", s.story, form, size, shown.header.Get("Content-Type"))
			}
			if csp := shown.header.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") || !strings.Contains(shown.header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %s, %s", s.story, csp, shown.header.Get("Cache-Control"))
			}
		}
		if a := send(w.staff, "GET", path+"/images/logo", ""); a.status != 401 {
			t.Errorf("a stranger on the staff listener: %d", a.status)
		}
	})
}

func TestOldPicturesGo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		put := func(c color.Color) {
			if a := w.asStaff("PUT", path+"/images/logo", picture(t, "png", 50, 50, c), "Content-Type", "image/png"); a.status != 200 {
				t.Fatal(a.body)
			}
		}
		id := func() (id string) {
			if err := w.db.Read().QueryRow(ctx, `SELECT logo FROM brand`).Scan(&id); err != nil {
				t.Fatal(err)
			}
			return id
		}
		put(color.White)
		first := id()
		put(color.Black)
		second := id()
		if _, _, _, err := w.blobs.Open(first); err == nil || first == second {
			t.Errorf("the old logo is still there: %s %s", first, second)
		}
		if in, err := w.HasPicture(ctx, second); !in || err != nil {
			t.Errorf("the new one is not known: %v", err)
		}
		if in, err := w.HasPicture(ctx, first); in || err != nil {
			t.Errorf("the old one is known: %v", err)
		}
		for range 2 { // taking away what is not there is fine
			if a := w.asStaff("DELETE", path+"/images/logo", ""); a.status != 200 || !strings.Contains(a.body, `"logo_url":null`) || !strings.Contains(a.body, `"version":4`) {
				t.Errorf("%d %s", a.status, a.body)
			}
		}
		if _, _, _, err := w.blobs.Open(second); err == nil {
			t.Error("the removed logo is still there")
		}
		if a := w.asStaff("GET", path+"/images/logo", ""); a.status != 404 {
			t.Errorf("%d", a.status)
		}
	})
}

// harmless is all that a stylesheet of ours may hold.
var harmless = regexp.MustCompile(`^(:root(\[data-theme=(light|dark)\])?\{(--brand-accent(-2)?(-text)?:#[0-9a-f]{6};?){4}\}\n|@media \(prefers-color-scheme:dark\)\{:root\{(--brand-accent(-2)?(-text)?:#[0-9a-f]{6};?){4}\}\}\n)+$`)

func TestStylesheetCannotBeInjected(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, accent := range []string{"#123456", "#12345;}body{display:none", "red;}@import url(//evil)", "", "</style><script>"} {
			// Behind the room's back, as a damaged store or an older release might.
			if err := w.db.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE brand SET version = version + 1, accent = $1, accent_2 = $1, name = '}*{color:red'`, accent)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			a := send(w.portal, "GET", "/brand.css", "")
			if a.status != 200 || !harmless.MatchString(a.body) || a.header.Get("Content-Type") != "text/css; charset=utf-8" {
				t.Errorf("%q: %d %s %s", accent, a.status, a.header.Get("Content-Type"), a.body)
			}
		}
	})
}

func TestPublicFiles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		staff := auth.Staff("Ada", "window")
		b, err := w.Save(ctx, staff, branding.Input{Name: `Ü "><script>`, Description: "</script>", Accent: "#fde047"})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []struct {
			path, kind string
			width      int
			forever    bool
		}{
			{"/brand.css?v=2", "text/css; charset=utf-8", 0, true}, {"/brand.css?v=1", "text/css; charset=utf-8", 0, false}, {"/brand.css", "text/css; charset=utf-8", 0, false},
			{"/brand/icon-192.png", "image/png", 192, false}, {"/brand/icon-512.png?v=2", "image/png", 512, true}, {"/brand/icon-maskable-512.png?v=2", "image/png", 512, true},
			{"/manifest.webmanifest?v=2", "application/manifest+json", 0, false},
		} {
			a := send(w.portal, "GET", s.path, "", "Accept-Language", "de")
			if a.status != 200 || a.header.Get("Content-Type") != s.kind || strings.Contains(a.header.Get("Cache-Control"), "immutable") != s.forever {
				t.Errorf("%s: %d %v", s.path, a.status, a.header)
			}
			if s.width > 0 {
				if m, form := decoded(t, a.body); m.Bounds().Dx() != s.width || m.Bounds().Dy() != s.width || form != "png" {
					t.Errorf("%s: %v", s.path, m.Bounds())
				}
			}
			again := send(w.portal, "GET", s.path, "", "Accept-Language", "de", "If-None-Match", a.header.Get("ETag"))
			head := send(w.portal, "HEAD", s.path, "")
			if again.status != 304 || head.status != 200 || head.body != "" {
				t.Errorf("%s: again %d, head %d", s.path, again.status, head.status)
			}
		}
		for _, path := range []string{"/brand/logo", "/brand/cover?v=2", "/brand/other"} {
			if a := send(w.portal, "GET", path, ""); a.status != 404 {
				t.Errorf("%s: %d", path, a.status)
			}
		}
		if b.LogoURL != "" || b.IconURL != "/brand/icon-192.png?v=2" || b.CSSURL != "/brand.css?v=2" {
			t.Errorf("%+v", b)
		}
		manifest := send(w.portal, "GET", "/manifest.webmanifest", "", "Accept-Language", "de")
		var m map[string]any
		if err := json.Unmarshal([]byte(manifest.body), &m); err != nil || m["name"] != `Ü "><script>` || m["lang"] != "de" || m["start_url"] != "/" || m["display"] != "standalone" ||
			m["theme_color"] != b.Light.Accent.Color.Hex() || strings.Contains(manifest.body, "<script") {
			t.Errorf("%s %v", manifest.body, err)
		}
		if !strings.Contains(manifest.body, `"purpose":"maskable"`) {
			t.Error("no maskable icon")
		}
	})
}

func TestUnnamedManifestIsInTheReadersLanguage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for language, name := range map[string]string{"en": `"Client portal"`, "de-AT,de;q=0.8": `"Kundenportal"`, "fr": `"Client portal"`} {
			a := send(w.portal, "GET", "/manifest.webmanifest", "", "Accept-Language", language)
			if !strings.Contains(a.body, `"name":`+name) || !strings.Contains(a.header.Get("Vary"), "Accept-Language") {
				t.Errorf("%s: %s", language, a.body)
			}
		}
	})
}

func TestFaviconIsAnIcon(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		check := func(story string) {
			a := send(w.portal, "GET", "/favicon.ico", "")
			if a.status != 200 || len(a.body) < 22 || binary.LittleEndian.Uint16([]byte(a.body)[2:]) != 1 || a.body[6] != 32 || a.body[7] != 32 ||
				int(binary.LittleEndian.Uint32([]byte(a.body)[14:])) != len(a.body)-22 || binary.LittleEndian.Uint32([]byte(a.body)[18:]) != 22 {
				t.Fatalf("%s: %d % x", story, a.status, a.body[:min(len(a.body), 22)])
			}
			if m, form := decoded(t, a.body[22:]); form != "png" || m.Bounds().Dx() != 32 {
				t.Errorf("%s: %s %v", story, form, m.Bounds())
			}
		}
		check("made of nothing")
		if a := w.asStaff("PUT", path+"/images/icon", picture(t, "png", 300, 300, color.NRGBA{200, 0, 0, 255}), "Content-Type", "image/png"); a.status != 200 {
			t.Fatal(a.body)
		}
		check("made of the owner's")
		m, _ := decoded(t, send(w.portal, "GET", "/brand/icon-192.png", "").body)
		if r, g, _, _ := m.At(10, 10).RGBA(); r>>8 != 200 || g != 0 {
			t.Errorf("the owner's icon is not shown: %v", m.At(10, 10))
		}
		mask, _ := decoded(t, send(w.portal, "GET", "/brand/icon-maskable-512.png", "").body)
		if r, g, _, a := mask.At(3, 3).RGBA(); r>>8 != 200 || g != 0 || a>>8 != 255 {
			t.Errorf("the mask's ground is %v", mask.At(3, 3))
		}
	})
}

func TestCurrentFollowsCommitsOnly(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		staff := auth.Staff("Ada", "window")
		name := func() string {
			b, err := w.Current(ctx, w.db.Read())
			if err != nil {
				t.Fatal(err)
			}
			return b.Name
		}
		if _, err := w.Save(ctx, staff, branding.Input{Name: "One", Accent: "#000000"}); err != nil || name() != "One" {
			t.Fatal(err)
		}
		undo := errors.New("undo")
		err := w.db.Write(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `UPDATE brand SET version = version + 1, name = 'Never'`); err != nil {
				return err
			}
			b, err := w.Current(ctx, tx)
			if err != nil || b.Name != "Never" {
				t.Errorf("inside: %+v %v", b, err)
			}
			return undo
		})
		if !errors.Is(err, undo) || name() != "One" {
			t.Errorf("after undoing: %s %v", name(), err)
		}
		if _, err := w.Save(ctx, staff, branding.Input{Name: "Two", Accent: "#000000"}); err != nil || name() != "Two" {
			t.Errorf("the same version as the undone one shows %s, %v", name(), err)
		}
	})
}
