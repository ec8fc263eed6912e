package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Replies as real servers give them.
func TestRefusals(t *testing.T) {
	for _, row := range []struct {
		step  Step
		said  string
		class Class
		key   string
		wait  time.Duration
	}{
		// Gmail.
		{StepAuth, "535 5.7.8 Username and Password not accepted.", Auth, "mail.auth_refused", 0},
		{StepAuth, "534 5.7.9 Application-specific password required.", Auth, "mail.auth_app_password", 0},
		{StepAuth, "534 5.7.14 Please log in with your web browser and then try again.", Auth, "mail.auth_web_login", 0},
		{StepAuth, "454 4.7.0 Too many login attempts, please try again later.", Limit, "mail.auth_later", 0},
		{StepSender, "530 5.7.0 Must issue a STARTTLS command first.", InsecureRefused, "mail.tls_required", 0},
		{StepSender, "530 5.7.0 Authentication Required.", Auth, "mail.auth_needed", 0},
		{StepRecipient, "550 5.4.5 Daily user sending limit exceeded.", Limit, "mail.limit_day", dayWait},
		{StepRecipient, "550 5.1.1 The email account that you tried to reach does not exist.", BadRecipient, "mail.recipient_unknown", 0},
		{StepRecipient, "550 5.2.1 The email account that you tried to reach is disabled.", BadRecipient, "mail.recipient_disabled", 0},
		{StepRecipient, "450 4.2.1 The user you are trying to contact is receiving mail too quickly.", Temporary, "mail.temporary", 0},
		{StepRecipient, "452 4.2.2 The email account that you tried to reach is over quota.", Temporary, "mail.mailbox_full", 0},
		{StepRecipient, "552 5.2.2 The email account that you tried to reach is over quota.", Permanent, "mail.mailbox_full", 0},
		{StepAfterData, "421 4.7.28 Our system has detected an unusual rate of unsolicited mail.", Limit, "mail.limit_now", 0},
		{StepAfterData, "550 5.7.26 Unauthenticated email is not accepted due to domain's DMARC policy.", Policy, "mail.policy", 0},
		{StepAfterData, "552 5.3.4 Your message exceeded Google's message size limits.", Permanent, "mail.too_large", 0},
		{StepAfterData, "552 5.7.0 This message was blocked because its content presents a potential security issue.", Policy, "mail.policy", 0},
		// Exchange Online.
		{StepAuth, "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", Auth, "mail.auth_switched_off", 0},
		{StepAuth, "432 4.3.2 Concurrent connections limit exceeded.", Limit, "mail.auth_later", 0},
		{StepSender, "530 5.7.57 Client not authenticated to send mail.", Auth, "mail.auth_needed", 0},
		{StepSender, "451 5.7.3 STARTTLS is required to send mail", InsecureRefused, "mail.tls_required", 0},
		{StepSender, "432 4.3.2 Concurrent connections limit exceeded.", Limit, "mail.limit_now", 0},
		{StepAfterData, "554 5.2.252 SendAsDenied; shop@example.test not allowed to send as boss@example.test", Policy, "mail.sender_not_yours", 0},
		{StepAfterData, "550 5.7.60 SMTP; Client does not have permissions to send as this sender", Policy, "mail.sender_not_yours", 0},
		{StepAfterData, "550 5.1.8 Access denied, bad outbound sender", Policy, "mail.sender_refused", 0},
		{StepAfterData, "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException", Limit, "mail.limit_day", dayWait},
		{StepAfterData, "554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException", Limit, "mail.own_mailbox_full", dayWait},
		{StepRecipient, "550 5.4.1 Recipient address rejected: Access denied.", BadRecipient, "mail.recipient_unknown", 0},
		{StepRecipient, "550 5.4.310 DNS domain client.test does not exist", BadRecipient, "mail.recipient_domain", 0},
		// IONOS, Postfix, exim, OpenSMTPD and plain old servers.
		{StepSender, "450 Mail send limit exceeded.", Limit, "mail.limit_now", 0},
		{StepSender, "452 4.5.3 Too many messages sent", Limit, "mail.limit_now", 0},
		{StepSender, "552 5.3.4 Message size exceeds fixed limit", Permanent, "mail.too_large", 0},
		{StepSender, "553 5.7.1 <boss@example.test>: Sender address rejected: not owned by user shop", Policy, "mail.sender_not_yours", 0},
		{StepSender, "501 5.1.7 Bad sender address syntax", Policy, "mail.sender_refused", 0},
		{StepSender, "550 sender verify failed", Permanent, "mail.sender_refused", 0},
		{StepSender, "502 5.7.0 Please authenticate first", Auth, "mail.auth_needed", 0},
		{StepRecipient, "451 4.7.1 Greylisting in action", Temporary, "mail.greylisted", greylistWait},
		{StepRecipient, "450 4.2.0 <ann@client.test>: Recipient address rejected: Greylisted", Temporary, "mail.greylisted", greylistWait},
		{StepRecipient, "554 5.7.1 <ann@client.test>: Relay access denied", Policy, "mail.relay_refused", 0},
		{StepRecipient, "550 relay not permitted", Policy, "mail.relay_refused", 0},
		{StepRecipient, "550 Unrouteable address", BadRecipient, "mail.recipient_unknown", 0},
		{StepRecipient, "553 sorry, no mailbox here by that name", BadRecipient, "mail.recipient_unknown", 0},
		{StepRecipient, "550 blocked using a blacklist", Policy, "mail.policy", 0},
		{StepRecipient, "556 5.1.10 Recipient address has null MX", BadRecipient, "mail.recipient_unknown", 0},
		{StepRecipient, "550 5.1.2 Bad destination system", BadRecipient, "mail.recipient_domain", 0},
		{StepRecipient, "451 4.3.0 try later", Temporary, "mail.temporary", 0},
		{StepAfterData, "554 5.6.0 message rejected", Permanent, "mail.permanent", 0},
		{StepAfterData, "554 rejected as spam", Policy, "mail.policy", 0},
		{StepAfterData, "452 insufficient system storage", Temporary, "mail.temporary", 0},
		{StepAuth, "504 5.5.4 Unrecognized authentication type", Auth, "mail.auth_unsupported", 0},
		{StepAuth, "538 5.7.11 Encryption required for requested authentication mechanism", InsecureRefused, "mail.tls_required", 0},
		{StepGreeting, "421 too many connections", Limit, "mail.limit_now", 0},
		{StepGreeting, "450 4.3.0 not now", Temporary, "mail.temporary", 0},
		{StepGreeting, "554 5.7.1 your address is blocked", Policy, "mail.greeting_refused", 0},
		{StepHello, "501 5.5.4 Invalid domain name", Permanent, "mail.hello_refused", 0},
	} {
		r, err := read(row.said + "\r\n")
		if err != nil {
			t.Fatal(err)
		}
		p := refusal(row.step, r)
		if p.Class != row.class || p.Key != row.key || p.Wait != row.wait {
			t.Errorf("%s: %s\n got %s %s %v\nwant %s %s %v", row.step, row.said, p.Class, p.Key, p.Wait, row.class, row.key, row.wait)
		}
	}
}

