package backend_test

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"portico/backend/backendtest"
)

// inbox is a mailbox on loopback.
type inbox struct {
	t    *testing.T
	user *imapmemserver.User
	port int
}

func newInbox(t *testing.T) *inbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	memory, user := imapmemserver.New(), imapmemserver.NewUser("mia", "secret")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	memory.AddUser(user)
	server := imapserver.New(&imapserver.Options{InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		}})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return &inbox{t, user, listener.Addr().(*net.TCPAddr).Port}
}

func (b *inbox) settings(more m) m {
	out := m{"enabled": true, "host": "127.0.0.1", "port": b.port, "security": "none", "username": "mia", "password": "secret", "address": "hello@bakery.example", "plus": true}
	for k, v := range more {
		out[k] = v
	}
	return out
}

// comes puts a mail into the mailbox.
func (b *inbox) comes(id, from, to, text string, headers ...string) {
	b.t.Helper()
	raw := fmt.Sprintf("Message-ID: <%s@example.com>\r\nFrom: %s\r\nTo: %s\r\nSubject: Re\r\n%s\r\n%s", id, from, to, strings.Join(append(headers, ""), "\r\n"), text)
	if _, err := b.user.Append("INBOX", bytesOf{strings.NewReader(raw)}, &imap.AppendOptions{}); err != nil {
		b.t.Fatal(err)
	}
}

type bytesOf struct{ *strings.Reader }

func TestAMailboxIsTriedStepByStep(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		box := newInbox(t)
		try := func(more m) (failed string, steps int) {
			list := w.Staff.Must("POST", "/api/staff/chat/mailbox/test", box.settings(more), 200).List("items")
			last := list[len(list)-1]
			if last["ok"] == true {
				return "", len(list)
			}
			if last["what"] == "" || last["reply"] == "" {
				t.Errorf("nothing is said about %v", last)
			}
			return last["step"].(string), len(list)
		}
		for _, story := range []struct {
			more m
			want string
		}{{nil, ""}, {m{"port": 1}, "connect"}, {m{"security": "tls"}, "tls"}, {m{"security": "starttls"}, "tls"}, {m{"password": "wrong"}, "login"}, {m{"folder": "Nowhere"}, "folder"}} {
			if got, n := try(story.more); got != story.want || got == "" && n != 4 {
				t.Errorf("%v fails at %q after %d steps, want %q", story.more, got, n, story.want)
			}
		}
		for _, wrong := range []m{{"host": ""}, {"host": "imap://x"}, {"port": 0}, {"username": ""}, {"address": "nobody"}, {"password": ""}, {"security": "maybe"}} {
			w.Staff.Must("PUT", "/api/staff/chat/mailbox", box.settings(wrong), 422)
		}
		kept := w.Staff.Must("PUT", "/api/staff/chat/mailbox", box.settings(nil), 200)
		if strings.Contains(kept.Body, "secret") || kept.At("has_password") != true {
			t.Errorf("kept %s", kept.Body)
		}
		w.Eventually("it is read", func() bool { return w.Staff.Must("GET", "/api/staff/chat/mailbox", nil, 200).Text("state") == "ok" })
		w.Staff.Must("PUT", "/api/staff/chat/mailbox", box.settings(m{"password": "", "plus": false}), 200)
		// A kept password goes to no other server.
		w.Staff.Must("PUT", "/api/staff/chat/mailbox", box.settings(m{"password": "", "host": "localhost"}), 422)
		w.Staff.Must("POST", "/api/staff/chat/mailbox/test", box.settings(m{"password": "", "host": "localhost"}), 422)
		w.Staff.Must("PUT", "/api/staff/chat/mailbox", box.settings(m{"password": "", "enabled": false}), 200)
		w.Eventually("it is not read", func() bool { return w.Staff.Must("GET", "/api/staff/chat/mailbox", nil, 200).Text("state") == "off" })
	})
}

