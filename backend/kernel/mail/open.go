package mail

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	gsm "github.com/xhit/go-simple-mail/v2"
)

// connect dials TCP and puts the guard in front of it.
func connect(ctx context.Context, a Account, log *recorder) (*wire, *Problem) {
	log.enter(StepConnect)
	dialer := net.Dialer{Timeout: min(connectTimeout, a.Timeout)}
	raw, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(a.Host, strconv.Itoa(a.Port)))
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, breakdown(StepConnect, err)
	}
	return newWire(raw, a, log)
}

// open brings the connection to where mail can start: encrypted if the account
// says so, greeted, and with the server's offers known. The library then hears
// greeting and offers from memory and never takes part in the encryption.
func (w *wire) open(ctx context.Context, a Account) (offers map[string]string, p *Problem) {
	if a.Security == SecurityTLS {
		w.enter(StepTLS)
		if err := w.encrypt(ctx, a); err != nil {
			return nil, w.problem(ctx, err)
		}
	}
	w.enter(StepGreeting)
	w.extend()
	if p := w.expect(ctx, 220); p != nil {
		return nil, p
	}
	greeting := w.last
	w.enter(StepHello)
	if p := w.hello(ctx, a.HeloName); p != nil {
		return nil, p
	}
	if a.Security == SecurityStartTLS {
		if p := w.startTLS(ctx, a); p != nil {
			return nil, p
		}
	}
	// SMTPUTF8 stays hidden: the library would ask for it with every mail, and a
	// later server without it may then bounce a mail that is plain ASCII.
	w.opening = [][]byte{greeting.bytes(), w.last.without("SMTPUTF8").bytes()}
	w.unread = nil
	offers = w.last.offers()
	_, w.pipelining = offers["PIPELINING"]
	return offers, nil
}

// hello says EHLO, or HELO to a server from before 1995.
func (w *wire) hello(ctx context.Context, name string) *Problem {
	p := w.ask(ctx, "EHLO "+name, 250)
	if p != nil && slices.Contains([]int{500, 501, 502, 504}, p.Code) {
		p = w.ask(ctx, "HELO "+name, 250)
	}
	return p
}

// startTLS is RFC 3207, as a demand: no offer, no mail.
func (w *wire) startTLS(ctx context.Context, a Account) *Problem {
	_, offered := w.last.offers()["STARTTLS"]
	heard := w.last
	w.enter(StepStartTLS)
	if !offered {
		return &Problem{Step: StepStartTLS, Class: InsecureRefused, Key: "mail.starttls_missing", Reply: heard.text()}
	}
	if p := w.ask(ctx, "STARTTLS", 220); p != nil {
		return p
	}
	// Whatever follows 220 in clear text was put there by someone in between, to
	// be taken for an answer given under TLS (CVE-2011-0411).
	if w.in.Buffered() > 0 {
		return &Problem{Step: StepStartTLS, Class: InsecureRefused, Key: "mail.starttls_injected"}
	}
	w.last = reply{}
	if err := w.encrypt(ctx, a); err != nil {
		return w.problem(ctx, err)
	}
	// What was offered in clear text is void (RFC 3207 §4.2).
	return w.hello(ctx, a.HeloName)
}

// ask sends one command through the guard and expects one code.
func (w *wire) ask(ctx context.Context, line string, want int) *Problem {
	if _, err := fmt.Fprintf(w, "%s\r\n", line); err != nil {
		return w.problem(ctx, err)
	}
	return w.expect(ctx, want)
}

func (w *wire) expect(ctx context.Context, want int) *Problem {
	err := w.listen()
	w.unread = nil // for us, not for the library
	if err != nil || w.last.code != want {
		return w.problem(ctx, err)
	}
	return nil
}

// login lets the library take over: it hears the opening, and logs in.
func (w *wire) login(ctx context.Context, a Account, offers map[string]string) (*gsm.SMTPClient, *Problem) {
	method, p := loginMethod(a, offers)
	if p != nil {
		w.enter(StepAuth)
		return nil, p
	}
	// Without its two timeouts the library stays on our goroutine; with them it
	// would start others and leave them behind. KeepAlive has no effect then.
	server := gsm.SMTPServer{
		CustomConn: w, Host: a.Host, Port: a.Port, Helo: a.HeloName,
		Encryption: gsm.EncryptionNone, Authentication: method,
		Username: a.Username, Password: string(a.Password),
	}
	client, err := server.Connect()
	if err != nil {
		return nil, w.problem(ctx, err)
	}
	if a.Username != "" && (w.step != StepAuth || w.last.code != 235) {
		// The library skips a login that it thinks is not offered.
		return nil, unexpected(StepAuth, w.last, nil)
	}
	return client, nil
}

// loginMethod prefers PLAIN, takes LOGIN from servers that lack it, and never
// lets the library choose: it would fall for CRAM-MD5.
func loginMethod(a Account, offers map[string]string) (gsm.AuthType, *Problem) {
	if a.Username == "" {
		return gsm.AuthNone, nil
	}
	line, offered := offers["AUTH"]
	methods := strings.Fields(strings.ToUpper(line))
	switch {
	case !offered:
		return gsm.AuthNone, &Problem{Step: StepAuth, Class: Auth, Key: "mail.auth_missing"}
	case slices.Contains(methods, "PLAIN"):
		return gsm.AuthPlain, nil
	case slices.Contains(methods, "LOGIN"):
		return gsm.AuthLogin, nil
	default:
		return gsm.AuthNone, &Problem{Step: StepAuth, Class: Auth, Key: "mail.auth_unsupported", Reply: "AUTH " + line}
	}
}
