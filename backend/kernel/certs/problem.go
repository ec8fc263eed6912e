package certs

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mholt/acmez/v3/acme"
)

// Code names what went wrong, for the room to find words by.
type Code string

// The codes. Those of the authority follow RFC 8555 §6.7.
const (
	CodeCAA             Code = "caa"              // the zone forbids this authority
	CodeConnection      Code = "connection"       // the authority could not reach us
	CodeDNS             Code = "dns"              // the authority could not look the name up
	CodeUnauthorized    Code = "unauthorized"     // somebody else answered
	CodeIncorrect       Code = "incorrect"        // the answer was not the expected one
	CodeTLS             Code = "tls"              // the authority's handshake with us failed
	CodeRejected        Code = "rejected"         // the authority does not serve this name
	CodeRateLimited     Code = "rate_limited"     // Until says when the authority listens again
	CodeAuthorityFault  Code = "authority_fault"  // the authority has a fault of its own
	CodeAccountRequired Code = "account_required" // the authority wants an account made beforehand
	CodeTerms           Code = "terms"            // somebody must agree to something at the authority
	CodeContact         Code = "contact"          // the email address is not accepted
	CodeRefused         Code = "refused"          // the authority refused the request for another reason
	CodeUnreachable     Code = "unreachable"      // we could not reach the authority
	CodeUntrusted       Code = "untrusted"        // whoever answered as the authority is not trusted
	CodeTimeout         Code = "timeout"          // it took too long
	CodeRecord          Code = "record"           // the DNS record could not be published
	CodeStore           Code = "store"            // the result could not be kept
	CodeInterrupted     Code = "interrupted"      // Portico was stopped
	CodeClock           Code = "clock"            // a certificate just issued should be renewed already: our clock is wrong
	CodeNoChallenge     Code = "no_challenge"     // no port and no DNS method is there to prove the name with
	CodeUnknown         Code = "unknown"
)

// Codes are all of them, for whoever has words for each.
func Codes() []Code {
	return []Code{
		CodeCAA, CodeConnection, CodeDNS, CodeUnauthorized, CodeIncorrect, CodeTLS, CodeRejected, CodeRateLimited, CodeAuthorityFault,
		CodeAccountRequired, CodeTerms, CodeContact, CodeRefused, CodeUnreachable, CodeUntrusted, CodeTimeout, CodeRecord, CodeStore,
		CodeInterrupted, CodeClock, CodeNoChallenge, CodeUnknown,
	}
}

// codes are the authority's types without their prefix.
var codes = map[string]Code{
	"caa": CodeCAA, "connection": CodeConnection, "dns": CodeDNS, "unauthorized": CodeUnauthorized,
	"incorrectResponse": CodeIncorrect, "tls": CodeTLS,
	"rejectedIdentifier": CodeRejected, "unsupportedIdentifier": CodeRejected,
	"rateLimited": CodeRateLimited, "serverInternal": CodeAuthorityFault, "badNonce": CodeAuthorityFault, "orderNotReady": CodeAuthorityFault,
	"externalAccountRequired": CodeAccountRequired, "userActionRequired": CodeTerms,
	"invalidContact": CodeContact, "unsupportedContact": CodeContact,
	"malformed": CodeRefused, "compound": CodeRefused, "accountDoesNotExist": CodeRefused, "badCSR": CodeRefused,
	"badPublicKey": CodeRefused, "badSignatureAlgorithm": CodeRefused, "badRevocationReason": CodeRefused,
	"alreadyReplaced": CodeRefused, "alreadyRevoked": CodeRefused,
}

// Problem is why an attempt failed.
type Problem struct {
	Code      Code
	Type      string    `json:",omitempty"` // the authority's own: unauthorized, rateLimited, …; "" when it never spoke
	Detail    string    // the authority's own words, or the error's
	Status    int       `json:",omitempty"` // HTTP status
	Challenge Challenge `json:",omitempty"`
	Directory string
	Staging   bool // it happened in the rehearsal
	At        time.Time
	Until     time.Time `json:",omitzero"` // when the authority allows another try, if it said so
	// Validation: the authority tried to prove the name and could not, which counts
	// against its limits and ours.
	Validation bool
	// Ordered: an order was placed before it failed.
	Ordered bool
	// dropped: it was not to go on, which is nobody's failure.
	dropped bool
}