func TestAnswersByMailAreMessages(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		w.WithMail()
		box := newInbox(t)
		box.comes("old", "ana@example.com", "hello@bakery.example", "canary-from-before")
		w.Staff.Must("PUT", "/api/staff/chat/mailbox", box.settings(nil), 200)
		w.Eventually("it is read", func() bool { return w.Staff.Must("GET", "/api/staff/chat/mailbox", nil, 200).Text("state") == "ok" })
		ana := newTalk(t, w, "Ana", "127.1.0.1")
		opened(w, ana.contact)
		write(w, ana.id, "1", "Shall we meet?")
		later(w, 6*time.Minute)
		letter := w.Await("ana@example.com", 1)
		parsed, err := mail.ReadMessage(strings.NewReader(letter.Raw))
		if err != nil {
			t.Fatal(err)
		}
		reply, err := parsed.Header.AddressList("Reply-To")
		if err != nil || len(reply) != 1 || !strings.HasPrefix(reply[0].Address, "hello+") || !strings.Contains(letter.Text, "simply answer") {
			t.Fatalf("answers go to %v: %v %s", reply, err, letter.Text)
		}
		to := reply[0].Address
		texts := func() (out string) {
			for _, message := range ana.client.Must("GET", portalChat+"/"+ana.id+"/messages", nil, 200).List("items") {
				out += message["text"].(string) + "|"
			}
			return out
		}
		notes := func() (out string) {
			for _, note := range w.Staff.Must("GET", staffChat+"/"+ana.id+"/messages", nil, 200).List("notes") {
				out += note["text"].(string) + "|"
			}
			return out
		}
		box.comes("1", "Ana <ana@example.com>", to, "Yes!\r\n\r\nOn Monday, Bakery wrote:\r\n> Shall we meet?\r\n")
		w.Eventually("the answer is there", func() bool { return texts() == "Shall we meet?|Yes!|" })
		box.comes("1", "Ana <ana@example.com>", to, "Yes!") // delivered twice
		box.comes("2", "Mallory <mallory@example.com>", to, "canary-foreign")
		box.comes("2", "Mallory <mallory@example.com>", to, "canary-foreign")
		box.comes("3", "ana@example.com", to, "canary-forged", "Authentication-Results: mx.bakery.example; dmarc=fail")
		box.comes("4", "ana@example.com", to, "canary-away", "Auto-Submitted: auto-replied")
		box.comes("5", "ana@example.com", "hello+aaaaaaaaaaaaaaaaaaaaaaaa@bakery.example", "canary-guessed")
		box.comes("6", "ana@example.com", "hello@bakery.example", "By thread", "In-Reply-To: "+letter.MessageID)
		w.Eventually("the last is there", func() bool { return texts() == "Shall we meet?|Yes!|By thread|" })
		if got := notes(); strings.Count(got, "mallory@example.com") != 1 || strings.Count(got, "canary-foreign") != 1 || strings.Count(got, "canary-forged") != 1 || strings.Contains(got, "away") || strings.Contains(got, "guessed") || strings.Contains(got, "before") {
			t.Errorf("staff are told %s", got)
		}
		w.Staff.Must("POST", "/api/staff/portal/contacts/"+ana.contact+"/suspend", m{}, 200)
		box.comes("7", "ana@example.com", to, "canary-suspended")
		w.Eventually("who is suspended is refused", func() bool { return strings.Contains(notes(), "canary-suspended") })
		list := w.Staff.Must("GET", staffChat+"/"+ana.id+"/messages", nil, 200)
		if len(list.List("items")) != 3 || list.List("items")[1]["author"].(map[string]any)["contact_id"] != ana.contact {
			t.Errorf("the conversation holds %s", list.Body)
		}
	})
}

// Whatever is switched off and on again, nothing comes twice and nothing is lost.
func TestAnswersOfAnInterruptionComeLater(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		box := newInbox(t)
		ana := newTalk(t, w, "Ana", "127.1.0.1")
		cast := w.Staff.Must("POST", staffChat, m{"kind": "broadcast", "title": "Closed", "contact_ids": []string{ana.contact}}, 201).Text("id")
		state := func(want string) {
			t.Helper()
			w.Eventually("the mailbox is "+want, func() bool { return w.Staff.Must("GET", "/api/staff/chat/mailbox", nil, 200).Text("state") == want })
		}
		w.Staff.Must("PUT", "/api/staff/chat/mailbox", box.settings(nil), 200)
		state("ok")
		w.WithMail()
		write(w, cast, "1", "We are closed.")
		later(w, 6*time.Minute)
		letter := w.Await("ana@example.com", 1)
		parsed, err := mail.ReadMessage(strings.NewReader(letter.Raw))
		if err != nil {
			t.Fatal(err)
		}
		reply, err := parsed.Header.AddressList("Reply-To")
		if err != nil {
			t.Fatal(err)
		}
		w.Staff.Must("PUT", "/api/staff/chat/mailbox", box.settings(m{"password": "", "enabled": false}), 200)
		state("off")
		box.comes("1", "ana@example.com", reply[0].Address, "Until when?")
		w.Staff.Must("PUT", "/api/staff/chat/mailbox", box.settings(m{"password": ""}), 200)
		own := func() []backendtest.Map {
			return ana.client.Must("GET", portalChat+"/"+ana.id+"/messages", nil, 200).List("items")
		}
		w.Eventually("the answer to the broadcast is in the client's own conversation", func() bool { return len(own()) == 1 && own()[0]["text"] == "Until when?" })
	})
}
