package contacts

import (
	"slices"
	"strings"
	"testing"

	"portico/backend/kernel/fault"
)

func TestFirstName(t *testing.T) {
	for name, want := range map[string]string{
		"Ana Petrović": "Ana", "Ana": "Ana", "Dr. Ana Petrović": "Ana", "dr Ana": "Ana", "Prof. Dr. Ana Petrović": "Ana", "Herr Müller": "Müller", "Frau Dr. Müller": "Müller",
		"Petrović, Ana": "Ana", "Petrović, Dr. Ana Maria": "Ana", "Petrović,": "Petrović,", "Dr.": "Dr.", "Mr": "Mr", "Mx. Sam Lee": "Sam", "Dipl-Ing. Otto Ott": "Otto",
		"ana@example.com": "", "": "", "李小龍": "李小龍", "Anne-Marie Dubois": "Anne-Marie", "  Ana  ": "Ana", "محمد علي": "محمد", "O'Neil, Shaq": "Shaq", "Sir": "Sir",
	} {
		if got := (Contact{Name: name}).FirstName(); got != want {
			t.Errorf("%q is greeted as %q, want %q", name, got, want)
		}
	}
}

func TestNormalEmail(t *testing.T) {
	for typed, want := range map[string][2]string{
		"Ana@Example.COM":             {"Ana@example.com", "ana@example.com"},
		"  ana@example.com ":          {"ana@example.com", "ana@example.com"},
		"mailto:ana@example.com":      {"ana@example.com", "ana@example.com"},
		"ana@example.com.":            {"ana@example.com", "ana@example.com"},
		"ana+shop@example.com":        {"ana+shop@example.com", "ana+shop@example.com"},
		"ana@Bücher.example":          {"ana@bücher.example", "ana@xn--bcher-kva.example"},
		"ana@xn--bcher-kva.example":   {"ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"},
		"o'neil!#$%&*/=?^_`{|}~@x.io": {"o'neil!#$%&*/=?^_`{|}~@x.io", "o'neil!#$%&*/=?^_`{|}~@x.io"},
	} {
		email, key, err := NormalEmail(typed)
		if err != nil || email != want[0] || key != want[1] {
			t.Errorf("%q: %q %q %v", typed, email, key, err)
		}
		if again, sameKey, err := NormalEmail(email); err != nil || again != email || sameKey != key {
			t.Errorf("%q changes when it is read again: %q %q %v", email, again, sameKey, err)
		}
	}
	for _, bad := range []string{"", "ana", "@example.com", "ana@", "ana@example", "a b@example.com", "ana@exa mple.com", "ana@@example.com", "ana@example..com", ".ana@example.com", "ana.@example.com",
		"a..b@example.com", `"ana"@example.com`, "ana@example.com\r\nBcc: eve@example.com", "ana@example.com\x00", "ana@-example.com", "ana@[127.0.0.1]", "Ana <ana@example.com>", "ana@example.com,eve@example.com",
		strings.Repeat("a", 65) + "@example.com", "a@" + strings.Repeat("x.", 130) + "com", "ана@example.com", "ana\u202e@example.com"} {
		if email, _, err := NormalEmail(bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q is taken for %q", bad, email)
		}
	}
}

func FuzzNormalEmail(f *testing.F) {
	for _, s := range []string{"ana@example.com", "a@ß.example", "A@İ.com", "mailto:mailto:a@b.c", "a@b.c..", "ﬀ@example.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		email, key, err := NormalEmail(typed)
		if err != nil {
			return
		}
		again, sameKey, err := NormalEmail(email)
		if err != nil || again != email || sameKey != key || strings.ContainsAny(email, " \r\n\x00<>,") {
			t.Errorf("%q is %q with the key %q, which is %q with the key %q (%v)", typed, email, key, again, sameKey, err)
		}
	})
}

