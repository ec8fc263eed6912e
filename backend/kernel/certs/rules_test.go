package certs

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/certmagic"
	"github.com/mholt/acmez/v3/acme"
	"go.uber.org/zap"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func TestProblemsAreExplained(t *testing.T) {
	said := func(kind string, status int, detail string) acme.Problem {
		return acme.Problem{Type: acme.ProblemTypeNamespace + kind, Status: status, Detail: detail}
	}
	validating := func(p acme.Problem) error {
		return fmt.Errorf("[a.test] solving challenge: a.test: [a.test] %w (ca=https://ca.test)", p)
	}
	dial := &url.Error{Op: "Post", URL: "https://ca.test", Err: &net.OpError{Op: "dial", Err: errors.New("connection refused")}}
	for _, c := range []struct {
		err                 error
		code                Code
		validation, ordered bool
	}{
		{validating(said("unauthorized", 403, "404")), CodeUnauthorized, true, true},
		{validating(said("connection", 400, "refused")), CodeConnection, true, true},
		{validating(said("dns", 400, "NXDOMAIN")), CodeDNS, true, true},
		{validating(said("malformed", 400, "Could not resolve URL")), CodeDNS, true, true},
		{validating(said("caa", 403, "forbids")), CodeCAA, true, true},
		{validating(said("tls", 400, "handshake")), CodeTLS, true, true},
		{validating(said("incorrectResponse", 400, "")), CodeIncorrect, true, true},
		{fmt.Errorf("creating new order: %w", said("rateLimited", 429, "later")), CodeRateLimited, false, false},
		{fmt.Errorf("creating new order: %w", said("rejectedIdentifier", 400, "policy")), CodeRejected, false, false},
		{fmt.Errorf("creating new order: attempt 1: %w", dial), CodeUnreachable, false, false},
		{fmt.Errorf("creating new order: %w", io.ErrUnexpectedEOF), CodeUnreachable, false, true}, // the answer was lost
		{fmt.Errorf("registering account: %w", said("externalAccountRequired", 403, "")), CodeAccountRequired, false, false},
		{fmt.Errorf("registering account: %w", said("userActionRequired", 403, "terms")), CodeTerms, false, false},
		{fmt.Errorf("registering account: %w", said("invalidContact", 400, "")), CodeContact, false, false},
		{fmt.Errorf("registering account: %w", said("somethingNew", 400, "")), CodeRefused, false, false},
		{fmt.Errorf("registering account: %w", said("somethingNew", 500, "")), CodeAuthorityFault, false, false},
		{fmt.Errorf("finalizing order x: %w", said("serverInternal", 500, "")), CodeAuthorityFault, false, true},
		{fmt.Errorf("registering: %w", &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), CodeUntrusted, false, false},
		{fmt.Errorf("registering: %w", x509.HostnameError{Certificate: &x509.Certificate{}, Host: "ca.test"}), CodeUntrusted, false, false},
		{fmt.Errorf("getting directory: %w", &net.DNSError{Err: "no such host", Name: "ca.test"}), CodeUnreachable, false, false},
		{fmt.Errorf("getting directory: %w", context.DeadlineExceeded), CodeUnreachable, false, false},
		{errors.New("getting directory: HTTP 502: "), CodeAuthorityFault, false, false},
		{fmt.Errorf("solving challenges: %w (order=x)", context.DeadlineExceeded), CodeTimeout, false, true},
		{fmt.Errorf("solving challenges: waiting: %w (order=x)", &publishError{errors.New("REFUSED")}), CodeRecord, false, true},
		{fmt.Errorf("getting account: %w", context.Canceled), CodeInterrupted, false, false},
		{errors.New("[a.test] Obtain: saving assets: disk full"), CodeStore, false, true},
		{errors.New("what?"), CodeUnknown, false, false},
	} {
		p := explain(c.err)
		if p.Code != c.code || p.Validation != c.validation || p.Ordered != c.ordered {
			t.Errorf("%v: %+v", c.err, p)
		}
	}
	known := map[Code]bool{}
	for _, code := range Codes() {
		known[code] = true
	}
	for kind, code := range codes {
		if !known[code] {
			t.Errorf("%s is %s, which Codes lacks", kind, code)
		}
	}
	detailed := said("malformed", 400, "two names")
	detailed.Subproblems = []acme.Subproblem{{Problem: acme.Problem{Detail: "a_b.test: illegal character"}}}
	if p := explain(fmt.Errorf("creating new order: %w", detailed)); p.Detail != "two names; a_b.test: illegal character" || p.Type != "malformed" || p.Status != 400 {
		t.Errorf("%+v", p)
	}
}

