package domains

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/certs"
	"portico/backend/kernel/db"
	"portico/backend/kernel/reach"
	"portico/backend/kernel/zone"
)

// Former names keep the portal reachable from elsewhere after a restart, so that
// links in old mails work and certificates are renewed.
func TestFormerNamesAreAnsweredAfterARestart(t *testing.T) {
	each(t, func(r *rig) {
		if r.must(r.Start(ctx)); r.told != 0 {
			t.Fatal("wanted before there was a name")
		}
		r.use(shop)
		r.must(r.BackToDefault(ctx, staff))
		r.told = 0
		if r.again(7); r.told != 1 || !r.Asks(ctx) || !slices.Equal(r.former, []string{shop}) {
			t.Errorf("told %d times, asks %v, former %v", r.told, r.Asks(ctx), r.former)
		}
		r.must(r.Forget(ctx, staff, shop))
		r.told = 0
		if r.again(7); r.told != 0 || r.Asks(ctx) {
			t.Error("wanted without any name")
		}
	})
}

// Strict HTTPS is offered after a month, holds for the name it was switched on for
// and for no other.
func TestStrictHTTPSIsForANameThatHasWorked(t *testing.T) {
	each(t, func(r *rig) {
		r.use(shop)
		offered := func() bool {
			v, err := r.View(ctx, staff)
			r.must(err)
			return v.HSTS
		}
		on := Change{HSTS: ref(true)}
		r.clk.Advance(30*24*time.Hour - time.Minute)
		if err := r.SetOptions(ctx, staff, on); offered() || err == nil || r.hsts {
			t.Errorf("before a month: offered %v, %v", offered(), err)
		}
		r.clk.Advance(time.Minute)
		if r.set(on); !offered() || !r.hsts {
			t.Error("not after a month either")
		}
		r.use(shop)
		if !r.hsts {
			t.Error("the same name again took it back")
		}
		if r.use("clients.shop.test"); r.hsts || offered() {
			t.Error("it went over to a name that has not worked for a month")
		}
	})
}

// The owner is told before a certificate ends, each time once: in the same parts of
// its life, however long that is.
func TestAlarmsFollowTheLifeOfACertificate(t *testing.T) {
	const hour = time.Hour
	each(t, func(r *rig) {
		r.set(Change{Email: ref("owner@shop.test")})
		r.use(shop)
		r.Listening(8080, 8443)
		for _, s := range []struct {
			life, left time.Duration
			code       string
			level      Severity
			finding    string
			count      int
		}{
			{90 * day, 15 * day, "", "", "certificate.good", 0},
			{90 * day, 14 * day, "notice.expiring", Warns, "certificate.expiring", 14},
			{90 * day, 7*day - hour, "notice.expiring", Warns, "certificate.expiring", 7},
			{90 * day, 3 * day, "notice.expiring", Blocks, "certificate.expiring", 3},
			{90 * day, hour, "notice.expiring", Blocks, "certificate.expiring", 1},
			{90 * day, -hour, "notice.expired", Blocks, "certificate.expired", 1},
			{365 * day, 14*day + hour, "", "", "certificate.good", 0},
			{6 * day, 6 * day, "", "", "certificate.good", 0},
			{6 * day, 23 * hour, "", "", "certificate.good", 0},
			{6 * day, 22 * hour, "notice.expiring", Warns, "certificate.expiring", 1},
			{6 * day, 4 * hour, "notice.expiring", Blocks, "certificate.expiring", 1},
		} {
			r.clk.Advance(hour)
			r.letters = nil
			r.statuses[shop] = life(shop, r.clk.Now().Add(s.left), s.life)
			before, err := notices(ctx, r.DB.Read(), 100)
			r.must(err)
			r.turned()
			r.turned()
			after, err := notices(ctx, r.DB.Read(), 100)
			r.must(err)
			told := fmt.Sprintf("%s of %s left", s.left, s.life)
			switch fresh := len(after) - len(before); {
			case s.code == "":
				if fresh != 0 || len(r.letters) != 0 {
					t.Errorf("%s: told %+v", told, after[0])
				}
			case fresh != 1 || len(r.letters) != 1:
				t.Errorf("%s: %d notices, %d letters", told, fresh, len(r.letters))
			case r.letters[0].To != "owner@shop.test" || after[0].Code != s.code || after[0].Level != s.level || !strings.Contains(r.letters[0].Subject, shop) || strings.Contains(r.letters[0].Subject+r.letters[0].Text, "{"):
				t.Errorf("%s: %+v %+v", told, after[0], r.letters[0])
			}
			f, found := r.checked().finds(s.finding)
			if !found || s.finding == "certificate.expiring" && fmt.Sprint(f.Params["count"]) != fmt.Sprint(s.count) {
				t.Errorf("%s: %+v", told, f)
			}
		}
	})
}

