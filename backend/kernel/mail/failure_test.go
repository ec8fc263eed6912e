package mail

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// story is one row of the failure table: a server that misbehaves in one way,
// and what a caller who dials and sends one mail gets to know.
type story struct {
	name     string
	security Security
	on       map[string]act
	offers   []string // EHLO lines; nil for the usual ones
	strip    bool     // STARTTLS is not offered
	noTLS    bool     // clear text where TLS is due
	oldTLS   bool     // TLS 1.1 at most
	account  func(*Account)
	cert     string // name in the certificate; "" for the right one
	expired  bool
	stranger bool // the issuer is not trusted

	step     Step
	class    Class
	code     int
	enhanced string
	key      string
	usable   bool // the connection takes the next mail
}

const quick = 500 * time.Millisecond // for servers that never answer

func impatient(a *Account) { a.Timeout = quick }

var stories = []story{
	// Before TLS and login.
	{name: "421 in the greeting", on: map[string]act{"greeting": both(say("421 4.3.2 too busy"), drop)},
		step: StepGreeting, class: Limit, code: 421, enhanced: "4.3.2", key: "mail.limit_now"},
	{name: "554 in the greeting", on: map[string]act{"greeting": say("554 no SMTP service here")},
		step: StepGreeting, class: Policy, code: 554, key: "mail.greeting_refused"},
	{name: "a web server answers", on: map[string]act{"greeting": say("HTTP/1.1 400 Bad Request", "")},
		step: StepGreeting, class: Offline, key: "mail.not_mail_server"},
	{name: "closed without a greeting", on: map[string]act{"greeting": drop},
		step: StepGreeting, class: Temporary, key: "mail.greeting_closed"},
	{name: "silent server", on: map[string]act{"greeting": hang}, account: impatient,
		step: StepGreeting, class: Temporary, key: "mail.greeting_silent"},
	{name: "endless greeting", on: map[string]act{"greeting": endless},
		step: StepGreeting, class: Offline, key: "mail.not_mail_server"},
	{name: "silent in TLS handshake", security: SecurityTLS, noTLS: true, on: map[string]act{"greeting": hang}, account: impatient,
		step: StepTLS, class: Temporary, key: "mail.timeout"},
	{name: "name refused in EHLO", on: map[string]act{"EHLO": say("550 5.7.1 bad name"), "HELO": say("550 bad name")},
		step: StepHello, class: Permanent, code: 550, enhanced: "5.7.1", key: "mail.hello_refused"},

	// TLS.
	{name: "465 but the server starts in clear", security: SecurityTLS, noTLS: true,
		step: StepTLS, class: Offline, key: "mail.tls_not_spoken"},
	{name: "465 at a login page", security: SecurityTLS, noTLS: true, on: map[string]act{"greeting": say("HTTP/1.1 302 Found", "Location: http://hotel.test/", "")},
		step: StepTLS, class: Offline, key: "mail.not_mail_server"},
	{name: "465 with an untrusted certificate", security: SecurityTLS, stranger: true,
		step: StepTLS, class: Certificate, key: "mail.certificate_untrusted"},
	{name: "465 with another name", security: SecurityTLS, cert: "other.example.test",
		step: StepTLS, class: Certificate, key: "mail.certificate_name"},
	{name: "465 with an expired certificate", security: SecurityTLS, expired: true,
		step: StepTLS, class: Certificate, key: "mail.certificate_expired"},
	{name: "465 with TLS 1.1 only", security: SecurityTLS, oldTLS: true,
		step: StepTLS, class: InsecureRefused, key: "mail.tls_too_old"},
	{name: "STARTTLS with an untrusted certificate", security: SecurityStartTLS, stranger: true,
		step: StepStartTLS, class: Certificate, key: "mail.certificate_untrusted"},
	{name: "STARTTLS with another name", security: SecurityStartTLS, cert: "other.example.test",
		step: StepStartTLS, class: Certificate, key: "mail.certificate_name"},
	{name: "STARTTLS stripped", security: SecurityStartTLS, strip: true,
		step: StepStartTLS, class: InsecureRefused, key: "mail.starttls_missing"},
	{name: "STARTTLS refused for now", security: SecurityStartTLS, on: map[string]act{"STARTTLS": say("454 TLS not available")},
		step: StepStartTLS, class: Temporary, code: 454, key: "mail.starttls_later"},
	{name: "STARTTLS refused for good", security: SecurityStartTLS, on: map[string]act{"STARTTLS": say("502 5.5.1 no")},
		step: StepStartTLS, class: InsecureRefused, code: 502, enhanced: "5.5.1", key: "mail.starttls_refused"},
	{name: "STARTTLS with data slipped in", security: SecurityStartTLS, on: map[string]act{"STARTTLS": say("220 go ahead", "250 AUTH PLAIN")},
		step: StepStartTLS, class: InsecureRefused, key: "mail.starttls_injected"},
	{name: "hang after STARTTLS", security: SecurityStartTLS, on: map[string]act{"STARTTLS": both(say("220 go ahead"), hang)}, account: impatient,
		step: StepStartTLS, class: Temporary, key: "mail.timeout"},
	{name: "cut off in the handshake", security: SecurityStartTLS, on: map[string]act{"STARTTLS": both(say("220 go ahead"), drop)},
		step: StepStartTLS, class: Offline, key: "mail.tls_failed"},
	{name: "server wants TLS, account has none", on: map[string]act{"MAIL": say("530 5.7.0 Must issue a STARTTLS command first")},
		step: StepSender, class: InsecureRefused, code: 530, enhanced: "5.7.0", key: "mail.tls_required", usable: true},
	{name: "password without encryption", account: func(a *Account) { a.Username, a.Password = testUser, testPassword },
		step: StepCheck, class: InsecureRefused, key: "mail.password_in_clear"},

	// Login.
	{name: "wrong password", security: SecurityStartTLS, on: map[string]act{"AUTH": say("535 5.7.8 Username and Password not accepted")},
		step: StepAuth, class: Auth, code: 535, enhanced: "5.7.8", key: "mail.auth_refused"},
	{name: "Gmail wants an app password", security: SecurityTLS, on: map[string]act{"AUTH": say("534-5.7.9 Application-specific password required. Learn more at", "534 5.7.9 https://support.google.com/ - gsmtp")},
		step: StepAuth, class: Auth, code: 534, enhanced: "5.7.9", key: "mail.auth_app_password"},
	{name: "Microsoft has it switched off", security: SecurityStartTLS, on: map[string]act{"AUTH": say("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.")},
		step: StepAuth, class: Auth, code: 535, enhanced: "5.7.139", key: "mail.auth_switched_off"},
	{name: "too many logins", security: SecurityTLS, on: map[string]act{"AUTH": say("454 4.7.0 Too many login attempts, please try again later.")},
		step: StepAuth, class: Limit, code: 454, enhanced: "4.7.0", key: "mail.auth_later"},
	{name: "hang in AUTH", security: SecurityTLS, on: map[string]act{"AUTH": hang}, account: impatient,
		step: StepAuth, class: Temporary, key: "mail.timeout"},
	{name: "hang after a refused login", security: SecurityTLS, on: map[string]act{"AUTH": both(say("535 5.7.8 no"), hang)},
		step: StepAuth, class: Auth, code: 535, enhanced: "5.7.8", key: "mail.auth_refused"},
	{name: "login not offered", security: SecurityTLS, offers: []string{"8BITMIME"},
		step: StepAuth, class: Auth, key: "mail.auth_missing"},
	{name: "only XOAUTH2 offered", security: SecurityTLS, offers: []string{"AUTH XOAUTH2 CRAM-MD5"},
		step: StepAuth, class: Auth, key: "mail.auth_unsupported"},
	{name: "login dialogue with other questions", security: SecurityTLS, offers: []string{"AUTH LOGIN"}, on: map[string]act{"AUTH": say("334 Zm9vYmFy")},
		step: StepAuth, class: Auth, code: 334, key: "mail.auth_dialogue"},

	// Envelope.
	{name: "greylisted", on: map[string]act{"RCPT": say("451 4.7.1 Greylisting in action, please come back later")},
		step: StepRecipient, class: Temporary, code: 451, enhanced: "4.7.1", key: "mail.greylisted", usable: true},
	{name: "no such user", on: map[string]act{"RCPT": say("550 5.1.1 <ann@client.test>: no such user")},
		step: StepRecipient, class: BadRecipient, code: 550, enhanced: "5.1.1", key: "mail.recipient_unknown", usable: true},
	{name: "mailbox full", on: map[string]act{"RCPT": say("452 4.2.2 over quota")},
		step: StepRecipient, class: Temporary, code: 452, enhanced: "4.2.2", key: "mail.mailbox_full", usable: true},
	{name: "too many mails on this connection", on: map[string]act{"MAIL": say("452 4.5.3 Too many messages sent")},
		step: StepSender, class: Limit, code: 452, enhanced: "4.5.3", key: "mail.limit_now", usable: true},
	{name: "421 at RCPT", on: map[string]act{"RCPT": both(say("421 4.7.0 Try again later, closing connection."), drop)},
		step: StepRecipient, class: Limit, code: 421, enhanced: "4.7.0", key: "mail.limit_now"},
	{name: "daily limit", on: map[string]act{"DATA": say("550 5.4.5 Daily user sending limit exceeded")},
		step: StepData, class: Limit, code: 550, enhanced: "5.4.5", key: "mail.limit_day", usable: true},
	{name: "sender not ours", on: map[string]act{"MAIL": say("553 5.7.1 sender address rejected: not owned by user")},
		step: StepSender, class: Policy, code: 553, enhanced: "5.7.1", key: "mail.sender_not_yours", usable: true},
	{name: "dropped at RCPT", on: map[string]act{"RCPT": drop},
		step: StepRecipient, class: Temporary, key: "mail.connection_lost"},
	{name: "hang at MAIL", on: map[string]act{"MAIL": hang}, account: impatient,
		step: StepSender, class: Temporary, key: "mail.timeout"},
	{name: "250 instead of 354", on: map[string]act{"DATA": say("250 ok")},
		step: StepData, class: Temporary, code: 250, key: "mail.reply_unexpected", usable: true},
	{name: "nonsense at RCPT", on: map[string]act{"RCPT": say("what?")},
		step: StepRecipient, class: Temporary, key: "mail.reply_garbled"},

	// After the content.
	{name: "554 after DATA", on: map[string]act{".": say("554 5.7.1 looks like spam")},
		step: StepAfterData, class: Policy, code: 554, enhanced: "5.7.1", key: "mail.policy", usable: true},
	{name: "452 after DATA", on: map[string]act{".": say("452 4.3.1 no disk space")},
		step: StepAfterData, class: Temporary, code: 452, enhanced: "4.3.1", key: "mail.temporary", usable: true},
	{name: "552 after DATA", on: map[string]act{".": say("552 5.3.4 too big")},
		step: StepAfterData, class: Permanent, code: 552, enhanced: "5.3.4", key: "mail.too_large", usable: true},
	{name: "dropped after the final dot", on: map[string]act{".": drop},
		step: StepAfterData, class: Unknown, key: "mail.unknown"},
	{name: "silent after the final dot", on: map[string]act{".": hang}, account: impatient,
		step: StepAfterData, class: Unknown, key: "mail.unknown"},
	{name: "nonsense after the final dot", on: map[string]act{".": say("thanks!")},
		step: StepAfterData, class: Unknown, key: "mail.unknown"},
}

