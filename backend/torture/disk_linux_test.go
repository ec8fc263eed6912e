package torture_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/backend/torture"
)

// shimmed is the program on a disk that can be made bad.
func shimmed(t *testing.T) (*torture.Program, *torture.Shim) {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("no gcc here to build the bad disk with")
	}
	shim, err := torture.BuildShim(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shim.Close() })
	p := prepared(t)
	if err := shim.Under(p); err != nil {
		t.Fatal(err)
	}
	return p, shim
}

// contact is a request that must reach the disk before it is answered.
func contact(api *torture.API, address string) (torture.Answer, error) {
	return api.Do(ctx, http.MethodPost, "/api/staff/contacts", map[string]any{"name": "Contact", "emails": []string{address}}, nil)
}

// TestADiskThatFailsIsNotTrusted: from the Nth failing call on nothing more is
// called saved, reading goes on, and after a restart everything acknowledged is
// there. fsync is what an acknowledgement rests on, so it is tried more often.
func TestADiskThatFailsIsNotTrusted(t *testing.T) {
	p, shim := shimmed(t)
	calls := []int{0, 1, 2, 3, 5, 8, 13, 40}
	if full {
		calls = nil
		for n := range 200 {
			calls = append(calls, n)
		}
	}
	acked := map[string]bool{}
	for _, trouble := range []torture.Trouble{torture.SyncEIO, torture.WriteEIO} {
		for _, n := range calls {
			shim.Set(torture.Fine, 0, 0)
			start(t, p)
			api := p.StaffAPI()
			shim.Set(trouble, n, 0)
			refused := untilRefused(t, api, acked, fmt.Sprintf("t%d-n%d", trouble, n))
			if refused.Status != http.StatusServiceUnavailable || refused.Code != "store.disk_error" || !strings.Contains(refused.Detail, "was not saved") {
				t.Errorf("trouble %d after %d calls: %d %s %q", trouble, n, refused.Status, refused.Code, refused.Detail)
			}
			if shim.Failed() == 0 {
				t.Errorf("trouble %d after %d calls: nothing failed", trouble, n)
			}
			shim.Set(torture.Fine, 0, 0)
			stopped(t, p, api)
			api.Close()
			p.Kill()
			if t.Failed() {
				t.Fatal(p.Said())
			}
		}
		compareAddresses(t, p, acked)
	}
}

// untilRefused writes from several sides until one is refused, and notes what
// was called saved.
func untilRefused(t *testing.T, api *torture.API, acked map[string]bool, name string) (refused torture.Answer) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				address := fmt.Sprintf("%s-%d-%d@disk.example", name, w, i)
				got, err := contact(api, address)
				mu.Lock()
				switch {
				case err != nil:
					t.Errorf("no answer: %v", err)
				case got.Status == http.StatusCreated:
					acked[address] = true
				default:
					refused = got
				}
				over := err != nil || refused.Status != 0 || i > 5000
				mu.Unlock()
				if over {
					return
				}
			}
		})
	}
	wg.Wait()
	return refused
}

// stopped wants a program that reads and does not write, although the disk is
// well again: what the failed call lost nobody knows.
func stopped(t *testing.T, p *torture.Program, api *torture.API) {
	t.Helper()
	if got, err := contact(api, "later@disk.example"); err != nil || got.Status != http.StatusServiceUnavailable {
		t.Errorf("a write after an I/O error: %d %v", got.Status, err)
	}
	if got, err := api.Do(ctx, http.MethodGet, "/readyz", nil, nil); err != nil || got.Status != http.StatusServiceUnavailable {
		t.Errorf("readyz after an I/O error: %d %v", got.Status, err)
	}
	if err := api.Must(ctx, http.MethodGet, "/api/staff/contacts?limit=5", nil, nil, http.StatusOK); err != nil {
		t.Errorf("reading after an I/O error: %v", err)
	}
	portal := p.PortalAPI()
	defer portal.Close()
	if err := portal.Must(ctx, http.MethodGet, "/login", nil, nil, http.StatusOK); err != nil {
		t.Errorf("the sign-in page after an I/O error: %v", err)
	}
}

func compareAddresses(t *testing.T, p *torture.Program, acked map[string]bool) {
	t.Helper()
	have := set(t, inspect(t, p), `SELECT email_key FROM contact_emails`)
	for address := range acked {
		if !have[address] {
			t.Errorf("called saved and lost: %s", address)
		}
	}
	t.Logf("%d contacts were called saved and are there", len(acked))
}