func TestWordsOfOthersAreScrubbed(t *testing.T) {
	if got := scrub("registering account [mailto:Jo.Doe+x@shop.test] with server\x00"); strings.Contains(got, "shop.test") || strings.Contains(got, "\x00") {
		t.Errorf("%q", got)
	}
	if got := scrub(strings.Repeat("ä", longest)); len(got) > longest+3 || !strings.HasSuffix(got, "ä…") {
		t.Errorf("%d bytes, …%q", len(got), got[len(got)-6:])
	}
}

func TestRetryAfter(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"too many certificates, retry after 2026-03-04 05:06:07 UTC: see https://ca.test": at,
		"retry after 2026-03-04T05:06:07Z":                                                at,
		"Retry-After: 2026-03-04 05:06:07.123 UTC":                                        at,
		"retry after a while":                                                             {},
		"retry after 2026-13-04 05:06:07 UTC":                                             {},
	} {
		if got := retryAfter(text); !got.Equal(want) {
			t.Errorf("%q: %v", text, got)
		}
	}
	for header, want := range map[string]time.Duration{
		"120": 2 * time.Minute, "0": 0, "-1": 0, "soon": 0, "": 0, "99999999": longestHold,
		noon.Add(time.Hour).Format(http.TimeFormat): time.Hour, noon.Add(-time.Hour).Format(http.TimeFormat): 0,
	} {
		got := after(header, noon)
		if want == 0 && !got.IsZero() || want != 0 && !got.Equal(noon.Add(want)) {
			t.Errorf("%q: %v", header, got)
		}
	}
}

// good is a certificate of 90 days that is so old.
func good(age time.Duration) memo {
	return memo{Hash: "h", NotBefore: noon.Add(-age), NotAfter: noon.Add(90*day - age)}
}

func TestWhatIsDue(t *testing.T) {
	for _, c := range []struct {
		story  string
		memo   memo
		change func(*memo)
		task   task
		state  State
	}{
		{"nothing yet", memo{}, nil, obtain, StateNone},
		{"fresh", good(day), nil, nothing, StateActive},
		{"two thirds over", good(60 * day), nil, renew, StateActive},
		{"one second before", good(60*day - time.Second), nil, nothing, StateActive},
		{"ended", good(91 * day), nil, renew, StateExpired},
		{"ended, and busy", good(91 * day), func(m *memo) { m.Activity = StateRenewing }, renew, StateRenewing},
		{"the authority wants it sooner", good(day), func(m *memo) { m.Wish.Selected = noon.Add(-time.Minute) }, renew, StateActive},
		{"the authority wants it much later", good(61 * day), func(m *memo) { m.Wish.Selected = noon.Add(29 * day) }, renew, StateActive},
		{"a short life", memo{NotBefore: noon.Add(-73 * time.Hour), NotAfter: noon.Add(71 * time.Hour)}, nil, renew, StateActive},
		{"a failure, waiting", memo{}, func(m *memo) { m.failed(Problem{Code: CodeDNS, At: noon.Add(-time.Minute), Ordered: true}) }, nothing, StateFailing},
		{"a failure, and the wait is over", memo{}, func(m *memo) { m.failed(Problem{Code: CodeDNS, At: noon.Add(-time.Hour)}) }, obtain, StateFailing},
		{"a failed renewal", good(61 * day), func(m *memo) { m.failed(Problem{Code: CodeDNS, At: noon}) }, nothing, StateFailing},
		{"a failed renewal of another time", good(day), func(m *memo) { m.failed(Problem{Code: CodeClock, At: noon.Add(60 * day)}) }, nothing, StateActive},
		{"a wait that was written when the clock was wrong", memo{}, func(m *memo) { m.wait(noon.Add(365*day), WhyBackoff) }, obtain, StateFailing},
		{"stopped before it ordered", memo{}, func(m *memo) { m.failed(Problem{Code: CodeInterrupted, At: noon}) }, obtain, StateNone},
		{"stopped after it ordered", memo{}, func(m *memo) { m.failed(Problem{Code: CodeInterrupted, At: noon, Ordered: true}) }, nothing, StateFailing},
	} {
		mo := c.memo
		if c.change != nil {
			c.change(&mo)
		}
		if mo.due(noon) != c.task || mo.state(noon) != c.state {
			t.Errorf("%s: due %v, state %s", c.story, mo.due(noon), mo.state(noon))
		}
	}
}

func TestPausesGrow(t *testing.T) {
	for _, c := range []struct {
		problem     Problem
		first, last time.Duration
	}{
		{Problem{Code: CodeUnreachable}, time.Minute, 30 * time.Minute},
		{Problem{Code: CodeAuthorityFault, Ordered: true}, 20 * time.Minute, 6 * time.Hour},
		{Problem{Code: CodeConnection, Ordered: true, Validation: true}, 20 * time.Minute, 6 * time.Hour},
		{Problem{Code: CodeRateLimited}, time.Hour, day},
		{Problem{Code: CodeRejected}, time.Hour, 6 * time.Hour},
	} {
		before := time.Duration(0)
		for n := range 40 {
			p := pause(c.problem, n)
			if p < before {
				t.Errorf("%s: %v after %v", c.problem.Code, p, before)
			}
			before = p
		}
		if pause(c.problem, 1) != c.first || before != c.last {
			t.Errorf("%s: from %v to %v", c.problem.Code, pause(c.problem, 1), before)
		}
	}
	if interruption(1) != 15*time.Minute || interruption(2) != 30*time.Minute || interruption(99) != 6*time.Hour || interruption(0) != 15*time.Minute {
		t.Error("interruptions")
	}
}