// endless never finishes its reply.
func endless(s *session) bool {
	for say("220-" + strings.Repeat("welcome ", 20))(s) {
	}
	return false
}

func TestFailures(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	for _, row := range together(stories) {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if row.security == "" {
				row.security = SecurityNone
			}
			server := row.server(t, ca, stranger)
			account := testAccount(server.serve(t), row.security, ca)
			if row.account != nil {
				row.account(&account)
			}
			defer row.checkSecrecy(t, server)
			finish(func() { row.tell(t, account) })
			for _, content := range server.received() {
				if row.step != StepAfterData && content != "" {
					t.Errorf("content left although the mail was refused: %q", content)
				}
			}
		})
	}
}

// together adds the rows once more with a server that takes commands together:
// what a caller learns must be the same.
func together(rows []story) []story {
	for _, row := range rows {
		if row.offers == nil {
			row.name += ", commands together"
			row.offers = append(usualOffers(), "PIPELINING")
			rows = append(rows, row)
		}
	}
	return rows
}

func (row story) server(t *testing.T, ca, stranger *authority) *script {
	server := &script{on: row.on, offers: row.offers, strip: row.strip}
	if row.security == SecurityNone || row.noTLS {
		return server
	}
	server.implicit = row.security == SecurityTLS
	issuer, name, until := ca, "127.0.0.1", time.Now().Add(time.Hour)
	if row.stranger {
		issuer = stranger
	}
	if row.cert != "" {
		name = row.cert
	}
	if row.expired {
		until = time.Now().Add(-time.Minute)
	}
	server.cert = issuer.issue(t, name, until)
	if row.oldTLS {
		server.newest = tls.VersionTLS11
	}
	return server
}

