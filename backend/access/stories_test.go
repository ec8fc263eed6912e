package access_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/backend/backendtest"
)

// outcomes are the results of a sending action by what was asked for.
func outcomes(r backendtest.Reply) map[string][3]string {
	out := map[string][3]string{}
	for _, o := range r.List("results") {
		id, _ := o["contact_id"].(string)
		email, _ := o["email"].(string)
		status, _ := o["status"].(string)
		reason, _ := o["reason"].(string)
		key := email
		if key == "" {
			key = id
		}
		out[key] = [3]string{status, reason, id}
	}
	return out
}

func suspend(w *backendtest.World, id string) {
	w.Staff.Must("POST", "/api/staff/portal/contacts/"+id+"/suspend", m{}, 200)
}

func path(made backendtest.Reply) string {
	return strings.TrimPrefix(made.Text("url"), backendtest.PortalURL)
}

func TestInvitingAnswersForEachRecipient(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		w.WithMail()
		ana, sue, joe := w.Contact("Ana", "ana@example.com"), w.Contact("Sue", "sue@example.com"), w.Contact("Joe", "joe@example.com")
		mute, gone := w.Contact("Mute"), w.Contact("Gone", "gone@example.com")
		suspend(w, sue)
		w.SignedIn(joe, "127.1.0.1")
		w.Staff.Must("DELETE", "/api/staff/contacts/"+gone, nil, 204)
		w.Staff.Must("POST", "/api/staff/mail/suppressions", m{"email": "blocked@example.com"}, 201)
		got := outcomes(w.Staff.Must("POST", "/api/staff/portal/invitations", m{"contact_ids": []string{sue, joe, mute, gone, "ct_none"},
			"emails": []string{" ANA@Example.COM", "new@bücher.example", "not an address", "blocked@example.com", "two@example.com, three@example.com"}}, 200))
		for who, want := range map[string]string{"sue@example.com": "skipped", "joe@example.com": "skipped", mute: "skipped", gone: "failed", "ct_none": "failed", "ana@example.com": "queued",
			"ANA@example.com": "queued", "new@bücher.example": "queued", "not an address": "failed", "blocked@example.com": "skipped", "two@example.com, three@example.com": "failed"} {
			o, ok := got[who]
			if !ok {
				continue
			}
			if o[0] != want || (want == "queued") != (o[1] == "") || strings.ContainsAny(o[1], "{}") {
				t.Errorf("%s: %v, want %s", who, o, want)
			}
			delete(got, who)
		}
		if len(got) != 0 {
			t.Errorf("not expected: %v", got)
		}
		german := w.Staff.Request("POST", "/api/staff/portal/invitations", m{"contact_ids": []string{mute}, "emails": []string{"blocked@example.com"}})
		german.Header.Set("Accept-Language", "de")
		if got := outcomes(w.Staff.Send(german)); !strings.Contains(got[mute][1], "keine E-Mail-Adresse") || !strings.Contains(got["blocked@example.com"][1], "Liste gesperrter Adressen") {
			t.Errorf("in German: %v", got)
		}
		if n := w.Staff.Must("GET", "/api/staff/contacts?search=ana%40", nil, 200).List("items"); len(n) != 1 || n[0]["id"] != ana {
			t.Errorf("another spelling made another contact: %v", n)
		}
		if n := w.Staff.Must("GET", "/api/staff/contacts?search=new", nil, 200).List("items"); len(n) != 1 {
			t.Errorf("a new address made %d contacts", len(n))
		}
		w.Await("ana@example.com", 1)
		for _, l := range w.Mail.All() {
			if strings.HasPrefix(l.To, "sue@") || strings.HasPrefix(l.To, "blocked@") || strings.HasPrefix(l.To, "gone@") {
				t.Errorf("mail went to %s", l.To)
			}
		}
	})
}

