package reach

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"portico/backend/kernel/clock"
)

// AuthorityConfig names the certificate authority. Directory and Clock are needed.
type AuthorityConfig struct {
	Directory  string         // the ACME directory
	StatusPage string         // its status as JSON of status.io; "": not asked
	Roots      *x509.CertPool // who may vouch for it; nil: this computer's
	Resolver   *net.Resolver  // nil: this computer's
	Clock      clock.Clock
	Patience   time.Duration // for each question; 0: ten seconds
}

// LetsEncryptStatus is Let's Encrypt's status page, for AuthorityConfig.
const LetsEncryptStatus = "https://letsencrypt.status.io/1.0/status/55957a99e800baa4470002da"

// CheckAuthority says whether the authority can be reached from here, whether it is
// well, and whether our clock agrees with its.
func CheckAuthority(ctx context.Context, c AuthorityConfig) []Finding {
	if c.Patience == 0 {
		c.Patience = 10 * time.Second
	}
	host := c.Directory
	if u, err := url.Parse(c.Directory); err == nil && u.Host != "" {
		host = u.Host
	}
	finding := func(code Code, s Severity, remedies ...Remedy) Finding {
		return Finding{Code: code, Severity: s, Subject: host, Params: map[string]any{"host": host}, Remedies: remedies}
	}
	client := newClient("", c.Resolver, &tls.Config{RootCAs: c.Roots, Time: c.Clock.Now})
	defer client.CloseIdleConnections()

	all := incident(ctx, client, c)
	asked := c.Clock.Now()
	answer, body, err := get(ctx, client, c.Directory, c.Patience)
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.As(err, &untrusted):
		f := finding(AuthorityUntrusted, Blocks, Remedy{Cure: CureSetClock}, Remedy{Cure: CureSignIn})
		f.Params["reason"] = untrustedReason(untrusted.Err)
		return append(all, f)
	case err != nil:
		f := finding(AuthorityUnreachable, Blocks, Remedy{Cure: CureWait})
		f.Params["reason"] = reasonOf(err)
		return append(all, f)
	case answer.StatusCode >= 500, answer.StatusCode == http.StatusTooManyRequests:
		f := finding(AuthorityDown, Blocks, Remedy{Cure: CureWait})
		f.Params["status"] = answer.StatusCode
		all = append(all, f)
	case answer.StatusCode != http.StatusOK || !isDirectory(body):
		f := finding(AuthorityOdd, Blocks, Remedy{Cure: CureSignIn})
		f.Params["status"] = answer.StatusCode
		return append(all, f)
	default:
		all = append(all, finding(AuthorityReached, Good))
	}
	return append(all, judgeClock(answer.Header.Get("Date"), asked, c.Clock.Now(), finding)...)
}

// get reads a page, redirects not followed.
func get(ctx context.Context, client *http.Client, page string, patience time.Duration) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return nil, nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, mostBytes))
	return answer, body, err
}

// isDirectory: RFC 8555, 7.1.1.
func isDirectory(body []byte) bool {
	var d struct{ NewOrder, NewNonce string }
	return json.Unmarshal(body, &d) == nil && d.NewOrder != "" && d.NewNonce != ""
}

func untrustedReason(err error) string {
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &name):
		return "name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "expired" // also "not yet valid": the clock, most often
	}
	return "issuer"
}

// Clocks that differ less are in order: a Date has whole seconds and took a while.
const clockLeeway = time.Minute

// judgeClock compares a Date header with our clock around the question.
func judgeClock(date string, asked, answered time.Time, finding func(Code, Severity, ...Remedy) Finding) []Finding {
	theirs, err := http.ParseTime(date)
	if err != nil {
		return nil
	}
	off, direction := time.Duration(0), ""
	switch {
	case asked.Sub(theirs) > clockLeeway:
		off, direction = asked.Sub(theirs), "fast"
	case theirs.Sub(answered) > clockLeeway:
		off, direction = theirs.Sub(answered), "slow"
	default:
		return []Finding{finding(ClockRight, Good)}
	}
	s := Warns
	if off > time.Hour { // certificates begin an hour before they are issued
		s = Blocks
	}
	f := finding(ClockWrong, s, Remedy{Cure: CureSetClock})
	f.Params["count"], f.Params["direction"] = int(off/time.Minute), direction
	return []Finding{f}
}

// allWell is status.io's number for "operational".
const allWell = 100

// incident reads the status page. That it cannot be read says nothing.
func incident(ctx context.Context, client *http.Client, c AuthorityConfig) []Finding {
	if c.StatusPage == "" {
		return nil
	}
	answer, body, err := get(ctx, client, c.StatusPage, c.Patience)
	if err != nil || answer.StatusCode != http.StatusOK {
		return nil
	}
	var page struct {
		Result struct {
			Overall struct {
				Status string `json:"status"`
				Code   int    `json:"status_code"`
			} `json:"status_overall"`
		} `json:"result"`
	}
	if json.Unmarshal(body, &page) != nil || page.Result.Overall.Code <= allWell {
		return nil
	}
	return []Finding{{Code: AuthorityIncident, Severity: Warns, Subject: c.StatusPage,
		Params: map[string]any{"status": cut(page.Result.Overall.Status), "page": c.StatusPage}, Remedies: []Remedy{{Cure: CureWait}}}}
}
