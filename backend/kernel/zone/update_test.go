package zone

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"portico/backend/kernel/clock"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/zone/zonetest"
)

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	f := fault.As(err)
	if sentence := fault.Fill(f.Message, f.Params); strings.ContainsAny(sentence, "{}") {
		return f.Code + " with a hole: " + sentence
	}
	return f.Code
}

func (w *testWorld) dynamic() Dynamic {
	return Dynamic{Server: w.Addr("127.0.0.2").String(), Key: zonetest.KeyName, Secret: zonetest.KeySecret}
}

func (w *testWorld) signed(d Dynamic) *Signed {
	w.t.Helper()
	w.config.Clock = clock.System{} // the server looks at the real one
	u, err := New(w.config).Signed(d)
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

func TestSignedUpdates(t *testing.T) {
	w := newWorld(t)
	w.shop.AllowUpdates(true)
	for _, algorithm := range append(Algorithms(), "", "HMAC-SHA256.") {
		d := w.dynamic()
		d.Algorithm = algorithm
		u := w.signed(d)
		for _, row := range []struct{ addresses, a, aaaa string }{
			{"127.0.0.7 ::1", "127.0.0.7", "::1"}, {"127.0.0.8", "127.0.0.8", ""}, {"::1", "", "::1"}, {"::ffff:127.0.0.9", "127.0.0.9", ""},
		} {
			if err := u.Update(w.ctx, "portal.shop.test", ips(strings.Fields(row.addresses)...)); err != nil {
				t.Fatalf("%s %s: %v", algorithm, row.addresses, err)
			}
			if a, aaaa := list(w.shop.Texts("portal", "A")), list(w.shop.Texts("portal", "AAAA")); a != row.a || aaaa != row.aaaa {
				t.Errorf("%s: %q %q", row.addresses, a, aaaa)
			}
		}
	}
	u := w.signed(w.dynamic())
	challenge := "_acme-challenge.portal.shop.test"
	for i, step := range []struct {
		do   func(ctx context.Context, name, value string) error
		name string
		want []string
	}{
		{u.AddTXT, "one", []string{`"one"`}}, {u.AddTXT, "two", []string{`"one"`, `"two"`}}, {u.AddTXT, "two", []string{`"one"`, `"two"`}},
		{u.RemoveTXT, "one", []string{`"two"`}}, {u.RemoveTXT, "one", []string{`"two"`}}, {u.RemoveTXT, "two", nil},
	} {
		if err := step.do(w.ctx, challenge, step.name); err != nil || !slices.Equal(w.shop.Texts("_acme-challenge.portal", "TXT"), step.want) {
			t.Errorf("step %d: %v %v", i, err, w.shop.Texts("_acme-challenge.portal", "TXT"))
		}
	}
}

func TestSignedRefusals(t *testing.T) {
	answer := func(rcode int) func(w *testWorld, d *Dynamic) {
		return func(w *testWorld, d *Dynamic) {
			w.Server("127.0.0.2").Twist(func(out dns.ResponseWriter, request, reply *dns.Msg) {
				if request.Opcode == dns.OpcodeUpdate {
					reply.Rcode = rcode
				}
				zonetest.Send(out, request, reply)
			})
		}
	}
	for _, row := range []struct {
		name, code string
		kind       fault.Kind
		set        func(w *testWorld, d *Dynamic)
	}{
		{"as it should be", "", fault.None, func(*testWorld, *Dynamic) {}},
		{"server by name", "", fault.None, func(w *testWorld, d *Dynamic) { d.Server = "ns2.shop.test" }},
		{"key as people copy it", "", fault.None, func(w *testWorld, d *Dynamic) {
			d.Key, d.Secret = " Portico-Update ", " "+d.Secret[:9]+"\n"+d.Secret[9:]+" "
		}},
		{"updates not allowed", "zone.update_refused", fault.Forbidden, func(w *testWorld, d *Dynamic) { w.shop.AllowUpdates(false) }},
		{"unknown key", "zone.update_bad_key", fault.Invalid, func(w *testWorld, d *Dynamic) { d.Key = "other" }},
		{"wrong secret", "zone.update_bad_secret", fault.Invalid, func(w *testWorld, d *Dynamic) { d.Secret = "AAAA" }},
		{"wrong clock", "zone.update_bad_time", fault.Unavailable, func(w *testWorld, d *Dynamic) {
			w.config.Clock = clock.NewFake(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))
		}},
		{"server of another zone", "zone.update_not_auth", fault.Invalid, func(w *testWorld, d *Dynamic) { d.Server = w.Addr("127.0.0.4").String() }},
		{"name outside", "zone.update_not_zone", fault.Invalid, func(w *testWorld, d *Dynamic) { d.Zone, w.name = "shop.test", "portal.dyn.test" }},
		{"zone not found", "zone.update_no_zone", fault.Unavailable, func(w *testWorld, d *Dynamic) { w.name = "portal.none.test" }},
		{"server not found", "zone.update_server_unknown", fault.Unavailable, func(w *testWorld, d *Dynamic) { d.Server = "ns9.shop.test" }},
		{"server silent", "zone.update_silent", fault.Unavailable, func(w *testWorld, d *Dynamic) { d.Zone = "shop.test"; w.Server("127.0.0.2").Silent(true) }},
		{"nobody listens", "zone.update_silent", fault.Unavailable, func(w *testWorld, d *Dynamic) { d.Server = "127.0.0.99" }},
		{"server in trouble", "zone.update_failed", fault.Unavailable, answer(dns.RcodeServerFailure)},
		{"another code", "zone.update_rcode", fault.Invalid, answer(dns.RcodeYXDomain)},
		{"a server that knows no updates", "zone.update_refused", fault.Forbidden, answer(dns.RcodeNotImplemented)},
		{"unsigned yes", "zone.update_unsigned", fault.Unavailable, func(w *testWorld, d *Dynamic) {
			w.Server("127.0.0.2").Twist(func(out dns.ResponseWriter, request, reply *dns.Msg) {
				reply.Extra = nil
				zonetest.Send(out, request, reply)
			})
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.shop.AllowUpdates(true)
			w.config.Clock = clock.System{}
			d := w.dynamic()
			row.set(w, &d)
			u, err := New(w.config).Signed(d)
			if err != nil {
				t.Fatal(err)
			}
			err = u.Update(w.ctx, w.name, ips("127.0.0.7"))
			if got := codeOf(err); got != row.code || fault.KindOf(err) != row.kind {
				t.Errorf("%s (%v), not %s: %v", got, fault.KindOf(err), row.code, err)
			}
			if err != nil && strings.Contains(err.Error(), d.Secret) {
				t.Errorf("the secret is told: %v", err)
			}
		})
	}
}