func TestAResentInvitationReplacesTheFirstAndBothCanBeRevoked(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		w.WithMail()
		ana := w.Contact("Ana", "ana@example.com")
		invite := func(n int) string {
			w.Staff.Must("POST", "/api/staff/portal/invitations", m{"contact_ids": []string{ana}, "target": "/profile"}, 200)
			return w.Await("ana@example.com", n).Link()
		}
		first := invite(1)
		second := invite(2)
		if r := w.Browser("127.1.0.1").Follow(first); r.Status != http.StatusGone {
			t.Errorf("the first still works: %d", r.Status)
		}
		if r := w.Browser("127.1.0.1").Follow(second); r.Status != 200 {
			t.Errorf("the second: %d", r.Status)
		}
		revoke := func() string {
			return outcomes(w.Staff.Must("POST", "/api/staff/portal/invitations/revoke", m{"contact_ids": []string{ana}}, 200))["ana@example.com"][0]
		}
		if a, b := revoke(), revoke(); a != "done" || b != "skipped" {
			t.Errorf("revoking: %s, again: %s", a, b)
		}
		if r := w.Browser("127.1.0.1").Follow(second); r.Status != http.StatusGone {
			t.Errorf("a revoked invitation: %d", r.Status)
		}
		third := invite(3)
		b := w.Browser("127.1.0.2")
		b.Follow(third)
		if r := b.Form("/k", nil); r.Status != 303 || r.Header.Get("Location") != "/profile" {
			t.Errorf("the third: %d %v", r.Status, r.Header)
		}
		if sum := w.Staff.Must("GET", "/api/staff/portal", nil, 200); sum.Number("invited") != 1 || sum.Number("joined_invited") != 1 {
			t.Errorf("counted more than once: %s", sum.Body)
		}
	})
}

func TestABatchOf250AnswersInOrder(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		var ids []string
		var want []string
		for i := range 250 {
			switch i % 5 {
			case 4:
				ids, want = append(ids, w.Contact(fmt.Sprint("No address ", i))), append(want, "skipped")
			case 3:
				ids, want = append(ids, fmt.Sprint("ct_none", i)), append(want, "failed")
			default:
				ids, want = append(ids, w.Contact(fmt.Sprint("Client ", i), fmt.Sprintf("c%d@example.com", i))), append(want, "queued")
			}
		}
		suspend(w, ids[0])
		want[0] = "skipped"
		for _, action := range []string{"invitations", "login-emails"} {
			results := w.Staff.Must("POST", "/api/staff/portal/"+action, m{"contact_ids": ids}, 200).List("results")
			if len(results) != len(ids) {
				t.Fatalf("%s: %d answers", action, len(results))
			}
			for i, r := range results {
				if r["contact_id"] != ids[i] || r["status"] != want[i] {
					t.Errorf("%s %d: %v, want %s %s", action, i, r, ids[i], want[i])
				}
			}
		}
		if n := w.Staff.Must("GET", "/api/staff/portal", nil, 200).Number("invited"); n != 149 {
			t.Errorf("%d invited", n)
		}
		seen := map[any]bool{}
		for cursor, pages := "", 0; ; pages++ {
			r := w.Staff.Must("GET", "/api/staff/portal/people?list=invited&limit=40&cursor="+cursor, nil, 200)
			for _, p := range r.List("items") {
				if seen[p["contact_id"]] {
					t.Errorf("%v is listed twice", p["contact_id"])
				}
				seen[p["contact_id"]] = true
			}
			if cursor = r.Text("next_cursor"); cursor == "" || pages > 10 {
				break
			}
		}
		if len(seen) != 149 {
			t.Errorf("%d are listed; all were invited at the same instant", len(seen))
		}
	})
}

