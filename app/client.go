package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"portico/backend/kernel/fault"
	"portico/backend/kernel/web"
)

// client speaks the staff API. Whether its transport crosses a socket or stays
// in this process makes no difference to anything above it.
type client struct{ http http.Client }

func newClient(t http.RoundTripper) *client {
	return &client{http: http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// errGone is what a caller sees when nobody answers at the other end, and
// errOtherVersion when somebody does who has never heard of the question.
var (
	errGone         = fault.New(fault.Unavailable, "app.gone", "Portico stopped answering. Look whether it is still running, and try again.")
	errOtherVersion = fault.New(fault.NotFound, "app.other_version", "The Portico that runs with this data does not know this: it is another version. Stop it, start this one, and try again.")
)

// do sends a request with in as JSON (nil: no body) and reads the answer into out
// (nil: not read). A problem comes back as it is, with its sentence.
func (c *client) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("write the request: %w", err)
		}
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://portico"+path, body)
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("User-Agent", "portico/"+Version)
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return c.unreached(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return errGone.Because(err)
	}
	if answer.StatusCode >= 300 {
		return problemIn(answer.StatusCode, raw)
	}
	if out == nil || len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("understand the answer to %s %s: %w", method, path, err)
	}
	return nil
}

// unreached tells "nobody is there" from "it stopped while answering".
func (c *client) unreached(err error) error {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return errNotRunning.Because(err)
	}
	return errGone.Because(err)
}

// problemIn reads an RFC 9457 answer; anything else becomes a fault of ours.
func problemIn(status int, raw []byte) error {
	var p web.Problem
	if err := json.Unmarshal(raw, &p); err != nil || p.Code == "" {
		cause := fmt.Errorf("status %d: %.200s", status, raw)
		if status == http.StatusNotFound || status == http.StatusMethodNotAllowed {
			return errOtherVersion.Because(cause)
		}
		return fault.As(cause)
	}
	f := &fault.Fault{Code: p.Code, Message: p.Detail}
	for kind := fault.Internal; kind <= fault.StorageFull; kind++ {
		if f.Kind = kind; web.Status(f) == status {
			break
		}
	}
	for _, wrong := range p.Errors {
		f.Fields = append(f.Fields, fault.Field{Name: wrong.Field, Code: wrong.Code, Message: wrong.Message})
	}
	return f
}
