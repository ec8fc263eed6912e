package mail

import (
	"net/mail"
	"strings"
	"testing"
)

func TestCheckAddress(t *testing.T) {
	long := strings.Repeat("a", 63) + "." + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63)
	for _, row := range []struct{ name, in, out, key string }{
		{"plain", "ann@example.com", "ann@example.com", ""},
		{"domain in capitals", "Ann@Example.COM", "Ann@example.com", ""},
		{"plus and dots", "ann.b+shop@mail.example.com", "ann.b+shop@mail.example.com", ""},
		{"odd but legal signs", "o'neil!#$%&*/=?^_`{|}~-@example.com", "o'neil!#$%&*/=?^_`{|}~-@example.com", ""},
		{"international domain", "ann@Bücher.example", "ann@xn--bcher-kva.example", ""},
		{"sharp s stays itself", "ann@straße.example", "ann@xn--strae-oqa.example", ""},
		{"punycode", "ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example", ""},
		{"test host", "ann@localhost", "ann@localhost", ""},
		{"254 octets", "ann@" + long + "." + strings.Repeat("d", 58), "ann@" + long + "." + strings.Repeat("d", 58), ""},
		{"nothing", "", "", "mail.address_missing"},
		{"spaces", "   ", "", "mail.address_missing"},
		{"two", "a@example.com, b@example.com", "", "mail.address_many"},
		{"two with names", "A <a@example.com>, B <b@example.com>", "", "mail.address_many"},
		{"name", "Ann <ann@example.com>", "", "mail.address_named"},
		{"brackets", "<ann@example.com>", "", "mail.address_named"},
		{"comment", "ann@example.com (Ann)", "", "mail.address_named"},
		{"line break", "ann@example.com\r\nBcc: b@example.com", "", "mail.header_injection"},
		{"line feed at the end", "ann@example.com\n", "", "mail.header_injection"},
		{"NUL", "ann\x00@example.com", "", "mail.header_injection"},
		{"broken letters", "ann@ex\xffample.com", "", "mail.not_text"},
		{"no at", "ann.example.com", "", "mail.address_syntax"},
		{"no local part", "@example.com", "", "mail.address_syntax"},
		{"no domain", "ann@", "", "mail.address_syntax"},
		{"space inside", "ann b@example.com", "", "mail.address_syntax"},
		{"space before", " ann@example.com", "", "mail.address_syntax"},
		{"space after", "ann@example.com ", "", "mail.address_syntax"},
		{"double dot", "ann..b@example.com", "", "mail.address_syntax"},
		{"quoted", `"ann b"@example.com`, "", "mail.address_syntax"},
		{"quoted address inside", `"a@b.com>"@example.com`, "", "mail.address_named"},
		{"group", "team: ann@example.com;", "", "mail.address_syntax"},
		{"letters before the at", "jürgen@example.com", "", "mail.address_letters"},
		{"domain literal", "ann@[127.0.0.1]", "", "mail.address_domain"},
		{"number as domain", "ann@10.0.0.1", "", "mail.address_domain"},
		{"underscore in domain", "ann@my_shop.com", "", "mail.address_domain"},
		{"hyphen first", "ann@-shop.com", "", "mail.address_domain"},
		{"forbidden letter", "ann@ex☃ample.com/", "", "mail.address_domain"},
		{"local part of 65", strings.Repeat("a", 65) + "@example.com", "", "mail.address_long"},
		{"255 octets", "anna@" + long + "." + strings.Repeat("d", 58), "", "mail.address_long"},
		{"too long as punycode", "ann@" + strings.Repeat("ü", 60) + ".de", "", "mail.address_domain"},
	} {
		got, err := CheckAddress(row.in)
		if row.key == "" {
			if err != nil || got != row.out {
				t.Errorf("%s: got %q, %v", row.name, got, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%s: passed as %q", row.name, got)
			continue
		}
		if p := asProblem(t, err); p.Key != row.key || p.Class != Invalid || got != "" {
			t.Errorf("%s: got %v", row.name, p)
		}
	}
}

func FuzzCheckAddress(f *testing.F) {
	for _, seed := range []string{"ann@example.com", "a@bücher.example", `"a b"@c.test`, "a@b.test>\r\nRCPT TO:<c@d.test", "A <a@b.test>", "a@[::1]", "a@xn--.test"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, err := CheckAddress(in)
		if err != nil {
			if p := asProblem(t, err); p.Meaning().Key != p.Key {
				t.Fatalf("%q: no sentence for %s", in, p.Key)
			}
			return
		}
		if len(got) > 254 || !isASCII(got) || strings.ContainsAny(got, " \r\n\t\x00<>,;:\"()[]\\") || strings.Count(got, "@") != 1 {
			t.Fatalf("%q passed as %q", in, got)
		}
		if parsed, err := mail.ParseAddress(got); err != nil || parsed.Address != got {
			t.Fatalf("%q gave %q, which is no address: %v", in, got, err)
		}
		if again, err := CheckAddress(got); err != nil || again != got {
			t.Fatalf("%q is not stable: %q %v", got, again, err)
		}
	})
}