func TestACodeIsForgivingAndDiesAfterFiveTries(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		w.WithMail().Link(w.Contact("Ana", "ana@example.com", "second@example.com"))
		mails := 0
		ask := func(address string) (*backendtest.Client, backendtest.Letter) {
			w.Clock.Advance(16 * time.Minute)
			b := w.Browser(address)
			b.Must("POST", "/api/portal/login", m{"email": "ana@example.com"}, 202)
			mails++
			return b, w.Await("ana@example.com", mails)
		}
		try := func(b *backendtest.Client, email, code string) int {
			return b.Do("POST", "/api/portal/login/code", m{"email": email, "code": code}).Status
		}
		mumbled := func(code string) string {
			return " " + strings.ToLower(strings.NewReplacer("0", "o", "1", "l").Replace(code[:4]+" - "+code[4:])) + " "
		}
		b, letter := ask("127.1.0.1")
		if strings.Contains(letter.Subject, letter.Code()) {
			t.Error("the subject carries the code")
		}
		if got := try(b, "Second@Example.com", mumbled(letter.Code())); got != 200 {
			t.Errorf("mumbled: %d", got)
		}
		if r := w.Browser("127.1.0.9").Follow(letter.Link()); r.Status != http.StatusGone {
			t.Errorf("the link of a mail whose code was used: %d", r.Status)
		}
		b, letter = ask("127.1.0.1")
		for i := range 5 {
			if got := try(b, "ana@example.com", "0000000"+fmt.Sprint(i)); got != 401 {
				t.Errorf("wrong: %d", got)
			}
		}
		if got := try(b, "ana@example.com", letter.Code()); got != 401 {
			t.Errorf("the sixth try: %d", got)
		}
		if r := b.Copy().Follow(letter.Link()); r.Status != http.StatusGone {
			t.Errorf("its link: %d", r.Status)
		}
		b, letter = ask("127.1.0.1")
		if got := try(w.Browser("127.1.0.2"), "ana@example.com", letter.Code()); got != 401 {
			t.Errorf("in another browser: %d", got)
		}
		if got := try(b, "bob@example.com", letter.Code()); got != 401 {
			t.Errorf("for another address: %d", got)
		}
		w.Clock.Advance(10 * time.Minute)
		if got := try(b, "ana@example.com", letter.Code()); got != 401 {
			t.Errorf("after ten minutes: %d", got)
		}
		b, letter = ask("127.1.0.3")
		w.Clock.Advance(10*time.Minute - time.Second)
		if r := b.Form("/login/code", url.Values{"email": {"ana@example.com"}, "code": {letter.Code()}}); r.Status != 303 || b.Cookie("portico") == "" || b.Cookie("lr") != "" {
			t.Errorf("without script: %d %v", r.Status, r.Header)
		}
		policy := w.Staff.Must("GET", "/api/staff/portal/policy", nil, 200).JSON
		delete(policy, "limits")
		policy["code_sign_in"] = false
		b, letter = ask("127.1.0.4")
		w.Staff.Must("PUT", "/api/staff/portal/policy", policy, 200)
		if got := try(b, "ana@example.com", letter.Code()); got != 401 {
			t.Errorf("codes are switched off: %d", got)
		}
		if _, letter := ask("127.1.0.5"); letter.Code() != "" || letter.Link() == "" {
			t.Errorf("a mail with a code that does not work: %s", letter.Text)
		}
	})
}

func TestAnEndedLinkRenewsItself(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		w.WithMail()
		ana := w.Contact("Ana", "ana@example.com")
		made := w.Staff.Must("POST", "/api/staff/portal/magic-links", m{"contact_id": ana, "target": "/profile"}, 201)
		w.Clock.Advance(25 * time.Hour)
		b := w.Browser("127.1.0.1")
		if r := b.Follow(path(made)); r.Status != http.StatusGone || strings.Contains(r.Body, "ana@") {
			t.Fatalf("expired: %d %s", r.Status, r.Body)
		}
		renewed := b.Form("/k/renew", nil)
		letter := w.Await("ana@example.com", 1)
		if r := b.Do("POST", "/api/portal/login/code", m{"email": "ana@example.com", "code": letter.Code()}); r.Status != 200 || r.Text("next") != "/profile" {
			t.Errorf("the code of the fresh mail: %d %s", r.Status, r.Body)
		}
		stranger := w.Browser("127.1.0.2")
		stranger.Get("/k/" + strings.Repeat("1", 65))
		if r := stranger.Form("/k/renew", nil); r.Status != renewed.Status || r.Body != renewed.Body {
			t.Errorf("an unknown link answers otherwise: %d, %d", r.Status, renewed.Status)
		}
		if r := w.Browser("127.1.0.3").Form("/k/renew", nil); r.Status != renewed.Status || r.Body != renewed.Body {
			t.Errorf("without a link: %d", r.Status)
		}
		// A link to an address that was given up does not reach the new one.
		other := w.Link(ana)
		w.Staff.Must("PATCH", "/api/staff/contacts/"+ana, m{"emails": []string{"new@example.com"}}, 200)
		b = w.Browser("127.1.0.4")
		if r := b.Follow(other); r.Status != http.StatusGone {
			t.Errorf("a link to the old address: %d", r.Status)
		}
		b.Form("/k/renew", nil)
		suspended := w.Contact("Sue", "sue@example.com")
		link := w.Link(suspended)
		suspend(w, suspended)
		b = w.Browser("127.1.0.5")
		b.Follow(link)
		b.Form("/k/renew", nil)
		last := w.Contact("Last", "last@example.com")
		w.Link(last)
		w.Browser("127.1.0.6").Must("POST", "/api/portal/login", m{"email": "last@example.com"}, 202)
		w.Await("last@example.com", 1) // whatever was to come has come before it
		for _, l := range w.Mail.All() {
			if l.To == "new@example.com" || l.To == "sue@example.com" {
				t.Errorf("mail went to %s: %s", l.To, l.Subject)
			}
		}
	})
}

