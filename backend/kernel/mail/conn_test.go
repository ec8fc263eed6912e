package mail

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// dialTest opens a connection that has to work.
func dialTest(t testing.TB, account Account) *Conn {
	t.Helper()
	conn, err := Dial(context.Background(), account)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func sendTest(t testing.TB, conn *Conn) (Receipt, error) {
	t.Helper()
	return conn.Send(context.Background(), testFrom, testTo, testMail(t), nil)
}

func TestAccepted(t *testing.T) {
	ca := newAuthority(t)
	for _, row := range []struct {
		name  string
		on    map[string]act
		reply string
	}{
		{"usual", nil, "2.0.0 queued as X1"},
		{"several lines", map[string]act{".": say("250-2.0.0 thanks", "250 2.0.0 id=X2")}, "2.0.0 thanks\n2.0.0 id=X2"},
		{"slow reply", map[string]act{".": later(say("250 2.0.0 queued as X3"))}, "2.0.0 queued as X3"},
		{"accepted, then the line drops", map[string]act{".": both(say("250 2.0.0 queued as X4"), drop)}, "2.0.0 queued as X4"},
		{"a code other than 250", map[string]act{".": say("251 2.0.0 forwarded")}, "2.0.0 forwarded"},
		{"no text", map[string]act{".": say("250")}, ""},
		{"HELO only", map[string]act{"EHLO": say("502 5.5.1 what?")}, "2.0.0 queued as X1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := &script{on: row.on, implicit: true, cert: ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour))}
			account := testAccount(server.serve(t), SecurityTLS, ca)
			if _, helo := row.on["EHLO"]; helo {
				account.Username, account.Password = "", ""
			}
			conn := dialTest(t, account)
			receipt, err := sendTest(t, conn)
			if err != nil {
				t.Fatal(err)
			}
			if receipt.Code/100 != 2 || receipt.Text != row.reply || conn.Sent() != 1 {
				t.Errorf("receipt %+v, sent %d", receipt, conn.Sent())
			}
			if got := server.received(); len(got) != 1 || got[0] != string(testMail(t)) {
				t.Errorf("the mail arrived changed:\n%q", got)
			}
		})
	}
}

// One refused recipient must not spoil the connection for the next.
func TestNextMailAfterRefusal(t *testing.T) {
	for _, offers := range [][]string{nil, {"PIPELINING"}} {
		var turn atomic.Int32
		server := &script{offers: offers, on: map[string]act{"RCPT": func(s *session) bool {
			if turn.Add(1) == 1 {
				return say("550 5.1.1 no such user")(s)
			}
			return say("250 ok")(s)
		}}}
		conn := dialTest(t, testAccount(server.serve(t), SecurityNone, nil))
		if _, err := sendTest(t, conn); asProblem(t, err).Class != BadRecipient {
			t.Fatal(err)
		}
		if _, err := sendTest(t, conn); err != nil {
			t.Fatal(err)
		}
		all, _ := server.transcript()
		if strings.Count(all, "RSET") != 1 || server.conns != 1 {
			t.Errorf("want one RSET on one connection, heard:\n%s", all)
		}
	}
}

// Servers end idle connections, silently or with 421. Nothing of the mail was
// handed over, and the caller is told to dial again without losing an attempt.
func TestServerEndsBetweenMails(t *testing.T) {
	with421, pipelining := both(say("421 4.4.2 idle for too long"), drop), []string{"PIPELINING"}
	offers := map[string][]string{"silently, commands together": pipelining, "with 421, commands together": pipelining}
	for name, goodbye := range map[string]act{"silently": drop, "with 421": with421, "silently, commands together": drop, "with 421, commands together": with421} {
		t.Run(name, func(t *testing.T) {
			server := &script{offers: offers[name], on: map[string]act{".": both(say("250 2.0.0 queued as X1"), goodbye)}}
			account := testAccount(server.serve(t), SecurityNone, nil)
			conn := dialTest(t, account)
			if _, err := sendTest(t, conn); err != nil {
				t.Fatal(err)
			}
			_, err := sendTest(t, conn)
			if p := asProblem(t, err); !p.Stale || p.Step != StepSender || conn.Usable() || conn.Sent() != 1 {
				t.Errorf("got %v, stale %v, usable %v", p, p.Stale, conn.Usable())
			}
			_, err = sendTest(t, conn)
			if p := asProblem(t, err); !p.Stale {
				t.Errorf("a dead connection must stay dead: %v", p)
			}
			if _, err := sendTest(t, dialTest(t, account)); err != nil {
				t.Errorf("after dialling again: %v", err)
			}
		})
	}
}

