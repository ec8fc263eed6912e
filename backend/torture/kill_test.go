package torture_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"portico/backend/torture"
)

// ledger is what was acknowledged, kept outside of the program.
type ledger struct {
	mu       sync.Mutex
	contacts map[string]string // id → address
	notes    map[string]string // id → contact
	invited  map[string]bool   // addresses
	fresh    []string          // contacts since the last look through the API
}

func newLedger() *ledger {
	return &ledger{contacts: map[string]string{}, notes: map[string]string{}, invited: map[string]bool{}}
}

func (l *ledger) note(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

// writer adds contacts, notes and invitations one after the other until the
// program is gone. Each writer's numbers go on from its last life, so a number
// that was never answered is used again only under another name.
type writer struct {
	name string
	next int
}

func (w *writer) work(t *testing.T, api *torture.API, l *ledger) {
	for {
		w.next++
		address := fmt.Sprintf("%s-%d@kill.example", w.name, w.next)
		var c torture.Contact
		got, err := api.Do(ctx, http.MethodPost, "/api/staff/contacts", map[string]any{"name": "Contact " + address, "emails": []string{address}}, &c)
		if !answered(t, got, err, http.StatusCreated) {
			return
		}
		l.note(func() { l.contacts[c.ID] = address; l.fresh = append(l.fresh, c.ID) })
		var n struct{ ID string }
		got, err = api.Do(ctx, http.MethodPost, "/api/staff/contacts/"+c.ID+"/notes", map[string]string{"text": "written before a crash"}, &n)
		if !answered(t, got, err, http.StatusCreated) {
			return
		}
		l.note(func() { l.notes[n.ID] = c.ID })
		if w.next%4 != 0 {
			continue
		}
		raw := "invited-" + address
		results, err := api.Invite(ctx, nil, []string{raw})
		if err != nil {
			return
		}
		if len(results) != 1 || results[0].Status != "queued" {
			t.Errorf("inviting: %+v", results)
			return
		}
		l.note(func() { l.invited[raw] = true })
	}
}

// answered tells an answer that counts from a connection that broke. Until it is
// killed the program must answer well.
func answered(t *testing.T, got torture.Answer, err error, status int) bool {
	if err != nil {
		return false
	}
	if got.Status != status {
		t.Errorf("%d instead of %d: %.300s", got.Status, status, got.Body)
		return false
	}
	return true
}

// TestNothingAcknowledgedIsLost kills the program at random moments, among them
// its own start, and counts afterwards.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	kills, look := scaled(100, 1000), 20
	r, p, l := dice(t), prepared(t), newLedger()
	writers := make([]*writer, 6)
	for i := range writers {
		writers[i] = &writer{name: fmt.Sprintf("w%d", i)}
	}
	var slowest time.Duration
	for kill := 1; kill <= kills; kill++ {
		if kill%10 == 5 { // before it is ready
			if _, err := p.Launch(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(r.IntN(80)) * time.Millisecond)
			p.Kill()
			continue
		}
		slowest = max(slowest, start(t, p))
		life(t, p, l, writers, kill == 1, time.Duration(20+r.IntN(280))*time.Millisecond)
		if kill%look == 0 || kill == kills {
			l.compare(t, inspect(t, p))
		}
		if t.Failed() {
			t.Fatalf("after kill %d: %s", kill, p.Said())
		}
	}
	slowest = max(slowest, start(t, p))
	if slowest > 3*time.Second && full {
		t.Errorf("the slowest start took %v, promised are 3 s", slowest)
	}
	l.recall(t, p.StaffAPI())
	if code, said, err := p.Run("verify"); code != 0 || err != nil {
		t.Errorf("verify ended with %d: %s %v", code, said, err)
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	l.files(t, p)
	t.Logf("%d kills; acknowledged and found: %d contacts, %d notes, %d invitations; slowest start %v", kills, len(l.contacts), len(l.notes), len(l.invited), slowest)
}

// life lets the writers work for a while and ends it.
func life(t *testing.T, p *torture.Program, l *ledger, writers []*writer, first bool, span time.Duration) {
	t.Helper()
	api := p.StaffAPI()
	defer api.Close()
	if first {
		account := map[string]any{"kind": "files", "from_name": "Bakery", "from_address": "hello@bakery.example"}
		if err := api.Must(ctx, http.MethodPut, "/api/staff/mail/account", account, nil, http.StatusOK); err != nil {
			t.Fatal(err)
		}
	}
	l.recall(t, api)
	var wg sync.WaitGroup
	for _, w := range writers {
		wg.Go(func() { w.work(t, api, l) })
	}
	time.Sleep(span)
	p.Kill()
	wg.Wait()
}

// recall asks the program for what it acknowledged in its last life.
func (l *ledger) recall(t *testing.T, api *torture.API) {
	t.Helper()
	bounded, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, id := range l.fresh {
		var c torture.Contact
		if err := api.Must(bounded, http.MethodGet, "/api/staff/contacts/"+id, nil, &c, http.StatusOK); err != nil {
			t.Fatalf("an acknowledged contact is lost: %v", err)
		}
		if len(c.Emails) != 1 || c.Emails[0] != l.contacts[id] {
			t.Fatalf("contact %s has %v instead of %s", id, c.Emails, l.contacts[id])
		}
	}
	l.fresh = nil
}

// compare looks for everything that was ever acknowledged.
func (l *ledger) compare(t *testing.T, in *torture.Inside) {
	t.Helper()
	contacts, notes := set(t, in, `SELECT id FROM contacts`), set(t, in, `SELECT id || ' ' || contact_id FROM notes`)
	mails := set(t, in, `SELECT m.to_address FROM mails m JOIN links l ON l.selector = m.link JOIN portal_members p ON p.invite_link = l.id WHERE p.invited_at IS NOT NULL`)
	for id := range l.contacts {
		if !contacts[id] {
			t.Errorf("lost: contact %s", id)
		}
	}
	for id, contact := range l.notes {
		if !notes[id+" "+contact] {
			t.Errorf("lost: note %s", id)
		}
	}
	for address := range l.invited {
		if !mails[address] {
			t.Errorf("lost: the invitation of %s", address)
		}
	}
}

// files compares the mails called accepted with the files that are there.
func (l *ledger) files(t *testing.T, p *torture.Program) {
	t.Helper()
	in := inspect(t, p)
	l.compare(t, in)
	files, err := filepath.Glob(filepath.Join(p.Data, "mail", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, raw...)
	}
	have := map[string]bool{}
	for _, id := range messageIDs(all) {
		have[id] = true
	}
	for id := range set(t, in, `SELECT message_id FROM mails WHERE state = 'accepted'`) {
		if !have[id] {
			t.Errorf("mail %s is called accepted and there is no file of it", id)
		}
	}
}