// Without an address of the owner's, the letter goes to the business's own.
func TestAnAlarmReachesSomebody(t *testing.T) {
	each(t, func(r *rig) {
		r.use(shop)
		r.statuses[shop] = life(shop, r.clk.Now().Add(time.Hour), 90*day)
		if r.turned(); len(r.letters) != 1 || r.letters[0].To != "" {
			t.Errorf("%+v", r.letters)
		}
	})
}

// The address for the record is one that lasts; one that changes daily is ours too.
func TestTheRecordIsMadeOfALastingAddress(t *testing.T) {
	a := netip.MustParseAddr
	card, temp, other, third := a("2001:db8::211:22ff:fe33:4455"), a("2001:db8::9c1:2"), a("2001:db8::77:1"), a("2001:db8::5:6")
	list := func(all ...netip.Addr) []netip.Addr { return all }
	for _, s := range []struct {
		seen, before netip.Addr
		local        []netip.Addr
		want         netip.Addr
	}{
		{temp, netip.Addr{}, list(temp, card, other), card},
		{temp, netip.Addr{}, list(temp, other), other},
		{temp, other, list(third, temp, other), other},
		{temp, netip.Addr{}, list(third, temp, other), temp},
		{temp, netip.Addr{}, list(temp), temp},
		{temp, netip.Addr{}, list(other), temp}, // seen is a proxy's
		{temp, netip.Addr{}, list(temp, a("2001:db8:0:1:211:22ff:fe33:4455"), a("fe80::211:22ff:fe33:4455"), a("192.0.2.1")), temp},
		{netip.Addr{}, other, list(other), netip.Addr{}},
	} {
		if got := lasting(s.seen, s.before, s.local); got != s.want {
			t.Errorf("%v of %v: %v, want %v", s.seen, s.local, got, s.want)
		}
	}
	each(t, func(r *rig) {
		r.must(r.Choose(ctx, staff, shop, ByAddress, ""))
		r.Listening(80, 443)
		r.found, r.local = reach.Public{IPv6: temp}, list(temp, card)
		r.survey.Servers = []zone.View{{Records: zone.Records{AAAA: list(temp)}}}
		r.checked()
		v, err := r.View(ctx, staff)
		r.must(err)
		if !slices.Equal(r.target.IPv6, list(card, temp)) || v.records()[1].Value != card.String() {
			t.Errorf("judged by %v, shown %+v", r.target.IPv6, v.records())
		}
	})
}