// A fresh connection is never stale: there the mail loses its attempt.
func TestFreshConnectionIsNotStale(t *testing.T) {
	server := &script{on: map[string]act{"MAIL": drop}}
	_, err := sendTest(t, dialTest(t, testAccount(server.serve(t), SecurityNone, nil)))
	if p := asProblem(t, err); p.Stale {
		t.Errorf("got stale: %v", p)
	}
}

// Whoever cancels is free at once, at every step, and is told honestly what may
// have happened. The account's timeout is an hour: only the context can help.
func TestCancel(t *testing.T) {
	ca := newAuthority(t)
	for _, row := range []struct {
		at    string // the server falls silent here
		tls   bool
		class Class
	}{
		{"greeting", false, Cancelled}, {"EHLO", false, Cancelled}, {"STARTTLS", true, Cancelled}, {"AUTH", true, Cancelled},
		{"MAIL", false, Cancelled}, {"RCPT", false, Cancelled}, {"DATA", false, Cancelled}, {".", false, Unknown}, {".", true, Unknown},
	} {
		t.Run(row.at, func(t *testing.T) {
			t.Parallel()
			reached := make(chan struct{})
			server := &script{on: map[string]act{row.at: func(s *session) bool { close(reached); return hang(s) }}}
			security := SecurityNone
			if row.tls {
				security, server.cert = SecurityStartTLS, ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour))
			}
			account := testAccount(server.serve(t), security, ca)
			account.Timeout = time.Hour
			ctx, cancel := context.WithCancel(context.Background())
			go func() { <-reached; cancel() }()
			finish(func() {
				conn, err := Dial(ctx, account)
				if err == nil {
					defer func() { _ = conn.Close() }()
					_, err = conn.Send(ctx, testFrom, testTo, testMail(t), nil)
					if conn.Usable() {
						t.Error("a cut connection must not be used again")
					}
				}
				if p := asProblem(t, err); p.Class != row.class || !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", p)
				}
			})
		})
	}
}

// The caller's deadline works like the account's timeout: the server is to blame.
func TestDeadline(t *testing.T) {
	server := &script{on: map[string]act{"RCPT": hang}}
	conn := dialTest(t, testAccount(server.serve(t), SecurityNone, nil))
	ctx, cancel := context.WithTimeout(context.Background(), quick)
	defer cancel()
	finish(func() {
		_, err := conn.Send(ctx, testFrom, testTo, testMail(t), nil)
		if p := asProblem(t, err); p.Class != Temporary || p.Key != "mail.timeout" || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", p)
		}
	})
}

func TestCancelledBeforeItBegins(t *testing.T) {
	server := &script{}
	account := testAccount(server.serve(t), SecurityNone, nil)
	conn := dialTest(t, account)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := conn.Send(ctx, testFrom, testTo, testMail(t), nil); asProblem(t, err).Class != Cancelled || !conn.Usable() {
		t.Errorf("got %v, usable %v", err, conn.Usable())
	}
	if _, err := Dial(ctx, account); asProblem(t, err).Class != Cancelled {
		t.Errorf("dial: %v", err)
	}
}

// A mail that dribbles must not outlive the timeout by sending a byte at a time.
func TestDribblingServer(t *testing.T) {
	dribble := func(s *session) bool {
		for range 400 {
			if _, err := s.conn.Write([]byte("2")); err != nil {
				return false
			}
			time.Sleep(20 * time.Millisecond)
		}
		return false
	}
	server := &script{on: map[string]act{"greeting": dribble}}
	account := testAccount(server.serve(t), SecurityNone, nil)
	account.Timeout = quick
	_, err := Dial(context.Background(), account)
	if p := asProblem(t, err); p.Key != "mail.greeting_silent" {
		t.Errorf("got %v", p)
	}
}

// Close may come from another goroutine; a mail on its way is cut off.
func TestCloseCutsOff(t *testing.T) {
	reached := make(chan struct{})
	server := &script{on: map[string]act{"RCPT": func(s *session) bool { close(reached); return hang(s) }}}
	account := testAccount(server.serve(t), SecurityNone, nil)
	account.Timeout = time.Hour
	conn := dialTest(t, account)
	go func() { <-reached; _ = conn.Close() }()
	finish(func() {
		if _, err := sendTest(t, conn); asProblem(t, err).Class != Cancelled {
			t.Errorf("got %v", err)
		}
	})
}

func TestCloseSaysGoodbye(t *testing.T) {
	bye := make(chan struct{})
	server := &script{on: map[string]act{"QUIT": func(*session) bool { close(bye); return false }}}
	conn := dialTest(t, testAccount(server.serve(t), SecurityNone, nil))
	if _, err := sendTest(t, conn); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	_ = conn.Close()
	finish(func() { <-bye })
	if _, err := sendTest(t, conn); !asProblem(t, err).Stale {
		t.Errorf("a closed connection was used: %v", err)
	}
}

