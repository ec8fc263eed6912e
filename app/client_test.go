package app

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"

	"portico/backend/kernel/fault"
)

// TestBothTransportsAreAlike sends the same requests through a socket and
// through memory: nothing above the transport may tell them apart.
func TestBothTransportsAreAlike(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		switch r.URL.Path {
		case "/echo":
			_ = json.NewEncoder(w).Encode(map[string]string{"method": r.Method, "query": r.URL.RawQuery, "body": string(body),
				"kind": r.Header.Get("Content-Type"), "host": r.Host, "uri": r.RequestURI})
		case "/nothing":
			w.WriteHeader(http.StatusNoContent)
		case "/problem":
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, `{"code":"app.serving","status":409,"detail":"Told."}`)
		case "/redirect":
			http.Redirect(w, r, "/nothing", http.StatusSeeOther)
		case "/broken":
			_, _ = io.WriteString(w, `{`)
		case "/plain":
			http.Error(w, "oh", http.StatusBadGateway)
		}
	})
	dir := shortDir(t)
	s, err := listenSocket(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	go http.Serve(s, handler)
	for name, c := range map[string]*client{"socket": newClient(overSocket(dir)), "memory": newClient(inProcess{handler})} {
		t.Run(name, func(t *testing.T) {
			var got map[string]string
			if err := c.do(t.Context(), http.MethodPost, "/echo?a=b", map[string]int{"n": 1}, &got); err != nil {
				t.Fatal(err)
			}
			for key, want := range map[string]string{"method": "POST", "query": "a=b", "body": `{"n":1}`, "kind": "application/json", "host": "portico", "uri": "/echo?a=b"} {
				if got[key] != want {
					t.Errorf("%s is %q, want %q", key, got[key], want)
				}
			}
			if err := c.do(t.Context(), http.MethodGet, "/nothing", nil, &got); err != nil {
				t.Error(err)
			}
			err := c.do(t.Context(), http.MethodPost, "/problem", nil, nil)
			if f := fault.As(err); !errors.Is(err, errServing) || f.Message != "Told." || f.Kind != fault.Conflict {
				t.Errorf("%#v", err)
			}
			for _, path := range []string{"/redirect", "/plain", "/broken"} {
				if err := c.do(t.Context(), http.MethodGet, path, nil, &got); err == nil {
					t.Errorf("%s went well", path)
				}
			}
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	err := newClient(overSocket(t.TempDir())).do(t.Context(), http.MethodGet, "/", nil, nil)
	if !errors.Is(err, errNotRunning) {
		t.Errorf("%v", err)
	}
}
