package access

import (
	"errors"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/fault"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// TestMaySignIn walks the whole table: every way in asks this one function.
func TestMaySignIn(t *testing.T) {
	for bits := range 1 << 6 {
		is := func(bit int) bool { return bits&(1<<bit) != 0 }
		at := func(bit int) time.Time {
			if is(bit) {
				return noon
			}
			return time.Time{}
		}
		m := Member{Invited: at(0), Given: at(1), Joined: at(2), Suspended: at(3), Accepted: noon, Opened: noon, LastSeen: noon}
		exists, policy := is(4), defaultPolicy
		if is(5) {
			policy.OpenTo = OpenToEveryone
		}
		var want error
		switch {
		case !exists:
			want = ErrNoContact
		case is(3):
			want = ErrSuspended
		case !is(5) && !is(0) && !is(1) && !is(2):
			want = ErrNotInvited
		}
		if got := MaySignIn(policy, m, exists); !errors.Is(got, want) && got != want {
			t.Errorf("%06b: %v, want %v", bits, got, want)
		}
	}
}

func TestStates(t *testing.T) {
	link := Link{Created: noon, Expires: noon.Add(time.Hour)}
	for _, s := range []struct {
		story  string
		change func(*Link)
		now    time.Duration
		want   string
	}{
		{"fresh", func(*Link) {}, 0, "open"},
		{"a moment before its end", func(*Link) {}, time.Hour - time.Millisecond, "open"},
		{"at its end", func(*Link) {}, time.Hour, "expired"},
		{"used, and over", func(l *Link) { l.Used = noon }, 2 * time.Hour, "used"},
		{"used and revoked", func(l *Link) { l.Used, l.Revoked = noon, noon }, 0, "used"},
		{"revoked", func(l *Link) { l.Revoked = noon }, 0, "revoked"},
		{"four tries", func(l *Link) { l.Attempts = 4 }, 0, "open"},
		{"five tries", func(l *Link) { l.Attempts = 5 }, 0, "revoked"},
	} {
		l := link
		if s.change(&l); l.State(noon.Add(s.now)) != s.want {
			t.Errorf("%s: %s", s.story, l.State(noon.Add(s.now)))
		}
	}
	session := Session{Created: noon, LastSeen: noon, Expires: noon.Add(sessionAbsolute)}
	for after, ended := range map[time.Duration]bool{0: false, sessionIdle - time.Millisecond: false, sessionIdle: true, sessionAbsolute: true, -time.Hour: false} {
		if session.Ended(noon.Add(after)) != ended {
			t.Errorf("a session after %v", after)
		}
	}
	session.LastSeen = noon.Add(sessionAbsolute - time.Minute)
	if session.Ended(noon.Add(sessionAbsolute-time.Second)) || !session.Ended(noon.Add(sessionAbsolute)) {
		t.Error("30 days are the end, however busy")
	}
	for _, s := range []struct {
		m    Member
		want string
	}{
		{Member{}, "none"}, {Member{Given: noon}, "none"}, {Member{Invited: noon}, "invited"}, {Member{Invited: noon, Accepted: noon}, "accepted"},
		{Member{Invited: noon, Failed: noon}, "undelivered"}, {Member{Invited: noon, Failed: noon, Opened: noon}, "opened"},
		{Member{Invited: noon, Joined: noon}, "joined"}, {Member{Joined: noon}, "joined"}, {Member{Joined: noon, Suspended: noon}, "suspended"},
	} {
		if got := s.m.State(); got != s.want {
			t.Errorf("%+v: %s, want %s", s.m, got, s.want)
		}
	}
}

var testKeys = Keys{Token: []byte("token-key"), Code: []byte("code-key"), Email: []byte("email-key")}

func testLink() Link {
	return Link{ID: "ln_1", Selector: newSelector(), Kind: Invite, ContactID: "ct_1", Expires: noon}
}

// TestTheVerifierBindsEverything: another kind, contact, end or id is another token.
func TestTheVerifierBindsEverything(t *testing.T) {
	l := testLink()
	token := testKeys.token(l)
	if len(token) != 65 || strings.Trim(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
		t.Errorf("a token that mail programs break: %q", token)
	}
	if selector, verifier, ok := parseToken(token); !ok || selector != l.Selector || string(verifier) != string(testKeys.verifier(l)) {
		t.Errorf("our own token is not read: %v", ok)
	}
	seen := map[string]string{token: "itself"}
	for story, change := range map[string]func(*Link, *Keys){
		"kind": func(l *Link, _ *Keys) { l.Kind = LoginLink }, "contact": func(l *Link, _ *Keys) { l.ContactID = "ct_2" },
		"end": func(l *Link, _ *Keys) { l.Expires = noon.Add(time.Millisecond) }, "id": func(l *Link, _ *Keys) { l.ID = "ln_2" },
		"selector": func(l *Link, _ *Keys) { l.Selector = newSelector() }, "key": func(_ *Link, k *Keys) { k.Token = []byte("other") },
		"moved": func(l *Link, _ *Keys) { l.ContactID, l.ID = "ct_1l", "n_1" },
	} {
		other, keys := l, testKeys
		change(&other, &keys)
		got := keys.token(other)
		if same := seen[got]; same != "" {
			t.Errorf("another %s is the same token as %s", story, same)
		}
		seen[got] = story
	}
	local := l
	local.Expires = noon.In(time.FixedZone("x", 7200))
	if testKeys.token(local) != token {
		t.Error("the same instant in another zone is another token")
	}
}

func FuzzParseToken(f *testing.F) {
	good := testKeys.token(testLink())
	for _, s := range []string{good, good[:64], good + "A", "2" + good[1:], good[:64] + "=", good[:64] + "B", strings.Repeat("1", 65), "", "\x00", good[:10] + "+" + good[11:]} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, token string) {
		selector, verifier, ok := parseToken(token)
		if !ok {
			return
		}
		// Exactly one spelling names a row: what is read can be written back.
		raw, err := decode(selector)
		if err != nil || version+encode(append(raw, verifier...)) != token || len(verifier) != verifierSize {
			t.Errorf("%q is read as %q", token, selector)
		}
	})
}

