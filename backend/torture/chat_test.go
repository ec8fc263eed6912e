package torture_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"portico/backend/torture"
)

// TestChatSurvivesBrokenLinesAndKills (promise A8): everybody's line is cut every
// one to twenty seconds and the server is killed while all of them write. Every
// message that was acknowledged is seen by every member, once, in one order.
func TestChatSurvivesBrokenLinesAndKills(t *testing.T) {
	p := prepared(t)
	address := freeAddress(t)
	p.Args = []string{"--listen", address} // the same after each start
	start(t, p)
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	line := func() *toxiproxy.Proxy {
		one := toxiproxy.NewProxy(server, "line", "127.0.0.1:0", address)
		if err := one.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(one.Stop)
		return one
	}
	rooms, talkers := talking(t, p, scaled(60, 500), scaled(6, 10), line)
	t.Logf("%d clients in %d conversations", len(talkers), rooms)

	span := time.Duration(scaled(90, 3600)) * time.Second
	run, stop := context.WithTimeout(ctx, span)
	defer stop()
	listening, hang := context.WithCancel(ctx)
	defer hang()
	var lines, writers, ears sync.WaitGroup
	for _, one := range talkers {
		lines.Go(func() { cut(run, one.line) })
		ears.Go(func() { one.Listen(listening) })
		writers.Go(func() {
			for n := 0; run.Err() == nil; n++ {
				// Until it is acknowledged, also when the time is up: what was begun ends.
				if err := one.Say(listening, fmt.Sprintf("%s-%d", one.Name, n)); err != nil {
					t.Errorf("%v", err)
					return
				}
				sleep(run, time.Second+rand.N(2*time.Second))
			}
		})
	}
	kills := 0
	for sleep(run, 10*time.Second+rand.N(10*time.Second)) {
		p.Kill()
		kills++
		start(t, p)
	}
	writers.Wait()
	lines.Wait()
	hang()
	ears.Wait()
	judge(t, talkers, kills)
}

// wired is a talker on a line of its own.
type wired struct {
	*torture.Talker
	line *toxiproxy.Proxy
}

// talking makes clients, signs them in, and puts them into groups.
func talking(t *testing.T, p *torture.Program, clients, each int, line func() *toxiproxy.Proxy) (rooms int, out []*wired) {
	t.Helper()
	staff := p.StaffAPI()
	defer staff.Close()
	var members []string
	flush := func() {
		if len(members) == 0 {
			return
		}
		var c struct{ ID string }
		in := map[string]any{"kind": "group", "title": fmt.Sprint("Room ", rooms), "contact_ids": members}
		if err := staff.Must(ctx, http.MethodPost, "/api/staff/chat/conversations", in, &c, http.StatusCreated); err != nil {
			t.Fatal(err)
		}
		for i, contact := range members {
			session, err := p.SignIn(ctx, contact)
			if err != nil {
				t.Fatal(err)
			}
			own := line()
			out = append(out, &wired{torture.NewTalker(fmt.Sprintf("r%dc%d", rooms, i), c.ID, p.Portal, session, own.Listen), own})
		}
		members = nil
		rooms++
	}
	for i := range clients {
		var c torture.Contact
		if err := staff.Must(ctx, http.MethodPost, "/api/staff/contacts", map[string]any{"name": fmt.Sprint("Client ", i), "emails": []string{fmt.Sprintf("c%d@chat.example", i)}}, &c, http.StatusCreated); err != nil {
			t.Fatal(err)
		}
		if members = append(members, c.ID); len(members) == each {
			flush()
		}
	}
	flush()
	return rooms, out
}

// cut breaks all connections of a line every one to twenty seconds.
func cut(ctx context.Context, line *toxiproxy.Proxy) {
	for sleep(ctx, time.Second+rand.N(19*time.Second)) {
		line.Stop()
		sleep(ctx, rand.N(500*time.Millisecond))
		_ = line.Start() // somebody else may have the port for a moment: tried again with the next cut
	}
	_ = line.Start()
}

// judge compares what everybody saw with what was acknowledged.
func judge(t *testing.T, talkers []*wired, kills int) {
	t.Helper()
	rooms := map[string][]*wired{}
	acked := map[string]map[string]int64{}
	total := 0
	for _, one := range talkers {
		one.Direct()
		if err := one.CatchUp(ctx); err != nil {
			t.Fatalf("%s: %v", one.Name, err)
		}
		rooms[one.Conversation] = append(rooms[one.Conversation], one)
		if acked[one.Conversation] == nil {
			acked[one.Conversation] = map[string]int64{}
		}
		for id, seq := range one.Acked() {
			acked[one.Conversation][id] = seq
			total++
		}
	}
	for room, members := range rooms {
		for _, one := range members {
			count := map[string]int{}
			for i, m := range one.Seen() {
				if m.Seq != int64(i+1) {
					t.Errorf("%s saw number %d in place %d", one.Name, m.Seq, i+1)
					break
				}
				count[m.ClientMsgID]++
				if seq, ok := acked[room][m.ClientMsgID]; ok && seq != m.Seq {
					t.Errorf("%s saw %s as number %d, which was acknowledged as %d", one.Name, m.ClientMsgID, m.Seq, seq)
				}
			}
			for id := range acked[room] {
				if count[id] != 1 {
					t.Errorf("%s saw %s, which was acknowledged, %d times", one.Name, id, count[id])
				}
			}
		}
	}
	if total == 0 || kills == 0 {
		t.Errorf("%d messages and %d kills prove nothing", total, kills)
	}
	t.Logf("%d messages acknowledged, %d kills", total, kills)
}

// sleep waits; false when ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