func TestAskingForMailIsLimited(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		w.WithMail()
		for _, name := range []string{"ana", "bob", "zoe"} {
			w.Link(w.Contact(name, name+"@example.com"))
		}
		ask := func(email, from string) {
			t.Helper()
			w.Browser(from).Must("POST", "/api/portal/login", m{"email": email}, 202)
		}
		count := func(email string) (n int) {
			for _, l := range w.Mail.All() {
				if l.To == email {
					n++
				}
			}
			return n
		}
		marker := 0
		settled := func() { // a mail asked for last arrives after all that were asked for before
			marker++
			w.Clock.Advance(time.Second)
			name := fmt.Sprintf("marker%d@example.com", marker)
			w.Link(w.Contact("Marker", name))
			ask(name, fmt.Sprintf("127.99.0.%d", marker))
			w.Await(name, 1)
		}
		for i := range 6 {
			ask([]string{"ana@example.com", " ANA@example.com"}[i%2], fmt.Sprintf("127.1.0.%d", i+1))
		}
		w.Await("ana@example.com", 3)
		if settled(); count("ana@example.com") != 3 {
			t.Errorf("an address got %d mails in 15 minutes", count("ana@example.com"))
		}
		for i := range 12 {
			ask(fmt.Sprintf("nobody%d@example.com", i), "127.2.0.1")
		}
		ask("bob@example.com", "127.2.0.1")
		if settled(); count("bob@example.com") != 0 {
			t.Error("a network asked more than ten times")
		}
		ask("bob@example.com", "127.2.0.2")
		w.Await("bob@example.com", 1)
		w.Clock.Advance(31 * time.Minute)
		ask("ana@example.com", "127.2.0.1")
		w.Await("ana@example.com", 4)
		for i := range 12 { // ten a day
			w.Clock.Advance(31 * time.Minute)
			ask("zoe@example.com", "127.3.0.1")
			w.Await("zoe@example.com", min(i+1, 10))
		}
		if settled(); count("zoe@example.com") != 10 {
			t.Errorf("an address got %d mails in a day", count("zoe@example.com"))
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana := w.Contact("Ana", "ana@example.com")
		status := func(b *backendtest.Client) int { return b.Do("GET", "/api/portal/me", nil).Status }
		idle := w.SignedIn(ana, "127.1.0.1")
		w.Clock.Advance(14*24*time.Hour - time.Minute)
		if status(idle) != 200 {
			t.Error("ended before 14 days")
		}
		seen := func() bool {
			l := w.Staff.Must("GET", "/api/staff/portal/contacts/"+ana, nil, 200).List("sessions")
			return len(l) == 1 && l[0]["last_seen_at"] == w.Clock.Now().Format("2006-01-02T15:04:05Z")
		}
		w.Eventually("the use is written down", seen)
		w.Clock.Advance(14 * 24 * time.Hour)
		if status(idle) != 401 {
			t.Error("not used for 14 days and still good")
		}
		busy := w.SignedIn(ana, "127.1.0.2")
		for range 4 {
			w.Clock.Advance(7 * 24 * time.Hour)
			if status(busy) != 200 {
				t.Fatal("a busy session ended before 30 days")
			}
			w.Eventually("the use is written down", seen)
		}
		w.Clock.Advance(2 * 24 * time.Hour)
		if status(busy) != 401 {
			t.Error("30 days are the end")
		}
		var all []*backendtest.Client
		for range 22 {
			w.Clock.Advance(time.Minute)
			all = append(all, w.SignedIn(ana, "127.1.0.3"))
		}
		good := 0
		for _, b := range all {
			if status(b) == 200 {
				good++
			}
		}
		if good != 20 || status(all[0]) != 401 || status(all[1]) != 401 {
			t.Errorf("%d sessions at once", good)
		}
		all[5].Must("POST", "/api/portal/sessions/sign-out-others", nil, 204)
		if status(all[5]) != 200 || status(all[6]) != 401 {
			t.Error("signing the others out")
		}
		w.Staff.Must("POST", "/api/staff/portal/contacts/"+ana+"/sign-out", m{}, 200)
		if status(all[5]) != 401 {
			t.Error("signed out everywhere and still in")
		}
	})
}