// Health tells of trouble: as an error for the name in use, as a warning for one
// that is being set up.
func TestHealthTellsOfTrouble(t *testing.T) {
	each(t, func(r *rig) {
		stands := func(level Severity, part string) {
			t.Helper()
			got, err := r.Standing(ctx, staff)
			r.must(err)
			told, what := got.Level, got.What
			if got.Level == Fine && got.Ahead.What != "" {
				told, what = Warns, got.Ahead.What
			}
			if told != level || !strings.Contains(what, part) || what == "" || strings.Contains(what+got.Do+got.Ahead.Do, "{") {
				t.Errorf("%+v, want %s with %q", got, level, part)
			}
		}
		stands(Fine, "Only this computer")
		r.must(r.Choose(ctx, staff, shop, ByAddress, ""))
		stands(Fine, shop)
		r.Listening(8080, 0)
		r.checked()
		stands(Warns, "does not listen for https")
		r.Listening(8080, 8443)
		r.checked()
		stands(Fine, "The records are right")
		r.must(r.Update(ctx, staff))
		r.must(r.DB.Write(ctx, func(tx *db.Tx) error {
			u, err := lastUpdate(ctx, tx, shop)
			r.must(err)
			_, err = saveUpdate(ctx, tx, u.with(Step{Key: StepCertificate, State: StepRunning, Problem: "certificate.connection", Params: map[string]any{"name": shop}}, tx.Now).with(Step{Key: StepCheck, State: StepDone}, tx.Now).with(Step{Key: StepTrial, State: StepDone}, tx.Now))
			return err
		}))
		stands(Warns, "could not connect to "+shop)
		r.must(r.CancelUpdate(ctx, staff))
		r.use(shop)
		stands(Fine, shop)
		r.said = []zone.Diagnosis{{Code: zone.NotRegistered, Severity: zone.Error, Params: map[string]any{"domain": "shop.test"}}}
		r.checked()
		stands(Blocks, "shop.test")
		r.must(r.Choose(ctx, staff, "clients.shop.test", ByAddress, ""))
		stands(Blocks, "shop.test")
		r.statuses[shop] = certs.Status{Name: shop, State: certs.StateExpired, NotBefore: r.clk.Now().Add(-90 * day), NotAfter: r.clk.Now().Add(-day)}
		stands(Blocks, "browsers warn everybody")
	})
}

// Our own limits are told with the time at which it goes on.
func TestALimitIsWaitedFor(t *testing.T) {
	each(t, func(r *rig) {
		r.must(r.Choose(ctx, staff, shop, ByAddress, ""))
		r.Listening(8080, 8443)
		for _, left := range []certs.Left{{Failures: 0, Orders: 5}, {Failures: 3, Orders: 0}} {
			r.statuses[shop] = certs.Status{Name: shop, State: certs.StateFailing, NextTry: r.clk.Now().Add(10*time.Minute + time.Second), Left: left}
			c := r.checked()
			if f, _ := c.finds("certificate.limit"); c.Ready || f.Severity != Waits || f.Params["count"] != 11 {
				t.Errorf("%+v: %+v", left, c.Findings)
			}
		}
	})
}

// The owner is told once a day that the public address is another one, unless the
// record follows by itself.
func TestAnAddressThatMovedIsTold(t *testing.T) {
	each(t, func(r *rig) {
		r.use(shop)
		r.Listening(8080, 8443)
		r.statuses[shop] = life(shop, r.clk.Now().Add(80*day), 90*day)
		r.found = reach.Public{IPv4: netip.MustParseAddr("203.0.113.7")}
		moved := func() int {
			r.checked()
			r.turned()
			r.turned()
			return len(slices.DeleteFunc(slices.Clone(r.letters), func(l Letter) bool { return !strings.Contains(l.Text, "203.0.113.7") }))
		}
		if n := moved(); n != 0 {
			t.Errorf("told %d times of a record that is right", n)
		}
		r.said = []zone.Diagnosis{{Code: zone.WrongAddress, Severity: zone.Error, Params: map[string]any{"found": "203.0.113.9", "want": "203.0.113.7"}}}
		if n := moved(); n != 1 {
			t.Errorf("told %d times", n)
		}
		r.clk.Advance(day)
		if n := moved(); n != 2 {
			t.Errorf("told %d times by the next day", n)
		}
		r.set(Change{Dynamic: ref(DynamicURL), UpdateURL: ref("http://127.0.0.1:1/?ip={ip}")})
		r.clk.Advance(day)
		if n := moved(); n != 2 {
			t.Errorf("told %d times while dynamic DNS keeps the record", n)
		}
	})
}

