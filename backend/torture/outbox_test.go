package torture_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"portico/backend/torture"
)

// mailStory is a number of mails sent over so many connections between kills;
// 0 leaves the settings as they are when nobody changes them.
type mailStory struct {
	name                      string
	mails, connections, kills int
}

// doubt is how many mails a kill may leave in doubt.
func (s mailStory) doubt() int { return max(s.connections, 1) }

// TestNoMailIsLost kills the program while it sends. Mail whose fate a kill made
// uncertain is shown as unknown; a person may send it once more, and only then
// can anybody get a mail twice: the same mail, by its Message-ID.
func TestNoMailIsLost(t *testing.T) {
	for _, s := range []mailStory{
		{"settings as they come", scaled(2000, 5000), 0, scaled(20, 1000)},
		{"four connections", 1000, 4, scaled(5, 200)},
	} {
		t.Run(s.name, s.run)
	}
}

func (s mailStory) run(t *testing.T) {
	r, p := dice(t), prepared(t)
	sink, err := torture.NewSink()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sink.Close)
	sink.Delay = time.Millisecond // most kills find a mail that was taken and is not known to be
	start(t, p)
	s.queue(t, p)
	for kill := range s.kills {
		s.pointAt(t, p, sink, kill == 0)
		s.send(t, sink, r, s.mails/(s.kills+1))
		p.Kill()
		s.lookAt(t, p, kill)
		start(t, p)
	}
	s.finish(t, p)
	unknown := s.retryUnknown(t, p)
	s.finish(t, p)
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	s.judge(t, p, sink, unknown)
}