// Promise A20: time does not go back, whatever the machine says.
func TestAClockSetBackRevivesNothing(t *testing.T) {
	t.Parallel()
	w := backendtest.New(t, "")
	ana := w.Contact("Ana", "ana@example.com")
	link, in := w.Link(ana), w.SignedIn(ana, "127.1.0.1")
	w.Clock.Advance(31 * 24 * time.Hour)
	if r := w.Browser("127.1.0.2").Follow(link); r.Status != http.StatusGone {
		t.Errorf("expired: %d", r.Status)
	}
	w.Clock.Advance(-31 * 24 * time.Hour)
	b := w.Browser("127.1.0.2")
	if r := b.Follow(link); r.Status != http.StatusGone {
		t.Errorf("the link came to life: %d", r.Status)
	}
	if r := b.Form("/k", nil); r.Status != http.StatusGone || b.Cookie("portico") != "" {
		t.Errorf("and signs in: %d", r.Status)
	}
	if r := in.Do("GET", "/api/portal/me", nil); r.Status != 401 {
		t.Errorf("the session came to life: %d", r.Status)
	}
}

// The words of security.md c3b, one by one.
func TestTheNumbersMeanWhatTheySay(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		numbers := func(what string, want [5]int) {
			t.Helper()
			var got [5]int
			w.Eventually(what, func() bool {
				r := w.Staff.Must("GET", "/api/staff/portal", nil, 200)
				for i, key := range []string{"invited", "accepted", "opened", "joined", "joined_invited"} {
					got[i] = r.Number(key)
				}
				return got == want
			})
		}
		ana, bob := w.Contact("Ana", "ana@example.com"), w.Contact("Bob", "bob@example.com")
		invite := func() {
			w.Staff.Must("POST", "/api/staff/portal/invitations", m{"contact_ids": []string{ana}}, 200)
		}
		numbers("nobody", [5]int{})
		invite()
		numbers("invited, no account yet", [5]int{1, 0, 0, 0, 0})
		w.Link(bob)
		numbers("a link to copy is no invitation", [5]int{1, 0, 0, 0, 0})
		w.WithMail()
		letter := w.Await("ana@example.com", 1)
		numbers("the server took it", [5]int{1, 1, 0, 0, 0})
		w.Browser("127.1.0.1").Do("HEAD", letter.Link(), nil)
		w.Browser("127.1.0.1").Do("GET", letter.Link(), nil) // no navigation: a scanner
		numbers("a scanner is nobody", [5]int{1, 1, 0, 0, 0})
		b := w.Browser("127.1.0.1")
		b.Follow(letter.Link())
		numbers("opened", [5]int{1, 1, 1, 0, 0})
		w.SignedIn(bob, "127.1.0.2")
		numbers("joined without invitation", [5]int{1, 1, 1, 1, 0})
		invite()
		numbers("invited again is counted once", [5]int{1, 1, 1, 1, 0})
		second := w.Await("ana@example.com", 2)
		in := w.Browser("127.1.0.1")
		in.Follow(second.Link())
		if r := in.Form("/k", nil); r.Status != 303 {
			t.Fatalf("joining: %d", r.Status)
		}
		numbers("joined", [5]int{1, 1, 1, 2, 1})
		w.SignedIn(ana, "127.1.0.4")
		numbers("joined is once", [5]int{1, 1, 1, 2, 1})
		w.Staff.Must("DELETE", "/api/staff/contacts/"+ana, nil, 204)
		numbers("deleted contacts do not count", [5]int{0, 0, 0, 1, 0})
		w.Staff.Must("POST", "/api/staff/contacts/"+ana+"/restore", m{}, 200)
		numbers("restored", [5]int{1, 1, 1, 2, 1})
		for list, want := range map[string]int{"invited": 1, "accepted": 1, "opened": 1, "joined": 2, "not_joined": 0, "undelivered": 0, "suspended": 0} {
			if n := len(w.Staff.Must("GET", "/api/staff/portal/people?list="+list, nil, 200).List("items")); n != want {
				t.Errorf("the list %s has %d, its number says %d", list, n, want)
			}
		}
	})
}