func TestSignedEntries(t *testing.T) {
	full := Dynamic{Server: "ns1.shop.test", Key: "k", Secret: zonetest.KeySecret}
	for code, change := range map[string]func(d *Dynamic){
		"":                           func(*Dynamic) {},
		"zone.update_server_missing": func(d *Dynamic) { d.Server = " " },
		"zone.update_key_missing":    func(d *Dynamic) { d.Key = "" },
		"zone.update_secret":         func(d *Dynamic) { d.Secret = d.Secret[:9] },
		"zone.update_algorithm":      func(d *Dynamic) { d.Algorithm = "hmac-md5.sig-alg.reg.int" },
	} {
		d := full
		change(&d)
		u, err := New(Config{}).Signed(d)
		if got := codeOf(err); got != code {
			t.Errorf("%s, not %s", got, code)
		}
		if code == "" {
			if got := codeOf(u.Update(context.Background(), "portal.shop.test", nil)); got != "zone.update_no_address" {
				t.Error(got)
			}
		}
	}
}

func TestUpdateByURL(t *testing.T) {
	w := newWorld(t)
	var mode string
	var status int
	var last *http.Request
	service := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		last = r
		out.Header().Set("Location", "http://127.0.0.1:1/")
		out.WriteHeader(status)
		_, _ = io.WriteString(out, mode)
	}))
	t.Cleanup(service.Close)
	address := service.URL + "/nic/update?hostname={name}&myip={ip}&myipv6={ipv6}&token=geheim"
	u, err := New(w.config).ByURL(UpdateURL{Address: " " + address, User: "ana", Password: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		status int
		body   string
		code   string
		kind   fault.Kind
	}{
		{200, "good 127.0.0.7", "", fault.None}, {200, "nochg 127.0.0.7", "", fault.None}, {200, "OK", "", fault.None}, {200, "", "", fault.None}, {204, "", "", fault.None},
		{200, "Updated 1 host(s) portal.shop.test to 127.0.0.7 in 0.1 seconds", "", fault.None}, {200, "<html>whatever</html>", "", fault.None},
		{200, "badauth", "zone.update_url_login", fault.Forbidden}, {401, "badauth", "zone.update_url_login", fault.Forbidden}, {401, "", "zone.update_url_login", fault.Forbidden}, {403, "<html>", "zone.update_url_login", fault.Forbidden},
		{200, "nohost", "zone.update_url_host", fault.Invalid}, {200, "notfqdn", "zone.update_url_host", fault.Invalid}, {200, "!yours", "zone.update_url_host", fault.Invalid}, {404, "nohost", "zone.update_url_host", fault.Invalid},
		{200, "abuse", "zone.update_url_limit", fault.TooMany}, {403, "abuse portal.shop.test", "zone.update_url_limit", fault.TooMany}, {429, "", "zone.update_url_limit", fault.TooMany},
		{200, "!donator", "zone.update_url_paid", fault.Forbidden}, {200, "911", "zone.update_url_down", fault.Unavailable}, {200, "dnserr", "zone.update_url_down", fault.Unavailable}, {503, "<html>", "zone.update_url_down", fault.Unavailable},
		{200, "KO", "zone.update_url_refused", fault.Invalid}, {200, "badagent", "zone.update_url_refused", fault.Invalid}, {200, "ERROR: Unable to locate this record", "zone.update_url_refused", fault.Invalid}, {400, "", "zone.update_url_refused", fault.Invalid},
		{200, `<interface-response><ErrCount>1</ErrCount></interface-response>`, "zone.update_url_refused", fault.Invalid}, {200, `<interface-response><ErrCount>0</ErrCount></interface-response>`, "", fault.None},
		{200, `{"success": false}`, "zone.update_url_refused", fault.Invalid}, {200, `{"success":true}`, "", fault.None},
		{200, "good 127.0.0.7\r\nnohost\r\n", "zone.update_url_host", fault.Invalid},
		{301, "", "zone.update_url_moved", fault.Invalid}, {302, "", "zone.update_url_moved", fault.Invalid}, {404, "<html>", "zone.update_url_not_found", fault.Invalid},
		{200, strings.Repeat("x", 1<<20), "", fault.None},
	} {
		status, mode = row.status, row.body
		err := u.Update(w.ctx, "portal.shop.test", ips("127.0.0.7", "::1"))
		if got := codeOf(err); got != row.code || fault.KindOf(err) != row.kind {
			t.Errorf("%d %.40q: %s (%v), not %s", row.status, row.body, got, fault.KindOf(err), row.code)
		}
		if err != nil && strings.Contains(fmt.Sprintf("%v %+v", err, fault.As(err).Params), "geheim") {
			t.Errorf("the token is told: %v", err)
		}
	}
	user, password, _ := last.BasicAuth()
	if q := last.URL.Query(); q.Get("hostname") != "portal.shop.test" || q.Get("myip") != "127.0.0.7" || q.Get("myipv6") != "::1" || user != "ana" || password != "secret" || last.UserAgent() == "" {
		t.Errorf("%v %s %s", last.URL, user, password)
	}
	if err := u.Update(w.ctx, "portal.shop.test", ips("127.0.0.8")); err == nil && last.URL.Query().Get("myipv6") != "" {
		t.Error("an address was made up")
	}
	if got := codeOf(u.Update(w.ctx, "portal.shop.test", nil)); got != "zone.update_no_address" {
		t.Error(got)
	}
	service.Close()
	err = u.Update(w.ctx, "portal.shop.test", []netip.Addr{netip.MustParseAddr("127.0.0.7")})
	if codeOf(err) != "zone.update_url_unreachable" || strings.Contains(err.Error(), "geheim") {
		t.Error(err)
	}
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	u, err = New(w.config).ByURL(UpdateURL{Address: secure.URL + "/{ip}"})
	if err != nil {
		t.Fatal(err)
	}
	if err = u.Update(w.ctx, "portal.shop.test", ips("127.0.0.7")); codeOf(err) != "zone.update_url_certificate" {
		t.Error(err)
	}
}