// Where the proof belongs to another zone by an alias, that is said.
func TestADelegatedProofIsExplained(t *testing.T) {
	each(t, func(r *rig) {
		r.must(r.Choose(ctx, staff, shop, ByAddress, ""))
		for host, want := range map[string]string{"_acme-challenge." + shop: "needed until", "portal.proofs.test": "_acme-challenge." + shop + " is an alias"} {
			r.statuses[shop] = certs.Status{Name: shop, State: certs.StateWaitingDNS, Records: []certs.Record{{Name: host, Value: "x"}}}
			v, err := r.View(ctx, staff)
			r.must(err)
			all := r.teller(staff).body(v).Records
			if last := all[len(all)-1]; last.Full != host || !strings.Contains(last.Why, want) {
				t.Errorf("%s: %+v", host, last)
			}
		}
	})
}

// IPv6 is offered, kept and asked of the router where the portal listens at the very
// ports that clients connect to; elsewhere a record that leads here is told.
func TestIPv6NeedsTheVeryPort(t *testing.T) {
	each(t, func(r *rig) {
		mine, v4 := netip.MustParseAddr("2001:db8::211:22ff:fe33:4455"), netip.MustParseAddr("203.0.113.7")
		r.must(r.Choose(ctx, staff, shop, ByAddress, ""))
		r.found, r.local = reach.Public{IPv4: v4, IPv6: mine}, []netip.Addr{mine}
		r.survey.Servers = []zone.View{{Records: zone.Records{AAAA: r.local}}}
		r.set(Change{Mapping: ref(true)})
		over4 := []reach.Forward{{External: 80, Internal: 8080}, {External: 443, Internal: 8443}}
		for _, s := range []struct {
			http, tls int
			records   int
			wanted    []reach.Forward
		}{
			{8080, 8443, 1, over4},
			{80, 443, 2, []reach.Forward{{External: 80, Internal: 80}, {External: 80, Internal: 80, To: mine}, {External: 443, Internal: 443}, {External: 443, Internal: 443, To: mine}}},
			{8080, 443, 2, []reach.Forward{{External: 80, Internal: 8080}, {External: 443, Internal: 443}, {External: 443, Internal: 443, To: mine}}},
		} {
			r.Listening(s.http, s.tls)
			f, told := r.checked().finds("listen.ipv6_port")
			if told != (s.tls != 443) || told && (f.Severity != Blocks || f.Params["port"] != 8443 || f.Params["want"] != 443) {
				t.Errorf("%d: %+v", s.tls, f)
			}
			r.turned()
			v, err := r.View(ctx, staff)
			r.must(err)
			if len(v.records()) != s.records || !slices.Equal(r.wanted, s.wanted) {
				t.Errorf("%d: records %+v, wanted %+v", s.tls, v.records(), r.wanted)
			}
		}
		r.local = nil // the world sees a proxy's
		r.checked()
		r.turned()
		if slices.ContainsFunc(r.wanted, func(f reach.Forward) bool { return f.To.IsValid() }) {
			t.Errorf("asked for somebody else's address: %+v", r.wanted)
		}
		r.set(Change{Mapping: ref(false)})
		if r.turned(); len(r.wanted) != 0 {
			t.Errorf("switched off: %+v", r.wanted)
		}
	})
}

// What is one is told as one, also when it comes back from the store.
func TestOneIsNotTold(t *testing.T) {
	each(t, func(r *rig) {
		r.must(r.Choose(ctx, staff, shop, ByAddress, ""))
		r.said = []zone.Diagnosis{{Code: zone.TTLShort, Severity: zone.Note, Params: map[string]any{"count": 1}}, {Code: zone.TTLLong, Severity: zone.Note, Params: map[string]any{"count": 7200}}}
		r.checked()
		for language, want := range map[string][]string{"en": {"for a second only", "for 7200 seconds"}, "de": {"nur eine Sekunde lang", "7200 Sekunden lang"}} {
			actor := staff
			actor.Language = language
			v, err := r.View(ctx, actor)
			r.must(err)
			var told string
			for _, f := range r.teller(actor).body(v).Check.Findings {
				told += f.What
			}
			for _, part := range want {
				if !strings.Contains(told, part) {
					t.Errorf("%s: no %q in %q", language, part, told)
				}
			}
		}
	})
}

