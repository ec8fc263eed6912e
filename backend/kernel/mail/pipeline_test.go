package mail

import (
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
)

// packets notes what is written to the network, one entry for each write.
type packets struct {
	net.Conn
	mu  sync.Mutex
	all []string
}

func (p *packets) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, string(b))
	return p.Conn.Write(b)
}

func TestCommandsTravelTogetherWhereTheServerTakesThem(t *testing.T) {
	for _, row := range []struct {
		name   string
		offers []string
		want   []string
	}{
		{"offered", []string{"PIPELINING"}, []string{"MAIL RCPT DATA", "MAIL RCPT DATA"}},
		{"not offered", []string{"8BITMIME"}, []string{"MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			server := &script{offers: row.offers}
			conn := dialTest(t, testAccount(server.serve(t), SecurityNone, nil))
			seen := &packets{Conn: conn.wire.conn}
			conn.wire.conn = seen
			for range 2 {
				if _, err := sendTest(t, conn); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for _, p := range seen.all {
				var verbs []string
				for _, line := range strings.Split(p, "\r\n") {
					if v := firstWord(line); slices.Contains([]string{"MAIL", "RCPT", "DATA"}, v) {
						verbs = append(verbs, v)
					}
				}
				if len(verbs) > 0 {
					got = append(got, strings.Join(verbs, " "))
				}
			}
			if !slices.Equal(got, row.want) {
				t.Errorf("packets %q", got)
			}
			if mails := server.received(); len(mails) != 2 || mails[1] != string(testMail(t)) {
				t.Errorf("received %q", mails)
			}
		})
	}
}
