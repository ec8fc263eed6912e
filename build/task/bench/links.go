package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"portico/backend/torture"
)

// formHeaders are what a browser says when a person presses the button.
const formHeaders = "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n"

// contactIDs are the ids of n contacts, from the staff API.
func contactIDs(ctx context.Context, p *torture.Program, n int) ([]string, error) {
	api := p.StaffAPI()
	defer api.Close()
	var out struct{ IDs []string }
	err := api.Must(ctx, http.MethodGet, fmt.Sprintf("/api/staff/contacts/ids?limit=%d", n), nil, &out, http.StatusOK)
	if err == nil && len(out.IDs) < n {
		err = fmt.Errorf("%d contacts instead of %d", len(out.IDs), n)
	}
	return out.IDs, err
}

// makeLinks makes a magic link for each contact and answers the paths.
func makeLinks(ctx context.Context, p *torture.Program, ids []string) ([]string, error) {
	api := p.StaffAPI()
	defer api.Close()
	paths := make([]string, len(ids))
	err := side(16, len(ids), func(i int) error {
		var made struct{ URL string }
		if err := api.Must(ctx, http.MethodPost, "/api/staff/portal/magic-links", map[string]string{"contact_id": ids[i]}, &made, http.StatusCreated); err != nil {
			return err
		}
		link, err := url.Parse(made.URL)
		if err == nil {
			paths[i] = link.Path
		}
		return err
	})
	return paths, err
}

// openLinks opens each link as a browser does and answers the landing cookies.
func openLinks(ctx context.Context, p *torture.Program, paths []string) ([]string, error) {
	address := host(p.Portal)
	cookies := make([]string, len(paths))
	_, err := load{address: address, pid: p.Pid(), conns: 16, total: len(paths), status: http.StatusSeeOther,
		request: func(n int) []byte { return get(address, paths[n], "") },
		answer:  func(n int, head []byte) { cookies[n] = cookieIn(head, "land") },
	}.run(ctx)
	return cookies, err
}

// cookieIn is `name=value` from the head of an answer, or "".
func cookieIn(head []byte, name string) string {
	for line := range bytes.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSpace(string(line)), ": ")
		pair, _, _ := strings.Cut(value, ";")
		if strings.EqualFold(key, "Set-Cookie") && strings.HasPrefix(pair, name+"=") && pair != name+"=" {
			return pair
		}
	}
	return ""
}

// signedIn is the session cookie of the n-th contact.
func signedIn(ctx context.Context, p *torture.Program, n int) (string, error) {
	ids, err := contactIDs(ctx, p, n+1)
	if err != nil {
		return "", err
	}
	paths, err := makeLinks(ctx, p, ids[n:])
	if err != nil {
		return "", err
	}
	lands, err := openLinks(ctx, p, paths)
	if err != nil {
		return "", err
	}
	address, session := host(p.Portal), ""
	_, err = load{address: address, pid: p.Pid(), conns: 1, total: 1, status: http.StatusSeeOther,
		request: func(int) []byte { return post(address, "/k", formHeaders+"Cookie: "+lands[0]+"\r\n", "") },
		answer:  func(_ int, head []byte) { session = cookieIn(head, "portico") },
	}.run(ctx)
	if err == nil && session == "" {
		err = fmt.Errorf("signing in gave no session")
	}
	return session, err
}