func TestDeletingAContactEndsAllAccessForGood(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana := w.Contact("Ana", "ana@example.com")
		in, open := w.SignedIn(ana, "127.1.0.1"), w.Link(ana)
		w.Staff.Must("DELETE", "/api/staff/contacts/"+ana, nil, 204)
		refused := func(when string) {
			t.Helper()
			if r := in.Do("GET", "/api/portal/me", nil); r.Status != 401 {
				t.Errorf("%s: the session: %d", when, r.Status)
			}
			b := w.Browser("127.1.0.2")
			if r := b.Follow(open); r.Status != http.StatusGone {
				t.Errorf("%s: the link: %d", when, r.Status)
			}
			if r := b.Form("/k", nil); r.Status != http.StatusGone || b.Cookie("portico") != "" {
				t.Errorf("%s: using it: %d", when, r.Status)
			}
		}
		refused("deleted")
		w.Staff.Must("POST", "/api/staff/portal/magic-links", m{"contact_id": ana}, 404)
		w.Staff.Must("POST", "/api/staff/contacts/"+ana+"/restore", m{}, 200)
		refused("restored")
		w.SignedIn(ana, "127.1.0.3") // with a new link, as staff decided
	})
}

func TestStaffAddressesWorkOnceAndForAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		policy := w.Staff.Must("GET", "/api/staff/portal/policy", nil, 200).JSON
		delete(policy, "limits")
		policy["login_mail_ttl"] = 60
		if r := w.Staff.Do("PUT", "/api/staff/portal/policy", policy); r.Status != 422 || r.List("errors")[0]["field"] != "login_mail_ttl" {
			t.Errorf("a life too short: %d %s", r.Status, r.Body)
		}
		for _, name := range []string{"", "   ", strings.Repeat("x", 81)} {
			if r := w.Staff.Do("POST", "/api/staff/tokens", m{"name": name}); r.Status != 422 {
				t.Errorf("a token named %q: %d", name, r.Status)
			}
		}
		token := w.Staff.Must("POST", "/api/staff/tokens", m{"name": "one"}, 201)
		w.Staff.Must("POST", "/api/staff/staff-link", m{}, 201)
		if n := w.Staff.Must("GET", "/api/staff/tokens", nil, 200); len(n.List("items")) != 1 || strings.Contains(n.Body, token.Text("token")) {
			t.Errorf("tokens: %s", n.Body)
		}
		w.Staff.Must("DELETE", "/api/staff/tokens/"+token.Text("id"), nil, 204)
		w.Staff.Must("DELETE", "/api/staff/tokens/"+token.Text("id"), nil, 404)
	})
}

// Who is signed in is kept in memory; whatever ends it must be felt by the very
// next request.
func TestWhatEndsASessionIsFeltAtOnce(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		for name, end := range map[string]func(id string, b *backendtest.Client){
			"suspended": func(id string, _ *backendtest.Client) { suspend(w, id) },
			"signed out everywhere": func(id string, _ *backendtest.Client) {
				w.Staff.Must("POST", "/api/staff/portal/contacts/"+id+"/sign-out", m{}, 200)
			},
			"deleted": func(id string, _ *backendtest.Client) { w.Staff.Must("DELETE", "/api/staff/contacts/"+id, nil, 204) },
			"another address": func(id string, _ *backendtest.Client) {
				w.Staff.Must("PATCH", "/api/staff/contacts/"+id, m{"emails": []string{"new." + id + "@example.com"}}, 200)
			},
			"signed out": func(_ string, b *backendtest.Client) { b.Copy().Must("POST", "/api/portal/logout", nil, 204) },
			"too old":    func(string, *backendtest.Client) { w.Clock.Advance(15 * 24 * time.Hour) },
		} {
			id := w.Contact(name, strings.ReplaceAll(name, " ", ".")+"@example.com")
			b := w.SignedIn(id, "127.1.0.1")
			for range 3 {
				b.Must("GET", "/api/portal/home", nil, 200)
			}
			end(id, b)
			if r := b.Copy().Do("GET", "/api/portal/home", nil); r.Status != http.StatusUnauthorized {
				t.Errorf("%s: %d", name, r.Status)
			}
		}
		made := w.Staff.Must("POST", "/api/staff/tokens", m{"name": "script"}, 201)
		program := func() int {
			r := w.Staff.Request("GET", "/api/staff/me", nil)
			r.Header.Set("Authorization", "Bearer "+made.Text("token"))
			answer := httptest.NewRecorder()
			w.Backend.Staff().ServeHTTP(answer, r)
			return answer.Code
		}
		if status := program(); status != 200 {
			t.Fatalf("a token: %d", status)
		}
		w.Staff.Must("DELETE", "/api/staff/tokens/"+made.Text("id"), nil, 204)
		if status := program(); status != http.StatusUnauthorized {
			t.Errorf("a revoked token: %d", status)
		}
	})
}
