package zone

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"portico/backend/kernel/fault"
)

// UpdateURL is the address that a dynamic-DNS service wants to be called, as
// DynDNS, No-IP, Duck DNS and most others describe it.
type UpdateURL struct {
	Address  string // with {ip}, {ipv6} and {name} where those belong; https, or http within this computer
	User     string // "" where the address holds all that is needed
	Password string
}

var (
	placeholder = regexp.MustCompile(`\{[^}]*\}?`)
	authority   = regexp.MustCompile(`^[^/]*//[^/?#]*`) // where a placeholder could send the password elsewhere
)

type byURL struct {
	client *Client
	to     UpdateURL
}

// ByURL checks the entries and makes an Updater that calls the address; nothing
// is sent yet. A missing kind of address leaves its placeholder empty.
func (c *Client) ByURL(u UpdateURL) (Updater, error) {
	u.Address = strings.TrimSpace(u.Address)
	for _, found := range placeholder.FindAllString(u.Address, -1) {
		if found != "{ip}" && found != "{ipv6}" && found != "{name}" {
			return nil, fault.New(fault.Invalid, "zone.update_url_placeholder", "{found} is no placeholder that Portico knows. Use {example}.", "found", printable(found, 40), "example", "{ip}, {ipv6}, {name}")
		}
	}
	to, err := url.Parse(placeholder.ReplaceAllString(u.Address, "x"))
	if err != nil || !safeURL(to.Scheme, to.Hostname()) || strings.Contains(authority.FindString(u.Address), "{") {
		return nil, fault.New(fault.Invalid, "zone.update_url_invalid", "Enter the whole update address of your service; it begins with https://, because it holds a password.")
	}
	return &byURL{client: c, to: u}, nil
}

// Update calls the address.
func (u *byURL) Update(ctx context.Context, name Name, addresses []netip.Addr) error {
	var four, six string
	for _, ip := range addresses {
		if ip = ip.Unmap(); ip.Is4() {
			four = ip.String()
		} else {
			six = ip.WithZone("").String()
		}
	}
	if four == "" && six == "" {
		return noAddress
	}
	ctx, cancel := context.WithTimeout(ctx, 5*u.client.config.Patience)
	defer cancel()
	address := strings.NewReplacer("{ip}", four, "{ipv6}", six, "{name}", string(name)).Replace(u.to.Address)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return u.unreachable(err)
	}
	request.Header.Set("User-Agent", "Portico dynamic DNS") // services refuse callers without a name
	if u.to.User != "" || u.to.Password != "" {
		request.SetBasicAuth(u.to.User, u.to.Password)
	}
	response, err := u.client.web.Do(request)
	if err != nil {
		return u.unreachable(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	if err != nil {
		return u.unreachable(err)
	}
	return u.verdict(response.StatusCode, string(body), name)
}

// service is the host of the address, the only part of it that may be shown.
func (u *byURL) service() string {
	if to, err := url.Parse(placeholder.ReplaceAllString(u.to.Address, "x")); err == nil {
		return to.Hostname()
	}
	return ""
}

func (u *byURL) unreachable(err error) error {
	var whole *url.Error // repeats the address, which holds the password
	if errors.As(err, &whole) {
		err = whole.Err
	}
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) {
		return fault.New(fault.Unavailable, "zone.update_url_certificate", "{service} could not prove that it is {service}, so nothing was sent to it. Check the update address and this computer's clock.", "service", u.service()).Because(err)
	}
	return fault.New(fault.Unavailable, "zone.update_url_unreachable", "The dynamic-DNS service {service} cannot be reached, so nothing was changed. Portico tries again later.", "service", u.service()).Because(err)
}

// meaning is what an answer of a service means: one of the faults below, or "" for success.
type meaning string

const (
	accepted   meaning = ""
	badLogin   meaning = "login"
	badHost    meaning = "host"
	tooOften   meaning = "limit"
	notPaid    meaning = "paid"
	ownTrouble meaning = "down"
	refused    meaning = "refused"
)

// answers are the first words of services' replies: DynDNS's protocol, which
// most have taken over, and what Duck DNS, FreeDNS and others say instead.
var answers = map[string]meaning{
	"good": accepted, "nochg": accepted, "ok": accepted, "updated": accepted, "success": accepted,
	"badauth": badLogin, "badsys": refused, "badagent": refused, "badip": refused, "badparam": refused,
	"nohost": badHost, "notfqdn": badHost, "numhost": badHost, "!yours": badHost, "notdyn": badHost, "nofqdn": badHost,
	"abuse": tooOften, "toosoon": tooOften, "!donator": notPaid, "!active": refused,
	"911": ownTrouble, "dnserr": ownTrouble, "servererror": ownTrouble,
	"ko": refused, "error": refused, "error:": refused, "err": refused, "fail": refused, "failed": refused, "failure": refused, "invalid": refused,
}

// failures are what replies in XML or JSON hold when they are refusals.
var failures = regexp.MustCompile(`<errcount>\s*[1-9]|"success"\s*:\s*false|"status"\s*:\s*"(error|fail)`)

// said is the meaning of a body; several lines are about several names, of which
// the worst counts.
func said(body string) meaning {
	body = strings.ToLower(body)
	if failures.MatchString(body) {
		return refused
	}
	for line := range strings.Lines(body) {
		if words := strings.FieldsFunc(line, func(r rune) bool { return r <= ' ' || r == ',' || r == '|' }); len(words) > 0 {
			if m, known := answers[words[0]]; known && m != accepted {
				return m
			}
		}
	}
	return accepted
}

// ofStatus is the meaning of an HTTP status.
func ofStatus(status int) meaning {
	switch {
	case status/100 == 2:
		return accepted
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return badLogin
	case status == http.StatusTooManyRequests:
		return tooOften
	case status/100 == 5:
		return ownTrouble
	default:
		return refused
	}
}

// verdict puts the service's answer into words. The body says more than the
// status where both speak, and is shown to nobody.
func (u *byURL) verdict(status int, body string, name Name) error {
	m := said(body)
	if m == accepted {
		m = ofStatus(status)
	}
	params := []any{"service", u.service(), "name", string(name), "status", status}
	switch m {
	case accepted:
		return nil
	case badLogin:
		return fault.New(fault.Forbidden, "zone.update_url_login", "{service} does not accept the user name and password, or the token in the address. Enter them again.", params...)
	case badHost:
		return fault.New(fault.Invalid, "zone.update_url_host", "{service} does not have the name {name} in this account. Check which name you have created there.", params...)
	case tooOften:
		return fault.New(fault.TooMany, "zone.update_url_limit", "{service} takes no more updates for now, because there were too many. Look into your account there before you switch the updates on again.", params...)
	case notPaid:
		return fault.New(fault.Forbidden, "zone.update_url_paid", "{service} offers this only to accounts that pay for it.", params...)
	case ownTrouble:
		return fault.New(fault.Unavailable, "zone.update_url_down", "{service} has trouble of its own at the moment, so nothing was changed. Portico tries again later.", params...)
	}
	switch {
	case status/100 == 3:
		return fault.New(fault.Invalid, "zone.update_url_moved", "{service} says that the update address has moved. Enter the new address, which stands in its instructions.", params...)
	case status == http.StatusNotFound || status == http.StatusGone:
		return fault.New(fault.Invalid, "zone.update_url_not_found", "{service} does not know this update address. Compare it with the instructions of the service.", params...)
	}
	return fault.New(fault.Invalid, "zone.update_url_refused", "{service} refused the update (status {status}). Compare the update address with the instructions of the service.", params...)
}
