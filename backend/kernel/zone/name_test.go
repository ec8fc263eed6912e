package zone

import (
	"strings"
	"testing"

	"portico/backend/kernel/fault"
)

func TestNormal(t *testing.T) {
	for _, row := range []struct{ typed, want string }{
		{"portal.theirshop.com", "portal.theirshop.com"},
		{"  Portal.TheirShop.COM. ", "portal.theirshop.com"},
		{"https://portal.theirshop.com/login?next=/#top", "portal.theirshop.com"},
		{"http://ana:secret@portal.theirshop.com:8080/x", "portal.theirshop.com"},
		{"//portal.theirshop.com/", "portal.theirshop.com"},
		{"portal.theirshop.com:443", "portal.theirshop.com"},
		{"portal.theirshop.com/kunden", "portal.theirshop.com"},
		{"\u200bportal.theirshop.com\u200e", "portal.theirshop.com"},
		{`"portal.theirshop.com"`, "portal.theirshop.com"},
		{"<https://portal.theirshop.com>", "portal.theirshop.com"},
		{"theirshop.com", "theirshop.com"},
		{"theirshop.co.uk", "theirshop.co.uk"},
		{"Bücher.Müller-Groß.de", "xn--bcher-kva.xn--mller-gro-o1a42a.de"},
		{"portal。例え。jp", "portal.xn--r8jz45g.jp"},
		{"ＰＯＲＴＡＬ.theirshop.com", "portal.theirshop.com"},
		{"xn--bcher-kva.de", "xn--bcher-kva.de"},
		{"theirshop.duckdns.org", "theirshop.duckdns.org"},
		{"office.myfritz.net", "office.myfritz.net"},
		{"theirshop.uk.com", "theirshop.uk.com"},
		{"portal.theirshop.photography", "portal.theirshop.photography"},
		{"1und1.de", "1und1.de"},
	} {
		got, err := Normal(row.typed)
		if err != nil || string(got) != row.want {
			t.Errorf("%q: %q %v, not %q", row.typed, got, err, row.want)
		}
		if again, err := Normal(string(got)); err != nil || again != got {
			t.Errorf("%q is not stable: %q %v", got, again, err)
		}
	}
}

func TestNormalRefuses(t *testing.T) {
	for _, row := range []struct{ typed, code string }{
		{"", "zone.name_missing"}, {" . ", "zone.name_missing"}, {"https://", "zone.name_missing"},
		{"ana@theirshop.com", "zone.name_is_mail"},
		{"portal", "zone.name_no_dot"}, {"theirshop", "zone.name_no_dot"},
		{"localhost", "zone.name_reserved"}, {"LOCALHOST:8080", "zone.name_reserved"},
		{"192.168.0.7", "zone.name_is_address"}, {"http://203.0.113.9/", "zone.name_is_address"}, {"203.0.113.9:80", "zone.name_is_address"},
		{"::1", "zone.name_is_address"}, {"https://[2001:db8::1]:443/", "zone.name_is_address"}, {"[::1]", "zone.name_is_address"},
		{"１.２.３.４", "zone.name_is_address"}, {"1.2:", "zone.name_is_address"}, {"1.2.3", "zone.name_is_address"}, {"shop.123", "zone.name_is_address"}, {"203.0.113.9.", "zone.name_is_address"},
		{"portal.local", "zone.name_reserved"}, {"portal.internal", "zone.name_reserved"}, {"nas.lan", "zone.name_reserved"},
		{"portal.shop.test", "zone.name_reserved"}, {"portal.example.com", "zone.name_reserved"}, {"router.home.arpa", "zone.name_reserved"}, {"x.onion", "zone.name_reserved"},
		{"*.theirshop.com", "zone.name_wildcard"},
		{"my_portal.theirshop.com", "zone.name_underscore"},
		{"portal..theirshop.com", "zone.name_gap"}, {".theirshop.com", "zone.name_gap"},
		{"portal theirshop.com", "zone.name_characters"}, {"portal,theirshop.com", "zone.name_characters"}, {"portal.theirshop.com\x00", "zone.name_characters"},
		{"portal.theirshop.com:https", "zone.name_characters"}, {"portal\\.com", "zone.name_characters"},
		{"xn--a.com", "zone.name_characters"}, {"0.xn--", "zone.name_hyphen"}, {"0.xn--a-", "zone.name_hyphen"}, {"١.com", "zone.name_characters"},
		{"-portal.theirshop.com", "zone.name_hyphen"}, {"portal-.theirshop.com", "zone.name_hyphen"},
		{strings.Repeat("a", 64) + ".com", "zone.name_too_long"}, {strings.Repeat("abcdefg.", 32) + "com", "zone.name_too_long"},
		{strings.Repeat("ü", 60) + ".de", "zone.name_too_long"},
		{"co.uk", "zone.name_suffix"}, {"duckdns.org", "zone.name_suffix"},
		{"theirshop.myshopify.com", "zone.name_platform"}, {"ana.wixsite.com", "zone.name_platform"}, {"ana.github.io", "zone.name_platform"},
		{"theirshop.squarespace.com", "zone.name_platform"}, {"x.s3.amazonaws.com", "zone.name_platform"}, {"shop.azurewebsites.net", "zone.name_platform"},
	} {
		got, err := Normal(row.typed)
		if f := fault.As(err); f == nil || f.Code != row.code || f.Kind != fault.Invalid {
			t.Errorf("%q: %q %v, not %s", row.typed, got, err, row.code)
		} else if sentence := fault.Fill(f.Message, f.Params); strings.ContainsAny(sentence, "{}") {
			t.Errorf("%q: %s", row.typed, sentence)
		}
	}
}

