package backend_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/backend/backendtest"
)

type m = backendtest.Map

func TestAMagicLinkSignsInOnceAndSaysSo(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana := w.Contact("Ana Petrović", "ana@example.com")
		path := w.Link(ana)
		b := w.Browser("127.1.0.1")
		if r := b.Get(path); r.Status != 303 || r.Header.Get("Location") != "/k" || r.Header.Get("Referrer-Policy") != "no-referrer" || strings.Contains(r.Body, path) {
			t.Fatalf("opening: %d %v", r.Status, r.Header)
		}
		page := b.Get("/k")
		if page.Status != 200 || !strings.Contains(page.Body, "a•••@ex•••.com") || strings.Contains(page.Body, "ana@example.com") {
			t.Errorf("landing page: %d %s", page.Status, page.Body)
		}
		if in := b.Form("/k", nil); in.Status != 303 || in.Header.Get("Location") != "/" || b.Cookie("portico") == "" || b.Cookie("land") != "" {
			t.Fatalf("signing in: %d %v", in.Status, in.Header)
		}
		if r := b.Must("GET", "/api/portal/sessions", nil, 200); len(r.List("items")) != 1 || r.List("items")[0]["device"] != "Firefox on Linux" {
			t.Errorf("sessions: %s", r.Body)
		}
		sum := w.Staff.Must("GET", "/api/staff/portal", nil, 200)
		if sum.Number("joined") != 1 || sum.Number("invited") != 0 || sum.Number("joined_invited") != 0 {
			t.Errorf("dashboard: %s", sum.Body)
		}
		other := w.Browser("127.1.0.2")
		if r := other.Follow(path); r.Status != http.StatusGone || !strings.Contains(r.Body, "no longer valid") {
			t.Errorf("a used link in another browser: %d", r.Status)
		}
		if r := other.Form("/k", nil); r.Status != http.StatusGone || other.Cookie("portico") != "" {
			t.Errorf("using it again: %d", r.Status)
		}
		if r := b.Follow(path); r.Status == http.StatusGone {
			t.Errorf("the same browser is told off: %d", r.Status)
		}
	})
}

func TestOfAHundredParallelUsesOneGetsIn(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		path := w.Link(w.Contact("Ana", "ana@example.com"))
		first := w.Browser("127.1.0.1")
		first.Get(path)
		var in atomic.Int64
		var wg sync.WaitGroup
		for range 100 {
			b := first.Copy()
			wg.Go(func() {
				if b.Form("/k", nil).Status == http.StatusSeeOther {
					in.Add(1)
				}
			})
		}
		wg.Wait()
		if in.Load() != 1 {
			t.Errorf("%d sessions", in.Load())
		}
	})
}

func TestScannersChangeNothing(t *testing.T) {
	w := backendtest.New(t, "")
	path := w.Link(w.Contact("Ana", "ana@example.com"))
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			scanner := w.Browser("127.9.0.1").As("scanner/1.0")
			for _, method := range []string{http.MethodHead, http.MethodGet} {
				r := scanner.Do(method, path, nil)
				if method == http.MethodHead && (r.Status != 200 || r.Body != "" || scanner.Cookie("land") != "") {
					t.Errorf("HEAD: %d %q", r.Status, r.Body)
				}
			}
			scanner.Get("/k")
		})
	}
	wg.Wait()
	b := w.Browser("127.1.0.1")
	// Two kinds of browser opened it, so the address is asked for; it still works.
	if r := b.Follow(path); r.Status != 200 || !strings.Contains(r.Body, `name="email"`) {
		t.Fatalf("landing: %d", r.Status)
	}
	if r := b.Form("/k", nil); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("without the address: %d", r.Status)
	}
	if r := b.Form("/k", url.Values{"email": {"mallory@example.com"}}); r.Status != http.StatusUnprocessableEntity || b.Cookie("portico") != "" {
		t.Errorf("with a wrong address: %d", r.Status)
	}
	if r := b.Form("/k", url.Values{"email": {" ANA@example.com "}}); r.Status != http.StatusSeeOther {
		t.Errorf("with the right address: %d %s", r.Status, r.Body)
	}
}