// tell dials, sends one mail and compares what the caller learns.
func (row story) tell(t *testing.T, account Account) {
	announced := 0
	conn, err := Dial(context.Background(), account)
	if err == nil {
		defer func() { _ = conn.Close() }()
		_, err = conn.Send(context.Background(), testFrom, testTo, testMail(t), func() error { announced++; return nil })
		if conn.Usable() != row.usable {
			t.Errorf("usable = %v, want %v", conn.Usable(), row.usable)
		}
	}
	p := asProblem(t, err)
	got := story{step: p.Step, class: p.Class, code: p.Code, enhanced: p.Enhanced, key: p.Key}
	want := story{step: row.step, class: row.class, code: row.code, enhanced: row.enhanced, key: row.key}
	if got.step != want.step || got.class != want.class || got.code != want.code || got.enhanced != want.enhanced || got.key != want.key {
		t.Errorf("got  %s %s %d %q %s (%v)\nwant %s %s %d %q %s", got.step, got.class, got.code, got.enhanced, got.key, p.Err,
			want.step, want.class, want.code, want.enhanced, want.key)
	}
	if p.Code != 0 && p.Reply == "" {
		t.Error("the server's own words are missing")
	}
	wantAnnounced := 0
	if row.step == StepAfterData {
		wantAnnounced = 1
	}
	if announced != wantAnnounced {
		t.Errorf("onData was called %d times, want %d", announced, wantAnnounced)
	}
	if m := p.Meaning(); m.Key != row.key {
		t.Errorf("no sentence for %s", row.key)
	}
}