// A listener for https that is missing is asked for again: by itself, and when the
// owner checks.
func TestAShutDoorIsKnockedAtAgain(t *testing.T) {
	each(t, func(r *rig) {
		r.Listening(8080, 0)
		if r.turned(); r.told != 0 {
			t.Fatal("asked for before there was a name")
		}
		r.must(r.Choose(ctx, staff, shop, ByAddress, ""))
		first := r.told
		r.turned()
		if r.told == first {
			t.Error("not asked for again by itself")
		}
		r.again(7)
		r.Listening(8080, 0)
		r.OnWanted(func() { r.Listening(8080, 8443) })
		if _, shut := r.checked().finds("listen.no_tls"); shut {
			t.Error("a check does not find the door that it opened")
		}
		r.onWanted = func() { t.Error("asked for though it is there") }
		r.turned()
		r.checked()
	})
}

// What the authority told of itself is kept for the screen and for CAA, until
// another authority is asked; a link that is none is not shown.
func TestTheAuthorityIsKnown(t *testing.T) {
	each(t, func(r *rig) {
		r.Authority = "https://ca.shop.test/dir"
		r.must(r.Choose(ctx, staff, shop, ByAddress, ""))
		terms := func() string {
			v, err := r.View(ctx, staff)
			r.must(err)
			return r.teller(staff).body(v).Options.Terms
		}
		if terms() != "" {
			t.Error("known before it was asked")
		}
		r.authority = certs.About{Directory: r.Authority, Terms: "https://ca.shop.test/terms", Issuers: []string{"ca.shop.test"}}
		if r.checked(); terms() != "https://ca.shop.test/terms" || !slices.Equal(r.target.CAIssuers, []string{"ca.shop.test"}) {
			t.Errorf("%q, judged by %v", terms(), r.target.CAIssuers)
		}
		r.mute = errors.New("down")
		r.again(7)
		r.Authority = "https://ca.shop.test/dir"
		if r.checked(); terms() != "https://ca.shop.test/terms" || len(r.target.CAIssuers) != 1 {
			t.Errorf("forgotten while it is down: %q", terms())
		}
		r.Authority = "https://another.test/dir"
		if r.checked(); terms() != "" || len(r.target.CAIssuers) != 0 {
			t.Errorf("another one's: %q %v", terms(), r.target.CAIssuers)
		}
		r.mute, r.authority = nil, certs.About{Directory: r.Authority, Terms: "javascript:alert(1)"}
		if r.checked(); terms() != "" {
			t.Errorf("a link that runs: %q", terms())
		}
	})
}

// A record that was just mended is waited for as long as anybody may have kept the
// old answer; one that was right from the beginning is not.
func TestOldAnswersAreWaitedFor(t *testing.T) {
	each(t, func(r *rig) {
		r.must(r.Choose(ctx, staff, shop, ByAddress, ""))
		r.Listening(8080, 8443)
		r.survey.Servers = []zone.View{{TTL: 10 * time.Minute}}
		r.said = []zone.Diagnosis{{Code: zone.WrongAddress, Severity: zone.Error, Params: map[string]any{"found": "203.0.113.9", "want": "203.0.113.7"}}}
		r.checked()
		r.said = nil
		r.checked()
		stands := func() (State, string) {
			v, err := r.View(ctx, staff)
			r.must(err)
			return v.State, r.teller(staff).body(v).What
		}
		what, _ := r.words("en", "domains.settling.what", nil)
		if state, told := stands(); state != StatePending || told != what {
			t.Errorf("just mended: %s %q", state, told)
		}
		r.clk.Advance(10 * time.Minute)
		if state, _ := stands(); state != StateReady {
			t.Errorf("forgotten everywhere: %s", state)
		}
	})
}