func TestFiveWrongAddressesEndALink(t *testing.T) {
	w := backendtest.New(t, "")
	path := w.Link(w.Contact("Ana", "ana@example.com"))
	w.Browser("127.9.0.1").As("scanner/1.0").Get(path)
	b := w.Browser("127.1.0.1")
	b.Follow(path)
	for range 5 {
		b.Form("/k", url.Values{"email": {"x@example.com"}})
	}
	if r := b.Form("/k", url.Values{"email": {"ana@example.com"}}); r.Status != http.StatusGone {
		t.Errorf("the sixth try: %d", r.Status)
	}
}

func TestSuspendingEndsEverythingAtOnce(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana := w.Contact("Ana", "ana@example.com")
		b := w.SignedIn(ana, "127.1.0.1")
		open := w.Link(ana)
		for _, story := range []struct {
			verb  string
			state string
			in    int
		}{{"suspend", "suspended", 401}, {"restore", "joined", 401}} {
			r := w.Staff.Must("POST", "/api/staff/portal/contacts/"+ana+"/"+story.verb, m{}, 200)
			if r.Text("state") != story.state {
				t.Errorf("%s: %s", story.verb, r.Body)
			}
			if r := b.Do("GET", "/api/portal/sessions", nil); r.Status != story.in {
				t.Errorf("after %s: %d", story.verb, r.Status)
			}
		}
		if r := w.Browser("127.1.0.3").Follow(open); r.Status != http.StatusGone {
			t.Errorf("an open link outlived it: %d", r.Status)
		}
		w.Staff.Must("POST", "/api/staff/portal/contacts/"+ana+"/suspend", m{}, 200)
		if r := w.Staff.Do("POST", "/api/staff/portal/magic-links", m{"contact_id": ana}); r.Status != 403 || r.Text("code") != "access.suspended" {
			t.Errorf("a link for a suspended contact: %d %s", r.Status, r.Body)
		}
	})
}

func TestLinksLiveAsLongAsTheySay(t *testing.T) {
	w := backendtest.New(t, "")
	ana := w.Contact("Ana", "ana@example.com")
	for _, story := range []struct {
		seconds int
		after   time.Duration
		status  int
	}{
		{900, 14 * time.Minute, 200}, {900, 15 * time.Minute, 410}, {14 * 86400, 14*24*time.Hour - time.Minute, 200},
	} {
		made := w.Staff.Must("POST", "/api/staff/portal/magic-links", m{"contact_id": ana, "expires_in": story.seconds}, 201)
		w.Clock.Advance(story.after)
		if r := w.Browser("127.1.0.1").Follow(strings.TrimPrefix(made.Text("url"), backendtest.PortalURL)); r.Status != story.status {
			t.Errorf("%d s after %v: %d", story.seconds, story.after, r.Status)
		}
	}
	for _, seconds := range []int{60, 15 * 86400} {
		r := w.Staff.Do("POST", "/api/staff/portal/magic-links", m{"contact_id": ana, "expires_in": seconds})
		if r.Status != 422 || r.List("errors")[0]["field"] != "expires_in" {
			t.Errorf("%d s: %d %s", seconds, r.Status, r.Body)
		}
	}
}

func TestForgedTokensAreLimitedAndExpiredOnesAreNot(t *testing.T) {
	w := backendtest.New(t, "")
	real := w.Link(w.Contact("Ana", "ana@example.com"))
	w.Clock.Advance(25 * time.Hour)
	expired := w.Browser("127.1.0.1")
	expired.Get(real)
	forged := w.Browser("127.2.0.1")
	forged.Get(real[:len(real)-6] + "AAAAAA")
	var last int
	for range 40 {
		if r := expired.Copy().Form("/k", nil); r.Status != http.StatusGone {
			t.Fatalf("an expired link: %d", r.Status)
		}
		last = forged.Copy().Form("/k", nil).Status
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("forged tokens are not limited: %d", last)
	}
	if r := w.Browser("127.2.0.1").Get("/k/nonsense"); r.Status != 303 {
		t.Errorf("opening is never refused: %d", r.Status)
	}
}