// A company with an own authority, and a test, may use what the public may not.
func TestNormalOwnEndings(t *testing.T) {
	for typed, want := range map[string]string{"portal.firma.internal": "", "https://Portal.shop.test/": "", "internal": "zone.name_reserved", "test": "zone.name_reserved", "portal.lan": "zone.name_reserved", "a_b.internal": "zone.name_underscore"} {
		_, err := Normal(typed, "internal", "test", "")
		if want == "" && err != nil || want != "" && (err == nil || fault.As(err).Code != want) {
			t.Errorf("%q: %v, not %q", typed, err, want)
		}
	}
}

func TestNameParts(t *testing.T) {
	for _, row := range []struct{ name, zone, registrable, within, unicode string }{
		{"portal.shop.com", "shop.com", "shop.com", "portal", "portal.shop.com"},
		{"shop.com", "shop.com", "shop.com", "@", "shop.com"},
		{"a.b.shop.co.uk", "shop.co.uk", "shop.co.uk", "a.b", "a.b.shop.co.uk"},
		{"portal.shop.com", "", "shop.com", "portal.shop.com", "portal.shop.com"},
		{"portal.shop.com", "op.com", "shop.com", "portal.shop.com", "portal.shop.com"},
		{"ana.duckdns.org", "duckdns.org", "duckdns.org", "ana", "ana.duckdns.org"},
		{"portal.shop.test", "shop.test", "shop.test", "portal", "portal.shop.test"},
		{"com", "com", "com", "@", "com"},
		{"xn--bcher-kva.de", "de", "xn--bcher-kva.de", "xn--bcher-kva", "bücher.de"},
	} {
		n := Name(row.name)
		if n.Registrable() != row.registrable || n.Within(row.zone) != row.within || n.Unicode() != row.unicode {
			t.Errorf("%s: %q %q %q", n, n.Registrable(), n.Within(row.zone), n.Unicode())
		}
	}
}

func FuzzNormal(f *testing.F) {
	f.Add("https://Portal.Bücher.de:80/")
	f.Add("a.xn--b")
	f.Fuzz(func(t *testing.T, typed string) {
		name, err := Normal(typed)
		if err != nil {
			if fault.As(err).Kind != fault.Invalid {
				t.Errorf("%q: %v", typed, err)
			}
			return
		}
		if strings.Trim(string(name), "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" || len(name) > 253 || !strings.Contains(string(name), ".") {
			t.Errorf("%q gave %q", typed, name)
		}
		if again, err := Normal(string(name)); err != nil || again != name {
			t.Errorf("%q: %q is not stable: %q %v", typed, name, again, err)
		}
	})
}
