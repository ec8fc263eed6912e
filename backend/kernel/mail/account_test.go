package mail

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"
)

func TestAccountValidate(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*Account)
		field  string
		key    string
	}{
		{"good", func(*Account) {}, "", ""},
		{"IP address", func(a *Account) { a.Host = "192.0.2.1" }, "", ""},
		{"IPv6 address", func(a *Account) { a.Host = "2001:db8::1" }, "", ""},
		{"short name", func(a *Account) { a.Host = "mailserver" }, "", ""},
		{"international name", func(a *Account) { a.Host = "mail.bücher.example" }, "", ""},
		{"relay without login", func(a *Account) { a.Security, a.Username, a.Password = SecurityNone, "", "" }, "", ""},
		{"no host", func(a *Account) { a.Host = " " }, "host", "mail.host_missing"},
		{"URL as host", func(a *Account) { a.Host = "smtps://smtp.example.com" }, "host", "mail.host_not_name"},
		{"port in host", func(a *Account) { a.Host = "smtp.example.com:465" }, "host", "mail.host_not_name"},
		{"address as host", func(a *Account) { a.Host = "ann@example.com" }, "host", "mail.host_not_name"},
		{"broken host", func(a *Account) { a.Host = "smtp..example.com" }, "host", "mail.host_invalid"},
		{"mistyped IP", func(a *Account) { a.Host = "192.0.2.1.5" }, "host", "mail.host_invalid"},
		{"line break in host", func(a *Account) { a.Host = "smtp.example.com\r\n" }, "host", "mail.host_invalid"},
		{"port 0", func(a *Account) { a.Port = 0 }, "port", "mail.port_range"},
		{"port too high", func(a *Account) { a.Port = 65536 }, "port", "mail.port_range"},
		{"no security", func(a *Account) { a.Security = "" }, "security", "mail.security_unknown"},
		{"unknown security", func(a *Account) { a.Security = "ssl" }, "security", "mail.security_unknown"},
		{"password in clear", func(a *Account) { a.Security = SecurityNone }, "security", "mail.password_in_clear"},
		{"no user name", func(a *Account) { a.Username = "" }, "username", "mail.username_missing"},
		{"no password", func(a *Account) { a.Password = "" }, "password", "mail.password_missing"},
		{"line break in password", func(a *Account) { a.Password = "abc\n" }, "password", "mail.credentials_control"},
		{"NUL in user name", func(a *Account) { a.Username = "a\x00b" }, "username", "mail.credentials_control"},
		{"huge password", func(a *Account) { a.Password = Password(strings.Repeat("x", 1025)) }, "password", "mail.credentials_long"},
		{"no sender", func(a *Account) { a.FromAddress = "" }, "from", "mail.address_missing"},
		{"sender with name", func(a *Account) { a.FromAddress = "Shop <shop@example.test>" }, "from", "mail.address_named"},
		{"sender without domain", func(a *Account) { a.FromAddress = "shop@localhost" }, "from", "mail.from_incomplete"},
		{"injected name", func(a *Account) { a.FromName = "Shop\r\nBcc: x@y.test" }, "from", "mail.header_injection"},
		{"hello localhost", func(a *Account) { a.HeloName = "localhost" }, "helo_name", "mail.hello_invalid"},
		{"hello injected", func(a *Account) { a.HeloName = "a.test\r\nMAIL" }, "helo_name", "mail.hello_invalid"},
		{"negative timeout", func(a *Account) { a.Timeout = -1 }, "timeout", "mail.timeout_range"},
	} {
		a := testAccount(465, SecurityTLS, nil)
		row.change(&a)
		err := a.Validate()
		if row.key == "" {
			if err != nil {
				t.Errorf("%s: %v", row.name, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%s: passed", row.name)
			continue
		}
		p := asProblem(t, err)
		if p.Step != StepCheck || p.Field != row.field || p.Key != row.key || p.Meaning().Key != row.key {
			t.Errorf("%s: got %v in %q", row.name, p, p.Field)
		}
	}
}

func TestAccountDefaults(t *testing.T) {
	a, p := Account{Host: "Mail.Bücher.example", Port: 587, Security: SecurityStartTLS, FromAddress: "a@Bücher.example"}.ready()
	if p != nil {
		t.Fatal(p)
	}
	if a.Host != "mail.xn--bcher-kva.example" || a.HeloName != "xn--bcher-kva.example" || a.Timeout != time.Minute {
		t.Errorf("got %+v", a)
	}
}

// The password may be printed by accident in every way Go knows.
func TestPasswordNeverPrints(t *testing.T) {
	a := testAccount(465, SecurityTLS, nil)
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		fmt.Fprintf(&out, verb+" ", a.Password)
		fmt.Fprintf(&out, verb+" ", a)
		fmt.Fprintf(&out, verb+" ", &a)
	}
	out.WriteString(a.Password.String() + a.Password.GoString())
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("x", "password", a.Password, "account", a)
	}
	a.RootCAs = nil
	encoded, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	for _, secret := range append(encodings(), fmt.Sprintf("%x", testPassword), fmt.Sprint([]byte(testPassword))) {
		if strings.Contains(strings.ToLower(out.String()), strings.ToLower(secret)) {
			t.Errorf("the password shows as %q", secret)
		}
	}
}

func TestIsLocal(t *testing.T) {
	for ip, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "10.1.2.3": true, "192.168.1.1": true, "172.16.0.1": true, "169.254.1.1": true,
		"fe80::1": true, "fd00::1": true, "100.64.0.1": true, "100.127.255.255": true,
		"100.128.0.1": false, "172.32.0.1": false, "8.8.8.8": false, "2001:db8::1": false, "0.0.0.0": false,
	} {
		if got := isLocal(&net.TCPAddr{IP: net.ParseIP(ip)}); got != want {
			t.Errorf("%s: got %v", ip, got)
		}
	}
	if isLocal(&net.UnixAddr{}) {
		t.Error("only TCP addresses are known to be local")
	}
}

func TestPresets(t *testing.T) {
	seen := map[string]bool{}
	for _, preset := range Presets() {
		if seen[preset.ID] || preset.Name == "" || preset.HelpKey != "mail.help_"+preset.ID || !strings.HasSuffix(preset.Help, ".") {
			t.Errorf("%+v", preset)
		}
		seen[preset.ID] = true
		if l := preset.Limits; l.PerMinute < 1 || l.PerDay < 1 || l.PerConnection < 1 || l.PerConnection > 50 {
			t.Errorf("%s: %+v", preset.ID, l)
		}
		host := preset.Host
		if preset.ID == "custom" {
			host = "smtp.example.com"
		}
		account := Account{Host: host, Port: preset.Port, Security: preset.Security, Username: testUser, Password: testPassword, FromAddress: testFrom}
		if err := account.Validate(); err != nil {
			t.Errorf("%s: %v", preset.ID, err)
		}
	}
	for _, id := range []string{"gmail", "microsoft365", "fastmail", "zoho", "ionos", "custom"} {
		if !seen[id] {
			t.Errorf("%s is missing", id)
		}
	}
}