func TestCodesAreForgiving(t *testing.T) {
	code := testKeys.code(testLink())
	if len(code) != codeLength || strings.Trim(code, crockford) != "" {
		t.Errorf("code %q", code)
	}
	for typed, want := range map[string]bool{"0AB1CD2E": true, " 0ab1-cd2e ": true, "oab1 cd2e": true, "OABICD2E": true, "0ablcd2e": true, "0-A-B-1-C-D-2-E": true,
		"": false, "0AB1CD2": false, "0AB1CD2EE": false, "0AB1CD2F": false, "0AB1CD2E\x00": false, "٠AB1CD2E": false} {
		if sameCode(typed, "0AB1CD2E") != want {
			t.Errorf("%q: %v", typed, !want)
		}
	}
}

func TestPolicyBounds(t *testing.T) {
	for _, s := range []struct {
		change func(*Policy)
		field  string
	}{
		{func(*Policy) {}, ""},
		{func(p *Policy) { p.LoginMailTTL = 900 }, ""}, {func(p *Policy) { p.LoginMailTTL = 899 }, "login_mail_ttl"},
		{func(p *Policy) { p.LoginMailTTL = 7 * day }, ""}, {func(p *Policy) { p.LoginMailTTL = 7*day + 1 }, "login_mail_ttl"},
		{func(p *Policy) { p.StaffLinkTTL = 14 * day }, ""}, {func(p *Policy) { p.StaffLinkTTL = 14*day + 1 }, "staff_link_ttl"}, {func(p *Policy) { p.StaffLinkTTL = -1 }, "staff_link_ttl"},
		{func(p *Policy) { p.InvitationTTL = day }, ""}, {func(p *Policy) { p.InvitationTTL = day - 1 }, "invitation_ttl"}, {func(p *Policy) { p.InvitationTTL = 14*day + 1 }, "invitation_ttl"},
		{func(p *Policy) { p.AskEmail = AskNewBrowser }, ""}, {func(p *Policy) { p.AskEmail = "" }, "ask_email"}, {func(p *Policy) { p.OpenTo = "all" }, "open_to"},
	} {
		p := defaultPolicy
		s.change(&p)
		err := p.check()
		if s.field == "" && err != nil || s.field != "" && (err == nil || fault.As(err).Fields[0].Name != s.field) {
			t.Errorf("%+v: %v, want %q", p, err, s.field)
		}
	}
	if err := (Policy{}).check(); err == nil || len(fault.As(err).Fields) != 5 {
		t.Errorf("each wrong choice is named: %v", err)
	}
	for seconds, want := range map[int64]string{900: "15 minutes", 60: "1 minute", 3600: "1 hour", 7200: "2 hours", day: "1 day", 14 * day: "14 days"} {
		if words(seconds) != want {
			t.Errorf("%d: %s", seconds, words(seconds))
		}
	}
}

func TestNetworksAndTargets(t *testing.T) {
	for address, want := range map[string]string{"192.0.2.77": "192.0.2.0/24", "::ffff:192.0.2.77": "192.0.2.0/24", "2001:db8:1:2::3": "2001:db8:1::/48", "fe80::1%eth0": "fe80::/48", "": "", "nonsense": ""} {
		if network(address) != want {
			t.Errorf("%q: %q", address, network(address))
		}
	}
	for target, ok := range map[string]bool{"": true, "/": true, "/profile": true, "/a?b=c": true, "//evil": false, "/\\evil": false, "https://evil": false, "profile": false, "/%2fevil": false, "/a\nb": false} {
		if _, err := normalTarget(target); (err == nil) != ok {
			t.Errorf("%q: %v", target, err)
		}
	}
	l := Link{}
	for range 2 {
		l.Openers = l.withOpener("Firefox on Linux", "192.0.2.1")
	}
	if l.Openers = l.withOpener("Firefox on Linux", "192.0.2.9"); l.Suspicious() {
		t.Error("one browser in one network is suspicious")
	}
	for _, address := range []string{"198.51.100.1", "203.0.113.1", "203.0.114.1"} {
		l.Openers = l.withOpener("Firefox on Linux", address)
	}
	if !l.Suspicious() || len(l.Openers) != 3 {
		t.Errorf("openers %v", l.Openers)
	}
}

func TestCursorsOfTheDashboard(t *testing.T) {
	at, id, err := readCursor(writeCursor(noon, "ct_1"))
	if err != nil || at != noon.UnixMilli() || id != "ct_1" {
		t.Errorf("%d %q %v", at, id, err)
	}
	for _, bad := range []string{"!", "bm90aGluZw", "eCB5", strings.Repeat("A", 100)} {
		if _, _, err := readCursor(bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
