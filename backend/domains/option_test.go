package domains

import (
	"errors"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/certs"
	"portico/backend/kernel/fault"
)

var key = Change{Address: ref("ns1.shop.test"), Zone: ref("shop.test"), KeyName: ref("portico"), Secret: ref("Y2FuYXJ5LXNlY3JldA==")}

func signing() Change {
	c := key
	c.Method = ref(MethodDNSUpdate)
	return c
}

// What would be refused when it is used is refused when it is entered.
func TestOptionsThatCannotBeUsedAreRefused(t *testing.T) {
	each(t, func(r *rig) {
		byURL := func(url string) Change { return Change{Dynamic: ref(DynamicURL), UpdateURL: ref(url)} }
		typed := func(change func(c *Change)) Change {
			c := signing()
			change(&c)
			return c
		}
		for _, s := range []struct {
			c           Change
			field, code string
		}{
			{typed(func(c *Change) { c.Secret = ref("my secret!") }), "secret", "zone.update_secret"},
			{typed(func(c *Change) { c.Secret = ref("") }), "secret", "domains.secret"},
			{typed(func(c *Change) { c.KeyName = ref("a..b") }), "key_name", "zone.update_key_missing"},
			{typed(func(c *Change) { c.Method, c.Dynamic, c.Secret = nil, ref(DynamicUpdate), ref("==") }), "secret", "zone.update_secret"},
			{byURL("https://dyn.test/?ip={address}"), "update_url", "zone.update_url_placeholder"},
			{byURL("https://{name}.dyn.test/?ip={ip}"), "update_url", "zone.update_url_invalid"},
			{byURL("http://dyn.test/?ip={ip}"), "update_url", "zone.update_url_invalid"},
			{byURL("dyn.test"), "update_url", "zone.update_url_invalid"},
		} {
			err := r.SetOptions(ctx, staff, s.c)
			f := fault.As(err)
			if err == nil || len(f.Fields) != 1 || f.Fields[0].Name != s.field || f.Code != s.code {
				t.Errorf("%s %s: %v %+v", s.field, s.code, err, f)
			}
		}
		r.set(signing())
		r.set(byURL("https://dyn.test/?ip={ip}&v6={ipv6}&name={name}"))
		r.set(byURL("http://127.0.0.1:8053/?ip={ip}"))
	})
}

// A store from another computer, whose secrets cannot be opened here, stops neither
// the start nor alarms: stored certificates are served and the check says what to do.
func TestSecretsFromElsewhereStopNothing(t *testing.T) {
	each(t, func(r *rig) {
		c := signing()
		c.Dynamic, c.UpdateURL, c.Email = ref(DynamicURL), ref("https://dyn.test/?ip={ip}"), ref("owner@shop.test")
		r.set(c)
		r.use("old." + shop)
		r.use(shop)
		r.Listening(8080, 8443)
		if c := r.checked(); !c.Ready {
			t.Fatalf("before: %+v", c.Findings)
		}
		r.sick["old."+shop] = errors.New("the disk is full")
		r.statuses[shop] = life(shop, r.clk.Now().Add(time.Hour), 90*24*time.Hour)
		r.again(8)
		r.Listening(8080, 8443)
		if r.managed[shop].DNS == nil || r.active != shop {
			t.Fatalf("after a start: %+v, active %q", r.managed, r.active)
		}
		err := r.managed[shop].DNS.Publisher.Publish(ctx, certs.Record{Name: "_acme-challenge." + shop, Value: "x"})
		if !errors.Is(err, errSecret) {
			t.Errorf("publishing: %v", err)
		}
		r.turned()
		if len(r.letters) == 0 || !strings.Contains(r.letters[0].Subject, shop) {
			t.Errorf("no alarm: %v", r.letters)
		}
		check := r.checked()
		server, _ := check.finds("options.server")
		url, _ := check.finds("options.update_url")
		if check.Ready || server.Severity != Blocks || url.Severity != Warns {
			t.Errorf("the check: %v %+v", check.Ready, check.Findings)
		}
		r.set(Change{Method: ref(MethodHTTP), Dynamic: ref(DynamicUpdate), Secret: key.Secret})
		if _, found := r.checked().finds("options.server"); found {
			t.Error("a secret that was entered anew is not taken")
		}
	})
}

// While the owner lets nobody outside be asked, no question may go there: neither
// of the check, nor where a name server is, nor whether a record is seen yet.
func TestTheOwnersSwitchHoldsForEveryQuestion(t *testing.T) {
	each(t, func(r *rig) {
		r.set(Change{Method: ref(MethodManual), Outside: ref(false)})
		r.must(r.Choose(ctx, staff, shop, ByAddress, ""))
		r.use(shop)
		ask := func() {
			r.outside = nil
			r.checked()
			r.turned()
			if d := r.managed[shop].DNS; d.Seen != nil {
				_, err := d.Seen(ctx, certs.Record{})
				r.must(err)
			}
		}
		ask()
		r.set(signing())
		seen := r.outside
		ask()
		for i, outside := range append(seen, r.outside...) {
			if outside {
				t.Errorf("question %d went outside", i)
			}
		}
		if len(seen) < 3 {
			t.Errorf("%d questions", len(seen))
		}
		r.set(Change{Outside: ref(true)})
		if ask(); len(r.outside) == 0 || !r.outside[0] {
			t.Errorf("allowed again: %v", r.outside)
		}
	})
}