// If "sending" cannot be written down, nothing may leave.
func TestNotRecordedNotSent(t *testing.T) {
	full := errors.New("disk full")
	server := &script{}
	conn := dialTest(t, testAccount(server.serve(t), SecurityNone, nil))
	_, err := conn.Send(context.Background(), testFrom, testTo, testMail(t), func() error { return full })
	if p := asProblem(t, err); p.Class != Cancelled || p.Step != StepData || !errors.Is(err, full) || conn.Usable() {
		t.Errorf("got %v, usable %v", p, conn.Usable())
	}
	if all, _ := server.transcript(); strings.Contains(all, "Subject") {
		t.Error("content left although it was not recorded")
	}
}

// A mail larger than the library's buffer goes out in many pieces; the final
// dot must be seen in whatever piece it comes.
func TestLargeMails(t *testing.T) {
	server := &script{}
	conn := dialTest(t, testAccount(server.serve(t), SecurityNone, nil))
	head := string(testMail(t))
	for size := 4080; size < 4100; size++ {
		raw := []byte(head + strings.Repeat("x", 900) + "\r\n" + strings.Repeat("y\r\n.\r\n", (size-len(head)-902)/6) + strings.Repeat("z", (size-len(head)-902)%6) + "\r\n")
		if _, err := conn.Send(context.Background(), testFrom, testTo, raw, nil); err != nil {
			t.Fatalf("%d: %v", size, err)
		}
		if got := server.received(); got[len(got)-1] != string(raw) {
			t.Fatalf("%d: the mail arrived changed", size)
		}
	}
}

// Neither the envelope nor the bytes are taken on trust.
func TestSendRefusesBadInput(t *testing.T) {
	server := &script{}
	conn := dialTest(t, testAccount(server.serve(t), SecurityNone, nil))
	good := string(testMail(t))
	for name, row := range map[string]struct{ from, to, raw, field string }{
		"two recipients":       {testFrom, "a@b.test, c@d.test", good, "to"},
		"injected recipient":   {testFrom, "a@b.test>\r\nRCPT TO:<c@d.test", good, "to"},
		"no sender":            {"", testTo, good, "from"},
		"bare line feed":       {testFrom, testTo, good + "a\nb\r\n", "raw"},
		"bare carriage return": {testFrom, testTo, good + "a\rb\r\n", "raw"},
		"smuggled end":         {testFrom, testTo, good + "\n.\r\nMAIL FROM:<x@y.test>\r\n", "raw"},
		"no last line end":     {testFrom, testTo, good + "x", "raw"},
		"no header":            {testFrom, testTo, "hello\r\n", "raw"},
		"eight bits":           {testFrom, testTo, good + "ü\r\n", "raw"},
		"a NUL":                {testFrom, testTo, good + "\x00\r\n", "raw"},
		"a line of 999":        {testFrom, testTo, good + strings.Repeat("x", 999) + "\r\n", "raw"},
	} {
		_, err := conn.Send(context.Background(), row.from, row.to, []byte(row.raw), nil)
		if p := asProblem(t, err); p.Class != Invalid || p.Field != row.field {
			t.Errorf("%s: got %v", name, p)
		}
	}
	if _, err := conn.Send(context.Background(), testFrom, testTo, []byte(good+strings.Repeat("x", 998)+"\r\n"), nil); err != nil {
		t.Errorf("a line of 998: %v", err)
	}
	if all, _ := server.transcript(); strings.Count(all, "MAIL FROM") != 1 {
		t.Errorf("bad input reached the server:\n%s", all)
	}
}

// The mail program introduces itself properly and asks for nothing it does not need.
func TestWhatTheServerHears(t *testing.T) {
	server := &script{}
	account := testAccount(server.serve(t), SecurityNone, nil)
	account.FromAddress = "hallo@Bücher.example"
	conn := dialTest(t, account)
	if _, err := conn.Send(context.Background(), account.FromAddress, "ann@Bücher.example", testMail(t), nil); err != nil {
		t.Fatal(err)
	}
	all, _ := server.transcript()
	for _, want := range []string{"EHLO xn--bcher-kva.example\r\n", "MAIL FROM:<hallo@xn--bcher-kva.example> BODY=8BITMIME SIZE=", "RCPT TO:<ann@xn--bcher-kva.example>\r\n"} {
		if !strings.Contains(all, want) {
			t.Errorf("missing %q in:\n%s", want, all)
		}
	}
	if strings.Count(all, "EHLO") != 1 || strings.Contains(all, "SMTPUTF8") || strings.Contains(all, "NOOP") {
		t.Errorf("unwanted commands:\n%s", all)
	}
}