// queue invites everybody while there is no mail account, so that sending begins
// with all of them waiting.
func (s mailStory) queue(t *testing.T, p *torture.Program) {
	t.Helper()
	api := p.StaffAPI()
	defer api.Close()
	const share = 100
	var wg sync.WaitGroup
	parts := make(chan []string)
	for range 8 {
		wg.Go(func() {
			for part := range parts {
				results, err := api.Invite(ctx, nil, part)
				if err != nil {
					t.Error(err)
				}
				for _, got := range results {
					if got.Status != "queued" {
						t.Errorf("%+v", got)
					}
				}
			}
		})
	}
	for from := 0; from < s.mails; from += share {
		var part []string
		for i := from; i < min(from+share, s.mails); i++ {
			part = append(part, fmt.Sprintf("client%d@mail.example", i))
		}
		parts <- part
	}
	close(parts)
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

func (s mailStory) pointAt(t *testing.T, p *torture.Program, sink *torture.Sink, first bool) {
	t.Helper()
	if !first {
		return // the account is in the store
	}
	account := map[string]any{"host": "127.0.0.1", "port": sink.Port, "security": "none", "from_name": "Bakery", "from_address": "hello@bakery.example"}
	if s.connections > 0 {
		account["limits"] = map[string]int{"connections": s.connections}
	}
	if err := p.StaffAPI().Must(ctx, http.MethodPut, "/api/staff/mail/account", account, nil, http.StatusOK); err != nil {
		t.Fatal(err)
	}
}

// send waits until about so many more mails have arrived.
func (s mailStory) send(t *testing.T, sink *torture.Sink, r *rand.Rand, about int) {
	t.Helper()
	_, before := sink.Count()
	// Each kill may leave a mail of every connection in doubt, and those wait for a person: there may be
	// no more to wait for than this.
	want := min(before+1+about/2+r.IntN(about), s.mails-s.kills*s.doubt())
	deadline := time.Now().Add(30 * time.Second)
	for {
		if _, now := sink.Count(); now >= want {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("mail stands still: %d of %d arrived", before, s.mails)
		}
		time.Sleep(time.Millisecond)
	}
	time.Sleep(time.Duration(r.IntN(3000)) * time.Microsecond) // anywhere within a mail
}

// lookAt counts what a kill left in doubt.
func (s mailStory) lookAt(t *testing.T, p *torture.Program, kill int) {
	t.Helper()
	in, err := torture.Inspect(ctx, p.Data)
	if err != nil {
		t.Fatal(err)
	}
	n := len(set(t, in, `SELECT id FROM mails WHERE state = 'sending'`))
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if n > s.doubt() {
		t.Errorf("kill %d left %d mails in doubt", kill+1, n)
	}
}

// counts are mails by state.
type counts struct{ Queued, Sending, Retry, Unknown, Failed, Accepted, Cancelled int }

func (s mailStory) counts(t *testing.T, api *torture.API) (c counts) {
	t.Helper()
	if err := api.Must(ctx, http.MethodGet, "/api/staff/mail/counts", nil, &c, http.StatusOK); err != nil {
		t.Fatal(err)
	}
	if sum := c.Queued + c.Sending + c.Retry + c.Unknown + c.Failed + c.Accepted + c.Cancelled; sum != s.mails {
		t.Fatalf("%d mails are shown, %d were queued: %+v", sum, s.mails, c)
	}
	return c
}

// finish waits until nothing is on its way.
func (s mailStory) finish(t *testing.T, p *torture.Program) {
	t.Helper()
	api := p.StaffAPI()
	defer api.Close()
	deadline := time.Now().Add(3 * time.Minute)
	for {
		c := s.counts(t, api)
		if c.Accepted+c.Unknown == s.mails {
			return
		}
		if c.Failed+c.Cancelled > 0 || time.Now().After(deadline) {
			t.Fatalf("mail did not get through: %+v\n%s", c, p.Said())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// retryUnknown sends what is shown as unknown once more, as a person would.
func (s mailStory) retryUnknown(t *testing.T, p *torture.Program) (unknown int) {
	t.Helper()
	api := p.StaffAPI()
	defer api.Close()
	var list struct {
		Items []struct{ ID, State, What, Do string }
		Next  string `json:"next_cursor"`
	}
	for more := true; more; more = list.Next != "" {
		path := "/api/staff/mail/messages?state=unknown&limit=200&cursor=" + url.QueryEscape(list.Next)
		list.Items, list.Next = nil, ""
		if err := api.Must(ctx, http.MethodGet, path, nil, &list, http.StatusOK); err != nil {
			t.Fatal(err)
		}
		for _, m := range list.Items {
			if m.State != "unknown" || m.What == "" || m.Do == "" {
				t.Errorf("an uncertain mail is not explained: %+v", m)
			}
			if err := api.Must(ctx, http.MethodPost, "/api/staff/mail/messages/"+m.ID+"/retry", nil, nil, http.StatusOK); err != nil {
				t.Error(err)
			}
		}
		unknown += len(list.Items)
	}
	return unknown
}

// judge compares what arrived with what was queued.
func (s mailStory) judge(t *testing.T, p *torture.Program, sink *torture.Sink, unknown int) {
	t.Helper()
	got, twice, lost := sink.Got(), 0, 0
	for i := range s.mails {
		ids := got[fmt.Sprintf("client%d@mail.example", i)]
		switch {
		case len(ids) == 0:
			lost++
		case len(ids) > 1:
			twice += len(ids) - 1
		}
		for _, id := range ids {
			if id == "" || id != ids[0] {
				t.Errorf("a repetition changed its Message-ID: %v", ids)
			}
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d mails are lost", lost, s.mails)
	}
	if most := s.kills * s.doubt(); twice > most || unknown > most {
		t.Errorf("%d came twice and %d were uncertain after %d kills, with %s", twice, unknown, s.kills, s.name)
	}
	in := inspect(t, p)
	if n := len(set(t, in, `SELECT id FROM jobs WHERE kind = 'mail'`)); n != 0 {
		t.Errorf("%d jobs are left", n)
	}
	t.Logf("%d mails, %d kills, %s: %d lost, %d uncertain and sent once more, of them %d came twice", s.mails, s.kills, s.name, lost, unknown, twice)
}
