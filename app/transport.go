package app

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
)

// capture holds an answer that a handler of this process gives.
type capture struct {
	header http.Header
	body   bytes.Buffer
	status int
}

func newCapture() *capture { return &capture{header: http.Header{}} }

// Header implements http.ResponseWriter.
func (c *capture) Header() http.Header { return c.header }

// WriteHeader implements http.ResponseWriter.
func (c *capture) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
}

// Write implements http.ResponseWriter.
func (c *capture) Write(b []byte) (int, error) {
	c.WriteHeader(http.StatusOK)
	return c.body.Write(b)
}

// inProcess answers requests with a handler of this process.
type inProcess struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	served := r.Clone(r.Context())
	if served.Body == nil {
		served.Body = http.NoBody
	}
	served.RequestURI = r.URL.RequestURI()
	if served.Host == "" {
		served.Host = r.URL.Host
	}
	c := newCapture()
	t.handler.ServeHTTP(c, served)
	_ = served.Body.Close()
	c.WriteHeader(http.StatusOK)
	return &http.Response{
		StatusCode: c.status, Status: http.StatusText(c.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: c.header, Body: io.NopCloser(&c.body), ContentLength: int64(c.body.Len()), Request: r,
	}, nil
}

// overSocket sends requests to the process that has the data folder.
func overSocket(dir string) http.RoundTripper {
	return &http.Transport{
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return dialSocket(ctx, dir) },
		DisableKeepAlives: true, // one request a run; an idle connection would only delay the other's stop
	}
}