// checkSecrecy: with an account that demands TLS, nothing but the way to TLS
// ever travels in clear text, whatever the server does.
func (row story) checkSecrecy(t *testing.T, server *script) {
	all, clearText := server.transcript()
	if row.security == SecurityStartTLS {
		for _, line := range strings.SplitAfter(clearText, "\r\n") {
			switch firstWord(strings.TrimRight(line, "\r\n")) {
			case "", "EHLO", "HELO", "STARTTLS", "QUIT":
			default:
				t.Errorf("in clear text: %q", line)
			}
		}
	}
	secrets := encodings()
	if row.security == SecurityNone {
		clearText = all // mail may travel, a password never
	} else {
		secrets = append(secrets, "AUTH", "MAIL FROM", testTo)
	}
	for _, secret := range secrets {
		if strings.Contains(clearText, secret) {
			t.Errorf("%q travelled in clear text", secret)
		}
	}
}

func TestPortClosed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	_ = listener.Close()
	_, err = Dial(context.Background(), testAccount(port, SecurityTLS, nil))
	if p := asProblem(t, err); p.Step != StepConnect || p.Class != Offline || p.Key != "mail.port_closed" {
		t.Errorf("got %v", p)
	}
}

// abroad is a connection to a public address.
type abroad struct{ net.Conn }

func (abroad) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 25} }

// Mails carry sign-in links: without encryption they stay in the own network.
func TestClearTextStaysAtHome(t *testing.T) {
	near, far := net.Pipe()
	defer func() { _ = far.Close() }()
	_, p := newWire(abroad{near}, testAccount(25, SecurityNone, nil), nil)
	if p == nil || p.Class != InsecureRefused || p.Key != "mail.clear_public" {
		t.Fatalf("got %v", p)
	}
	if _, err := far.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the connection was left open: %v", err)
	}
	if _, p := newWire(abroad{near}, testAccount(25, SecurityStartTLS, nil), nil); p != nil {
		t.Errorf("an account with encryption may go anywhere: %v", p)
	}
}

// The guard is the second wall: even if the opening were wrong about TLS, the
// library could not get a login or a mail past it.
func TestGuardRefusesClearText(t *testing.T) {
	server := &script{}
	account := testAccount(server.serve(t), SecurityStartTLS, nil)
	w, p := connect(context.Background(), account, nil)
	if p != nil {
		t.Fatal(p)
	}
	defer w.hangUp()
	// Pretend that STARTTLS went well: the library is let loose in clear text.
	if p := w.expect(context.Background(), 220); p != nil {
		t.Fatal(p)
	}
	w.opening = [][]byte{[]byte("220 hi\r\n"), []byte("250-hi\r\n250 AUTH PLAIN\r\n")}
	_, p = w.login(context.Background(), account, map[string]string{"AUTH": "PLAIN"})
	if p == nil || p.Class != InsecureRefused || p.Key != "mail.insecure_refused" {
		t.Errorf("got %v", p)
	}
	for _, command := range []string{"MAIL FROM:<a@b.test>", "RCPT TO:<a@b.test>", "DATA", "AUTH LOGIN", "auth plain", "XYZ"} {
		fresh := &wire{raw: w.raw, conn: w.conn, in: w.in, timeout: time.Second, demandTLS: true}
		if _, err := fresh.Write([]byte(command + "\r\n")); asProblem(t, err).Class != InsecureRefused {
			t.Errorf("%s passed in clear text", command)
		}
	}
	if all, _ := server.transcript(); all != "" {
		t.Errorf("the server heard %q", all)
	}
}