func TestThresholds(t *testing.T) {
	for left, want := range map[time.Duration]int{30 * day: 0, 14*day + 1: 0, 14 * day: 1, 7 * day: 2, 3 * day: 3, time.Second: 3, 0: 4, -day: 4} {
		if got := good(90*day - left).passed(noon); got != want {
			t.Errorf("%v before the end: %d", left, got)
		}
	}
	six := memo{NotBefore: noon.Add(-3 * day), NotAfter: noon.Add(3 * day)}
	if six.passed(noon) != 0 || six.passed(noon.Add(2*day)) != 0 || six.passed(noon.Add(52*time.Hour)) != 1 || (memo{}).passed(noon) != 0 {
		t.Errorf("a certificate of six days: %v", six.thresholds())
	}
}

func TestRehearsals(t *testing.T) {
	for _, c := range []struct {
		memo memo
		want bool
	}{
		{memo{}, true}, {memo{Rehearsed: noon.Add(-time.Hour)}, false}, {memo{Rehearsed: noon.Add(-25 * time.Hour)}, true},
		{memo{Rehearsed: noon.Add(time.Hour)}, true}, {good(61 * day), false},
	} {
		if c.memo.rehearse(noon) != c.want {
			t.Errorf("%+v", c.memo)
		}
	}
}

// certmagic's own loops ask before they order; only a run of ours may, once.
func TestOnlyOurScheduleOrders(t *testing.T) {
	var final certmagic.ErrNoRetry
	if err := onEvent(context.Background(), "cert_obtaining", nil); !errors.As(err, &final) {
		t.Errorf("somebody else's: %v", err)
	}
	inside, cancel := context.WithCancel(context.Background())
	defer cancel()
	r := &run{cancel: cancel}
	inside = context.WithValue(inside, runKey{}, r)
	if err := onEvent(inside, "cert_obtaining", nil); err != nil {
		t.Errorf("ours: %v", err)
	}
	failed := errors.New("no")
	if err := onEvent(inside, "cert_failed", map[string]any{"error": failed}); err != nil || inside.Err() == nil || r.err != failed { //nolint:errorlint // the very one
		t.Errorf("a failure ends it: %v, %v", inside.Err(), r.err)
	}
	if err := onEvent(inside, "cert_obtaining", nil); !errors.As(err, &final) {
		t.Errorf("a second order: %v", err)
	}
}

func TestTheLibrarysLog(t *testing.T) {
	type line struct{ name, text string }
	var lines []line
	var out bytes.Buffer
	h := &holds{now: func() time.Time { return noon }, until: map[string]time.Time{}}
	base := tee{log: slog.New(slog.NewTextHandler(&out, nil)), holds: h, note: func(name, text string) { lines = append(lines, line{name, text}) }}
	issuer, config := zap.New(base.to("https://ca.test")), zap.New(base)
	issuer.With(zap.String("identifier", "a.test")).Error("challenge failed", zap.Any("problem", acme.Problem{Type: "urn:ietf:params:acme:error:dns", Detail: "for owner@a.test"}))
	config.Info("acquiring lock", zap.String("identifier", "a.test"))
	config.Info("certificate obtained successfully", zap.Strings("identifiers", []string{"b.test"}))
	config.Debug("choosing certificate", zap.String("identifier", "a.test"))
	if len(lines) != 2 || lines[0].name != "a.test" || !strings.Contains(lines[0].text, "dns") || strings.Contains(lines[0].text, "owner") || lines[1].name != "b.test" {
		t.Errorf("%+v", lines)
	}
	if text := out.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "level=WARN") {
		t.Errorf("in our own log: %s", text)
	}
	if config.Core().Enabled(zap.DebugLevel) {
		t.Error("handshakes would build lines that nobody keeps")
	}
	heard := func(status int64, header string) time.Time {
		issuer.Debug("http request", zap.Int64("status_code", status), zap.Any("response_headers", http.Header{"Retry-After": {header}}))
		return h.of("https://ca.test")
	}
	if !heard(200, "10").IsZero() || !heard(429, "60").Equal(noon.Add(time.Minute)) || !heard(503, "60").Equal(noon.Add(time.Minute)) || !h.of("https://ca.test").IsZero() {
		t.Error("Retry-After")
	}
}
