package secret_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"portico/backend/kernel/secret"
)

func TestSecretShowsNothing(t *testing.T) {
	type account struct {
		Password secret.Secret  `json:"password"`
		Pointer  *secret.Secret `json:"pointer"`
	}
	s := secret.Secret("hunter2")
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "s", s, "group", slog.GroupValue(slog.Any("s", s)), "account", account{s, &s})
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "s", s, "account", account{s, nil})
	inJSON, err := json.Marshal([]any{s, account{s, &s}, map[string]secret.Secret{"s": s}})
	if err != nil {
		t.Fatal(err)
	}
	inXML, err := xml.Marshal(account{Password: s})
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{log.String(), string(inJSON), string(inXML), s.String(), s.GoString(), fmt.Errorf("no: %w %v", errors.New("x"), s).Error()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%5.3s"} {
		shown = append(shown, fmt.Sprintf(verb, s), fmt.Sprintf(verb, account{s, nil}), fmt.Sprintf(verb, []secret.Secret{s}))
	}
	for _, text := range shown {
		if low := strings.ToLower(text); strings.Contains(low, "hunter") || strings.Contains(low, "68756e746572") || strings.Contains(low, "104 117") {
			t.Errorf("shown: %s", text)
		}
	}
	if !strings.Contains(log.String(), "…") || s.Reveal() != "hunter2" {
		t.Errorf("%s %q", log.String(), s.Reveal())
	}
	var back account
	if err := json.Unmarshal([]byte(`{"password":"hunter2"}`), &back); err != nil || back.Password.Reveal() != "hunter2" {
		t.Errorf("a form cannot send a secret: %v", err)
	}
}

func TestBox(t *testing.T) {
	key := secret.Derive(make([]byte, 32), "box")
	box, err := secret.NewBox(key)
	if err != nil {
		t.Fatal(err)
	}
	other, err := secret.NewBox(secret.Derive(make([]byte, 32), "other"))
	if err != nil {
		t.Fatal(err)
	}
	sealed := box.Seal([]byte("token"), "cookie/land")
	if again := box.Seal([]byte("token"), "cookie/land"); bytes.Equal(sealed, again) || len(sealed) != len("token")+41 {
		t.Errorf("sealed twice alike, or %d bytes", len(sealed))
	}
	if plain, err := box.Open(sealed, "cookie/land"); err != nil || string(plain) != "token" {
		t.Errorf("%q %v", plain, err)
	}
	if plain, err := box.Open(box.Seal(nil, ""), ""); err != nil || len(plain) != 0 {
		t.Errorf("nothing: %q %v", plain, err)
	}
	refused := func(story string, b *secret.Box, sealed []byte, purpose string) {
		if plain, err := b.Open(sealed, purpose); !errors.Is(err, secret.ErrSealed) || plain != nil {
			t.Errorf("%s: %q %v", story, plain, err)
		}
	}
	refused("another purpose", box, sealed, "cookie/lr")
	refused("another key", other, sealed, "cookie/land")
	refused("nothing", box, nil, "cookie/land")
	for i := range sealed {
		refused("cut", box, sealed[:i], "cookie/land")
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		refused("changed", box, changed, "cookie/land")
	}
	if _, err := secret.NewBox(key[:31]); err == nil {
		t.Error("a short key was taken")
	}
}

func TestDerive(t *testing.T) {
	one, two := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	a, b, c := secret.Derive(one, "link/login"), secret.Derive(one, "link/invite"), secret.Derive(two, "link/login")
	if len(a) != 32 || bytes.Equal(a, b) || bytes.Equal(a, c) || !bytes.Equal(a, secret.Derive(one, "link/login")) {
		t.Errorf("%x %x %x", a, b, c)
	}
	// A changed derivation would end every session and link on an update.
	if got := fmt.Sprintf("%x", a[:8]); got != "1c4c4c43bbd03318" {
		t.Errorf("the derivation changed: %s", got)
	}
}
