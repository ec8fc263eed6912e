package torture

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// API speaks to one listener of a running program.
type API struct {
	Base  string
	Token string // "" on the portal
	// Session is the cookie of a signed-in client; "" is nobody.
	Session string
	http    *http.Client
}

// StaffAPI is the staff API of the running program.
func (p *Program) StaffAPI() *API {
	return &API{Base: p.Staff, Token: p.Token, http: newHTTP()}
}

// PortalAPI is the portal of the running program, without a session.
func (p *Program) PortalAPI() *API { return &API{Base: p.Portal, http: newHTTP()} }

func newHTTP() *http.Client {
	return &http.Client{
		Timeout:       time.Minute,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 128, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// sessionCookie is what a preview in clear calls the session (backend/doc/security.md).
const sessionCookie = "portico"

// SignIn makes a magic link for a contact, opens it as a browser does, and answers
// the session.
func (p *Program) SignIn(ctx context.Context, contactID string) (session string, err error) {
	staff, portal := p.StaffAPI(), p.PortalAPI()
	defer staff.Close()
	defer portal.Close()
	var link struct{ URL string }
	if err := staff.Must(ctx, http.MethodPost, "/api/staff/portal/magic-links", map[string]string{"contact_id": contactID}, &link, http.StatusCreated); err != nil {
		return "", err
	}
	landed, err := portal.Do(ctx, http.MethodGet, strings.TrimPrefix(link.URL, p.Portal), nil, nil)
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Portal+"/k", nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", p.Portal)
	r.AddCookie(CookieOf(landed, "land"))
	entered, err := portal.Send(r)
	if err != nil {
		return "", err
	}
	if session = CookieOf(entered, sessionCookie).Value; session == "" {
		return "", fmt.Errorf("%s was not let in: %d", contactID, entered.Status)
	}
	return session, nil
}

// Close gives the connections back.
func (a *API) Close() { a.http.CloseIdleConnections() }

// Answer is what came back. Code and Detail are those of a problem.
type Answer struct {
	Status       int
	Header       http.Header
	Body         []byte
	Code, Detail string
}

// Do sends in as JSON (nil: no body) and reads a good answer into out (nil: not
// read). The error says that no complete answer came; a refusal is an answer.
func (a *API) Do(ctx context.Context, method, path string, in, out any) (Answer, error) {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return Answer{}, err
		}
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, a.Base+path, body)
	if err != nil {
		return Answer{}, err
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	got, err := a.Send(r)
	if err == nil && got.Status < 300 && out != nil {
		err = json.Unmarshal(got.Body, out)
	}
	return got, err
}

// Send sends a request as it is, with the token.
func (a *API) Send(r *http.Request) (Answer, error) {
	if a.Token != "" {
		r.Header.Set("Authorization", "Bearer "+a.Token)
	}
	if a.Session != "" {
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: a.Session})
	}
	res, err := a.http.Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	got := Answer{Status: res.StatusCode, Header: res.Header}
	if got.Body, err = io.ReadAll(res.Body); err != nil {
		return Answer{}, err
	}
	if got.Status >= 400 {
		_ = json.Unmarshal(got.Body, &got) // a page is no problem
	}
	return got, nil
}

// UnmarshalJSON reads the parts of a problem that matter here.
func (a *Answer) UnmarshalJSON(raw []byte) error {
	var p struct{ Code, Detail string }
	err := json.Unmarshal(raw, &p)
	a.Code, a.Detail = p.Code, p.Detail
	return err
}

// Must sends and wants one status.
func (a *API) Must(ctx context.Context, method, path string, in, out any, status int) error {
	got, err := a.Do(ctx, method, path, in, out)
	if err == nil && got.Status != status {
		err = fmt.Errorf("%d instead of %d: %.500s", got.Status, status, got.Body)
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// Contact is what the API tells of a contact, as far as it matters here.
type Contact struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Emails []string `json:"emails"`
}

// Invited is what became of one recipient of an invitation.
type Invited struct {
	ContactID string `json:"contact_id"`
	Email     string `json:"email"`
	Status    string `json:"status"`
	Reason    string `json:"reason"`
}

// Invite invites contacts and raw addresses. The answer is one for each.
func (a *API) Invite(ctx context.Context, contactIDs, emails []string) ([]Invited, error) {
	var out struct {
		Results []Invited `json:"results"`
	}
	in := map[string][]string{"contact_ids": contactIDs, "emails": emails}
	return out.Results, a.Must(ctx, http.MethodPost, "/api/staff/portal/invitations", in, &out, http.StatusOK)
}

// CookieOf is a cookie that an answer sets; one without a value when it does not.
func CookieOf(a Answer, name string) *http.Cookie {
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		if c.Name == name {
			return c
		}
	}
	return &http.Cookie{Name: name}
}
