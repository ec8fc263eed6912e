package limit_test

import (
	"fmt"
	"testing"
	"time"

	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/limit"
)

func TestLimits(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		override := func(name string, b limit.Bounds) error {
			return d.Write(ctx, func(tx *db.Tx) error { return limit.Override(ctx, tx, name, b) })
		}
		load := func() string {
			l, err := limit.Load(ctx, d.Read())
			if err != nil {
				t.Error(err)
			}
			return fmt.Sprint(l)
		}
		const usual = "{[{3 900} {10 86400}] [{10 900} {50 86400}] [{60 60}] [{30 600}] [{3 900} {10 86400}] [{40 2} {600 300}]}"
		if got := load(); got != usual || got != fmt.Sprint(limit.Defaults()) {
			t.Errorf("the defaults: %s", got)
		}
		for i, name := range limit.Names() {
			if err := override(name, limit.Bounds{{Max: i, Seconds: 5}}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := load(); got != "{[{0 5}] [{1 5}] [{2 5}] [{3 5}] [{4 5}] [{5 5}]}" {
			t.Errorf("overridden: %s", got)
		}
		for _, s := range []struct {
			name   string
			bounds limit.Bounds
			want   string
		}{
			{"nothing", limit.Bounds{{Max: 1, Seconds: 1}}, "limit.unknown"},
			{"login_total", limit.Bounds{}, "limit.bounds"},
			{"login_total", limit.Bounds{{Max: -1, Seconds: 1}}, "limit.bounds"},
			{"login_total", limit.Bounds{{Max: 1, Seconds: 0}}, "limit.bounds"},
			{"login_total", limit.Bounds{{Max: 1, Seconds: 1}, {Max: 1, Seconds: 1 << 40}}, "limit.bounds"},
		} {
			if err := override(s.name, s.bounds); fault.As(err).Code != s.want || fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s %v: %v, want %s", s.name, s.bounds, err, s.want)
			}
		}
		for _, name := range limit.Names() {
			if err := override(name, nil); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := load(); got != usual {
			t.Errorf("brought back: %s", got)
		}
	})
}

func TestAddressKey(t *testing.T) {
	for ip, want := range map[string]string{
		"192.0.2.7":               "192.0.2.7",
		"127.3.2.1":               "127.3.2.1",
		"::ffff:192.0.2.7":        "192.0.2.7",
		"2001:db8:1:2:3:4:5:6":    "2001:db8:1:2::/64",
		"2001:db8:1:2::":          "2001:db8:1:2::/64",
		"2001:DB8:1:3::1":         "2001:db8:1:3::/64",
		"fe80::1%eth0":            "fe80::/64",
		"::1":                     "::/64",
		"":                        "unknown",
		"192.0.2.7:80":            "unknown",
		"example.com":             "unknown",
		"::ffff:192.0.2.7%eth0":   "192.0.2.7",
		"0:0:0:0:0:ffff:c000:207": "192.0.2.7",
	} {
		if got := limit.AddressKey(ip); got != want {
			t.Errorf("%s: %s, want %s", ip, got, want)
		}
	}
}

func TestTooMany(t *testing.T) {
	for wait, want := range map[time.Duration][2]int{
		0:                                     {1, 0},
		time.Second + 1:                       {1, 2},
		time.Minute:                           {1, 60},
		time.Minute + 1:                       {2, 61},
		15*time.Minute - 500*time.Millisecond: {15, 900},
	} {
		f := fault.As(limit.TooMany(wait))
		if f.Kind != fault.TooMany || f.Params["count"] != want[0] || f.RetryAfter != want[1] {
			t.Errorf("%v: %+v", wait, f)
		}
	}
}
