package access

import (
	"net/http"
	"time"

	"portico/backend/kernel/auth"
)

// Cookies names and shapes the cookies of the portal listener. Over https their
// names carry the __Host- prefix, which browsers hold to this host, to https and
// to the whole site (RFC 6265bis §4.1.3.2); plain http is a preview on loopback
// and private addresses.
type Cookies struct{ Secure bool }

// StaffCookie is the dashboard's cookie on the loopback staff listener.
const StaffCookie = "portico-staff"

func (c Cookies) name(secure, plain string) string {
	if c.Secure {
		return "__Host-" + secure
	}
	return plain
}

func (c Cookies) session() string { return c.name("portico", "portico") }
func (c Cookies) landing() string { return c.name("land", "land") }
func (c Cookies) request() string { return c.name("lr", "lr") }

// cookie is a cookie of ours; no value takes it away.
func (c Cookies) cookie(name, value string, life time.Duration) http.Cookie {
	age := int(life / time.Second)
	if value == "" {
		age = -1
	}
	return http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, Secure: c.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

func (c Cookies) give(w http.ResponseWriter, name, value string, life time.Duration) {
	cookie := c.cookie(name, value, life)
	http.SetCookie(w, &cookie)
}

func read(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// SessionToken is the session cookie of a request on the portal listener.
func (c Cookies) SessionToken(r *http.Request) string { return read(r, c.session()) }

func (c Cookies) browser(r *http.Request, actor auth.Actor) Browser {
	return Browser{Address: actor.Address, Agent: actor.Browser, Navigated: r.Header.Get("Sec-Fetch-Mode") == "navigate",
		Session: read(r, c.session()), Landed: read(r, c.landing()), Asked: read(r, c.request())}
}
