package access_test

import (
	"testing"

	"portico/backend/backendtest"
)

type m = backendtest.Map

// The code of a login mail works through the API in the browser that asked, and
// in no other: the cookies of requests and answers are read and written.
func TestACodeWorksInTheBrowserThatAsked(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		w.WithMail().Link(w.Contact("Ana", "ana@example.com")) // a link lets her in
		asks, other := w.Browser("127.1.0.1"), w.Browser("127.1.0.2")
		asks.Must("POST", "/api/portal/login", m{"email": "ana@example.com"}, 202)
		typed := m{"email": "ana@example.com", "code": w.Await("ana@example.com", 1).Code()}
		other.Must("POST", "/api/portal/login/code", typed, 401)
		if asks.Must("POST", "/api/portal/login/code", typed, 200); asks.Cookie("portico") == "" {
			t.Error("signed in without a session")
		}
		asks.Must("GET", "/api/portal/sessions", nil, 200)
	})
}