func TestBreakdowns(t *testing.T) {
	for _, row := range []struct {
		step  Step
		err   error
		class Class
		key   string
	}{
		{StepConnect, &net.DNSError{IsNotFound: true}, Offline, "mail.dns_unknown"},
		{StepConnect, &net.DNSError{IsTimeout: true}, Offline, "mail.dns_failed"},
		{StepConnect, &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, Offline, "mail.port_closed"},
		{StepConnect, wsaConnectionRefused, Offline, "mail.port_closed"},
		{StepConnect, syscall.ENETUNREACH, Offline, "mail.network_unreachable"},
		{StepConnect, wsaHostUnreachable, Offline, "mail.network_unreachable"},
		{StepConnect, os.ErrDeadlineExceeded, Offline, "mail.connect_timeout"},
		{StepConnect, context.DeadlineExceeded, Offline, "mail.connect_timeout"},
		{StepConnect, errors.New("strange"), Offline, "mail.offline"},
		{StepConnect, context.Canceled, Cancelled, "mail.cancelled"},
		{StepRecipient, syscall.EHOSTUNREACH, Offline, "mail.network_unreachable"},
		{StepRecipient, syscall.ECONNRESET, Temporary, "mail.connection_lost"},
		{StepRecipient, fmt.Errorf("read: %w", os.ErrDeadlineExceeded), Temporary, "mail.timeout"},
		{StepAfterData, syscall.ENETUNREACH, Unknown, "mail.unknown"},
		{StepAfterData, context.Canceled, Unknown, "mail.unknown"},
	} {
		if p := breakdown(row.step, row.err); p.Class != row.class || p.Key != row.key || !errors.Is(p, row.err) {
			t.Errorf("%s %v: got %s %s", row.step, row.err, p.Class, p.Key)
		}
	}
}

func TestAboutAccount(t *testing.T) {
	for class, want := range map[Class]bool{
		Offline: true, Auth: true, Certificate: true, InsecureRefused: true, Limit: true, Cancelled: true,
		Temporary: false, Permanent: false, BadRecipient: false, Policy: false, Unknown: false, Invalid: false,
	} {
		if class.AboutAccount() != want {
			t.Errorf("%s: want %v", class, want)
		}
		if _, ok := MeaningOf("mail." + string(class)); !ok {
			t.Errorf("no fallback sentence for class %s", class)
		}
	}
}

// Every sentence is two full ones, says something, and is found by its key.
func TestMeanings(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Meanings() {
		if seen[m.Key] || !strings.HasPrefix(m.Key, "mail.") {
			t.Errorf("key %q is double or misnamed", m.Key)
		}
		seen[m.Key] = true
		for _, sentence := range []string{m.What, m.Do} {
			if !strings.HasSuffix(sentence, ".") || strings.Contains(strings.ToLower(sentence), "went wrong") || len(sentence) > 180 {
				t.Errorf("%s: %q", m.Key, sentence)
			}
		}
		if found, ok := MeaningOf(m.Key); !ok || found != m {
			t.Errorf("%s is not found", m.Key)
		}
	}
	for _, r := range rules {
		if !seen[r.key] {
			t.Errorf("no sentence for %s", r.key)
		}
	}
	if m := (&Problem{Class: Auth, Key: "mail.from_the_future"}).Meaning(); m.Key != "mail.auth" {
		t.Errorf("an unknown key must fall back to its class, got %q", m.Key)
	}
}

// The server's words often repeat the recipient's address: they stay out of logs.
func TestProblemsKeepPersonsOut(t *testing.T) {
	r, _ := read("550 5.1.1 <ann@client.test>: no such user\r\n")
	p := refusal(StepRecipient, r)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("refused", "problem", p, "error", fmt.Errorf("send: %w", p))
	if text := log.String() + p.Error(); strings.Contains(text, "ann@") || !strings.Contains(text, "5.1.1") {
		t.Error(text)
	}
}