func TestUpdateURLEntries(t *testing.T) {
	for address, code := range map[string]string{
		"https://dyn.shop.com/?ip={ip}&six={ipv6}&n={name}": "",
		"https://www.duckdns.org/update?domains=x&token=y":  "",
		"https://ana:pw@dyn.shop.com/nic/update":            "",
		"http://127.0.0.1:8080/{ip}":                        "", "http://localhost/{ip}": "", "http://[::1]/{ip}": "",
		"http://dyn.shop.com/?ip={ip}": "zone.update_url_invalid", "http://10.0.0.1/": "zone.update_url_invalid",
		"": "zone.update_url_invalid", "dyn.shop.com/update": "zone.update_url_invalid", "ftp://dyn.shop.com/": "zone.update_url_invalid", "https:///x": "zone.update_url_invalid",
		"https://{name}/?ip={ip}": "zone.update_url_invalid", "https://{name}@evil.com/": "zone.update_url_invalid", "https://dyn.shop.com:{ip}/": "zone.update_url_invalid", "javascript:alert(1)": "zone.update_url_invalid", "https://a b/": "zone.update_url_invalid",
		"https://dyn.shop.com/?ip={ipv4}": "zone.update_url_placeholder", "https://dyn.shop.com/?ip={ip": "zone.update_url_placeholder",
	} {
		_, err := New(Config{}).ByURL(UpdateURL{Address: address})
		got := ""
		if err != nil {
			got = fault.As(err).Code
		}
		if got != code {
			t.Errorf("%s: %q, not %q", address, got, code)
		}
	}
}
