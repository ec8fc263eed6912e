package backendtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// Map is a JSON object.
type Map map[string]any

// Client sends requests to a handler as a browser or a program would.
type Client struct {
	t       testing.TB
	handler http.Handler
	base    string
	address string
	agent   string
	cookies map[string]string
	Header  http.Header // sent with every request
}

// As changes the browser that the client claims to be.
func (c *Client) As(agent string) *Client {
	c.agent = agent
	return c
}

// Cookie is a cookie that the browser holds, or "".
func (c *Client) Cookie(name string) string { return c.cookies[name] }

// Copy is another browser with the same cookies.
func (c *Client) Copy() *Client {
	other := *c
	other.cookies = map[string]string{}
	for k, v := range c.cookies {
		other.cookies[k] = v
	}
	return &other
}

// Reply is what came back.
type Reply struct {
	Status int
	Header http.Header
	Body   string
	JSON   Map
}

// Text is a string of the JSON body; dots go into objects.
func (r Reply) Text(path string) string {
	s, _ := r.At(path).(string)
	return s
}

// Number is a number of the JSON body.
func (r Reply) Number(path string) int {
	n, _ := r.At(path).(float64)
	return int(n)
}

// List is a list of objects in the JSON body.
func (r Reply) List(path string) []Map {
	list, _ := r.At(path).([]any)
	out := make([]Map, len(list))
	for i, v := range list {
		out[i], _ = v.(map[string]any)
	}
	return out
}

// At is any value of the JSON body; dots go into objects.
func (r Reply) At(path string) any {
	var v any = map[string]any(r.JSON)
	for _, part := range strings.Split(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[part]
	}
	return v
}

// Send sends one request and keeps the cookies that come back.
func (c *Client) Send(r *http.Request) Reply {
	if c.address != "" {
		r.RemoteAddr = c.address + ":40000"
	}
	if c.agent != "" {
		r.Header.Set("User-Agent", c.agent)
	}
	for name, values := range c.Header {
		r.Header[name] = values
	}
	for name, value := range c.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	res := w.Result()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, cookie := range res.Cookies() {
		if c.cookies == nil {
			break
		}
		if cookie.MaxAge < 0 {
			delete(c.cookies, cookie.Name)
		} else {
			c.cookies[cookie.Name] = cookie.Value
		}
	}
	reply := Reply{Status: res.StatusCode, Header: res.Header, Body: string(body)}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(body, &reply.JSON); err != nil {
			c.t.Fatalf("%s %s: %v in %s", r.Method, r.URL.Path, err, body)
		}
	}
	return reply
}

// Request makes a request with a JSON body, or none for nil.
func (c *Client) Request(method, path string, body any) *http.Request {
	c.t.Helper()
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		content = bytes.NewReader(b)
	}
	r := httptest.NewRequest(method, c.base+path, content)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// Do sends JSON and answers whatever comes back.
func (c *Client) Do(method, path string, body any) Reply {
	c.t.Helper()
	return c.Send(c.Request(method, path, body))
}

// Must sends JSON and fails the test when the status is another.
func (c *Client) Must(method, path string, body any, status int) Reply {
	c.t.Helper()
	r := c.Do(method, path, body)
	if r.Status != status {
		c.t.Fatalf("%s %s: %d, want %d: %s", method, path, r.Status, status, r.Body)
	}
	return r
}

// Get opens a page as a person's browser navigates to it, without following redirects.
func (c *Client) Get(path string) Reply {
	r := c.Request(http.MethodGet, path, nil)
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("Sec-Fetch-Site", "none")
	return c.Send(r)
}

// Follow opens a page and follows redirects on the same site.
func (c *Client) Follow(path string) Reply {
	for range 5 {
		r := c.Get(path)
		if r.Status/100 != 3 {
			return r
		}
		path = strings.TrimPrefix(r.Header.Get("Location"), c.base)
	}
	c.t.Fatalf("too many redirects: %s", path)
	return Reply{}
}

// Form sends a form as the page's own button would.
func (c *Client) Form(path string, values url.Values) Reply {
	r := httptest.NewRequest(http.MethodPost, c.base+path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", c.base)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return c.Send(r)
}