func TestNormalised(t *testing.T) {
	c, err := Contact{Emails: []string{"Ana@X.example", "", "ana@x.example", "b@x.example"}, Phones: []string{"030 901820", "+49 30 901820", " "}, Address: Address{Country: " de ", City: " Bad  Homburg\t"},
		Language: "EN-us", TimeZone: " Europe/Berlin ", Birthday: "--02-29", Tags: []string{"VIP", " vip ", "", "New  York"}, Company: "  A\u00a0B "}.Normalised()
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "Ana@x.example" || !slices.Equal(c.Emails, []string{"Ana@x.example", "b@x.example"}) || !slices.Equal(c.Phones, []string{"+4930901820"}) || c.Address.Country != "DE" ||
		c.Address.City != "Bad Homburg" || c.Language != "en-US" || c.TimeZone != "Europe/Berlin" || !slices.Equal(c.Tags, []string{"VIP", "New York"}) || c.Company != "A B" {
		t.Errorf("%+v", c)
	}
	many := slices.Repeat([]string{"x"}, 51)
	long := strings.Repeat("ü", 201)
	for field, c := range map[string]Contact{
		"name": {}, "emails[1]": {Emails: []string{"a@b.example", "nonsense"}}, "emails": {Name: "x", Emails: many[:21]}, "phones": {Name: "x", Phones: many[:21]}, "tags": {Name: "x", Tags: many},
		"phones[0]": {Name: "x", Phones: []string{"030 901820"}}, "address.country": {Name: "x", Address: Address{Country: "XX"}}, "address.city": {Name: "x", Address: Address{City: long}},
		"language": {Name: "x", Language: "klingon!"}, "time_zone": {Name: "x", TimeZone: "Berlin"}, "birthday": {Name: "x", Birthday: "1980-02-30"}, "theme": {Name: "x", Theme: "pink"}, "company": {Name: "x", Company: "a\x00b"},
		"address.street": {Name: "x", Address: Address{Street: "a\u0007b"}}, "address.region": {Name: "x", Address: Address{Region: "\xff"}},
	} {
		_, err := c.Normalised()
		if fault.KindOf(err) != fault.Invalid || len(fault.As(err).Fields) != 1 || fault.As(err).Fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := (Contact{Name: long, Birthday: "x", Language: "!"}).Normalised(); len(fault.As(err).Fields) != 3 {
		t.Errorf("each wrong field is named at once: %v", err)
	}
	for value, ok := range map[string]bool{"": true, "1980-05-23": true, "--05-23": true, "--02-29": true, "--02-30": false, "23.05.1980": false, "1980-5-3": false, "1979-02-29": false} {
		if (checkBirthday(value) == nil) != ok {
			t.Errorf("birthday %q", value)
		}
	}
	for value, ok := range map[string]bool{"": true, "UTC": true, "Europe/Berlin": true, "Local": false, "../etc/passwd": false, "/etc/localtime": false, "Europe/": false} {
		if (checkTimeZone(value) == nil) != ok {
			t.Errorf("time zone %q", value)
		}
	}
	for typed, want := range map[string]string{"+49 30 901820": "+4930901820", "0049 30 901820": "+4930901820", "+1 (212) 555-0100": "+12125550100", "+49": "", "x": "", "+999999999999999999": ""} {
		if got, _ := NormalPhone(typed, ""); got != want {
			t.Errorf("phone %q: %q", typed, got)
		}
	}
	for text, ok := range map[string]bool{" a\r\nb ": true, "": false, " \n ": false, "a\x00": false, strings.Repeat("ü", maxNote): true, strings.Repeat("ü", maxNote+1): false, "\xff": false} {
		if _, err := normalNote(text); (err == nil) != ok {
			t.Errorf("note %.20q: %v", text, err)
		}
	}
}

func TestCursorsFitTheirOrder(t *testing.T) {
	c := Contact{ID: "ct_1", Name: "Žofie"}
	for _, sort := range []string{"name", "created", "updated"} {
		for _, as := range []string{"name", "created", "updated"} {
			p, err := readCursor(writeCursor(c, sort), as)
			if fits := (sort == "name") == (as == "name"); fits != (err == nil) || fits && p.ID != c.ID {
				t.Errorf("a place in %s read as %s: %v %v", sort, as, p, err)
			}
		}
	}
	for _, bad := range []string{"!", "e30", "bnVsbA", "eyJrIjpbXX0", strings.Repeat("A", 900)} {
		if _, err := readCursor(bad, "name"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