// TestAFullDiskIsSurvived: the first write that fails gives the reserve back, which
// lets people sign in; when that is used up too, reading goes on and writes are
// refused in clear words; once there is room they work again by themselves.
func TestAFullDiskIsSurvived(t *testing.T) {
	p, shim := shimmed(t)
	shim.Set(torture.Fine, 0, 0)
	start(t, p)
	api, acked := p.StaffAPI(), map[string]bool{}
	defer api.Close()
	ana := clientWithLink(t, api, "ana@disk.example")
	acked["ana@disk.example"] = true
	awaitReserve(t, p)

	// A write that shares its commit with others is tried again by itself once the
	// reserve is gone; one that is alone is refused.
	shim.Set(torture.Full, 0, 8<<20)
	got, err := contact(api, "first@disk.example")
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != http.StatusCreated {
		wantFull(t, got)
	}
	if torture.HoldsReserve(p.Data) {
		t.Error("the disk is full and the reserve is still held")
	}
	portal := p.PortalAPI()
	defer portal.Close()
	session := signIn(t, portal, ana)
	shim.Set(torture.Full, 0, 0)
	wantFull(t, untilRefused(t, api, acked, "full"))
	for range 3 {
		got, err := contact(api, "again@disk.example")
		if err != nil {
			t.Fatal(err)
		}
		wantFull(t, got)
	}
	if err := api.Must(ctx, http.MethodGet, "/api/staff/contacts?search=ana", nil, nil, http.StatusOK); err != nil {
		t.Errorf("searching on a full disk: %v", err)
	}
	if got := me(t, portal, session); got != http.StatusOK {
		t.Errorf("a client who is signed in meets %d", got)
	}
	if err := portal.Must(ctx, http.MethodGet, "/login", nil, nil, http.StatusOK); err != nil {
		t.Error(err)
	}

	shim.Set(torture.Fine, 0, 0)
	freed := time.Now()
	for i := 0; ; i++ {
		address := fmt.Sprintf("freed-%d@disk.example", i)
		got, err := contact(api, address)
		if err == nil && got.Status == http.StatusCreated {
			acked[address] = true
			break
		}
		if time.Since(freed) > 10*time.Second {
			t.Fatalf("still refused %v after there is room: %d %v", time.Since(freed), got.Status, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.Kill()
	compareAddresses(t, p, acked)
	start(t, p)
}

func wantFull(t *testing.T, got torture.Answer) {
	t.Helper()
	if got.Status != http.StatusInsufficientStorage || got.Code != "store.full" || !strings.Contains(got.Detail, "disk is full") {
		t.Errorf("on a full disk: %d %s %q", got.Status, got.Code, got.Detail)
	}
}

// awaitReserve waits for the room that is set aside after the start.
func awaitReserve(t *testing.T, p *torture.Program) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !torture.HoldsReserve(p.Data); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Skip("this disk is too full itself for a reserve to be set aside")
		}
	}
}

// clientWithLink adds a contact and answers the path of a link for them.
func clientWithLink(t *testing.T, api *torture.API, address string) string {
	t.Helper()
	var c torture.Contact
	var made struct{ URL string }
	if err := api.Must(ctx, http.MethodPost, "/api/staff/contacts", map[string]any{"name": "Ana", "emails": []string{address}}, &c, http.StatusCreated); err != nil {
		t.Fatal(err)
	}
	if err := api.Must(ctx, http.MethodPost, "/api/staff/portal/magic-links", map[string]string{"contact_id": c.ID}, &made, http.StatusCreated); err != nil {
		t.Fatal(err)
	}
	link, err := url.Parse(made.URL)
	if err != nil {
		t.Fatal(err)
	}
	return link.Path
}

// signIn opens a link and presses the button.
func signIn(t *testing.T, portal *torture.API, path string) *http.Cookie {
	t.Helper()
	got, err := portal.Do(ctx, http.MethodGet, path, nil, nil)
	if err != nil || got.Status != http.StatusSeeOther {
		t.Fatalf("opening a link: %d %v %.300s", got.Status, err, got.Body)
	}
	r, err := http.NewRequest(http.MethodPost, portal.Base+"/k", strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", portal.Base)
	r.AddCookie(torture.CookieOf(got, "land"))
	if got, err = portal.Send(r); err != nil || got.Status != http.StatusSeeOther {
		t.Fatalf("signing in: %d %v %.300s", got.Status, err, got.Body)
	}
	return torture.CookieOf(got, "portico")
}

func me(t *testing.T, portal *torture.API, session *http.Cookie) int {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, portal.Base+"/api/portal/sessions", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(session)
	got, err := portal.Send(r)
	if err != nil {
		t.Fatal(err)
	}
	return got.Status
}