// Error is for logs.
func (p *Problem) Error() string { return "certs: " + string(p.Code) + ": " + p.Detail }

// stages of an order, in the words of acmez; whatever comes before them happened
// before an order was placed.
var (
	afterOrder = []string{"solving challenge", "getting CSR", "validating order identifiers", "finalizing order", "downloading certificate chain", "saving assets"}
	newOrder   = "creating new order"
)

// explain turns what the library answered into a Problem.
func explain(err error) Problem {
	p := Problem{Code: CodeUnknown, Detail: scrub(err.Error()), Ordered: ordered(err)}
	var said acme.Problem
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	var network net.Error
	var publish *publishError
	switch {
	case errors.As(err, &said):
		p.Type = strings.TrimPrefix(said.Type, acme.ProblemTypeNamespace)
		p.Detail, p.Status = scrub(words(said)), said.Status
		p.Code = codes[p.Type]
		p.Validation = p.Ordered && strings.Contains(err.Error(), afterOrder[0])
		switch {
		case p.Code == "" && said.Status >= 500:
			p.Code = CodeAuthorityFault
		case p.Code == "":
			p.Code = CodeRefused
		case p.Type == "malformed" && p.Validation && strings.Contains(said.Detail, "resolve"):
			p.Code = CodeDNS // an authority for companies says it that way
		}
	case errors.As(err, &publish):
		p.Code = CodeRecord
	case errors.As(err, &authority), errors.As(err, &hostname), errors.As(err, &invalid):
		p.Code = CodeUntrusted
	case errors.Is(err, context.DeadlineExceeded) && p.Ordered:
		p.Code = CodeTimeout
	case errors.Is(err, errOtherwise):
		p.Code, p.dropped = CodeInterrupted, true
	case errors.Is(err, context.Canceled):
		p.Code = CodeInterrupted
	case strings.Contains(err.Error(), "saving assets"), strings.Contains(err.Error(), "storage check"):
		p.Code = CodeStore
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		p.Code = CodeUnreachable
	case strings.Contains(err.Error(), "HTTP 5"):
		p.Code = CodeAuthorityFault
	}
	return p
}

// ordered reports whether an order was placed. When the answer to the request for
// one was lost, it counts: better one too many than one too few.
func ordered(err error) bool {
	text := err.Error()
	for _, stage := range afterOrder {
		if strings.Contains(text, stage) {
			return true
		}
	}
	if !strings.Contains(text, newOrder) {
		return false
	}
	var said acme.Problem
	var op *net.OpError
	return !errors.As(err, &said) && !(errors.As(err, &op) && op.Op == "dial")
}

// words are the detail and those of the parts of it.
func words(p acme.Problem) string {
	out := p.Detail
	for _, sub := range p.Subproblems {
		if sub.Detail != "" && !strings.Contains(out, sub.Detail) {
			out += "; " + sub.Detail
		}
	}
	return out
}

var (
	address    = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+`)
	retryWords = regexp.MustCompile(`(?i)retry[ -]after:?\s+(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2})(?:\.\d+)?\s*(?:Z|UTC)?`)
)

// longest is how much of somebody else's words is kept.
const longest = 1000

// scrub takes email addresses out of somebody else's words, and bounds them.
func scrub(text string) string {
	text = address.ReplaceAllString(strings.ToValidUTF8(text, "�"), "…")
	text = strings.ReplaceAll(text, "\x00", "")
	if len(text) <= longest {
		return text
	}
	cut := longest
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// retryAfter reads "retry after 2026-03-02 15:04:05 UTC" out of the authority's
// words; zero when it says nothing of the kind.
func retryAfter(detail string) time.Time {
	match := retryWords.FindStringSubmatch(detail)
	if match == nil {
		return time.Time{}
	}
	at, err := time.Parse(time.DateTime, strings.Replace(match[1], "T", " ", 1))
	if err != nil {
		return time.Time{}
	}
	return at
}
