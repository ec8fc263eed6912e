package chat

import (
	"strings"
	"testing"
)

func TestAnAnswerIsWhatTheyWrote(t *testing.T) {
	for name, story := range map[string]struct{ mail, want string }{
		"alone":          {"Yes, please.\r\n", "Yes, please."},
		"above":          {"Yes.\n\nBest, Ana\n\nOn Mon, 2 Mar 2026 at 12:00, Bakery <hello@bakery.example> wrote:\n> Shall we?\n> -- \n", "Yes.\n\nBest, Ana"},
		"broken lead":    {"Ja.\n\nAm Mo., 2. März 2026 um 12:00 Uhr schrieb Bäckerei\n<hello@bakery.example>:\n\n> Gehen wir?\n", "Ja."},
		"below":          {"On Mon, Bakery wrote:\n> Shall we?\n> Or not?\n\nYes, below.\n", "Yes, below."},
		"between":        {"> Monday?\nNo.\n> Tuesday?\nYes.\n", "No.\nYes."},
		"signature":      {"Fine.\n-- \nAna Petrović\n+49 30 1\n", "Fine."},
		"phone":          {"Ok\n\nSent from my iPhone\n", "Ok"},
		"phone, German":  {"Ok\n\nVon meinem iPhone gesendet\n\nAm 2. März schrieb Bäckerei:\n> x", "Ok"},
		"outlook":        {"Good.\n\n________________________________\nFrom: Bakery\nSent: Monday\nTo: Ana\n\nShall we?", "Good."},
		"headers":        {"Gut.\n\nVon: Bäckerei <hello@bakery.example>\nGesendet: Montag\nAn: Ana\n\nGehen wir?", "Gut."},
		"original":       {"Good.\n-----Original Message-----\nShall we?", "Good."},
		"only a quote":   {"On Mon, Bakery wrote:\n> Shall we?\n", ""},
		"not a lead":     {"On Monday I wrote: to you.\nAnd again.", "On Monday I wrote: to you.\nAnd again."},
		"from as a word": {"From: here on it is fine\nreally", "From: here on it is fine\nreally"},
	} {
		if got := answer(story.mail); got != story.want {
			t.Errorf("%s: %q, want %q", name, got, story.want)
		}
	}
}

const token = "abcdefghijklmnopqrstuvwx"

func TestWhatAMailTells(t *testing.T) {
	head := "From: Ana <ana@example.com>\r\nMessage-ID: <1@example.com>\r\n"
	for name, story := range map[string]struct {
		mail string
		want incoming
	}{
		"plus address":     {head + "To: Bakery <hello+ABCDEFGHIJKLMNOPQRSTUVWX@bakery.example>\r\n\r\nHi", incoming{from: "ana@example.com", token: token, text: "Hi"}},
		"delivered to":     {head + "To: x@y.example\r\nDelivered-To: hello+" + token + "@bakery.example\r\n\r\nHi", incoming{from: "ana@example.com", token: token, text: "Hi"}},
		"in reply to":      {head + "In-Reply-To: <ml_06h." + token + "@bakery.example>\r\n\r\nHi", incoming{from: "ana@example.com", token: token, text: "Hi"}},
		"none of ours":     {head + "To: hello@bakery.example\r\nIn-Reply-To: <abc@x.example>\r\n\r\nHi", incoming{from: "ana@example.com", text: "Hi"}},
		"out of office":    {head + "Auto-Submitted: auto-replied\r\n\r\nAway", incoming{from: "ana@example.com", machine: true, text: "Away"}},
		"written":          {head + "Auto-Submitted: no\r\n\r\nHere", incoming{from: "ana@example.com", text: "Here"}},
		"list":             {head + "Precedence: Bulk\r\n\r\nx", incoming{from: "ana@example.com", machine: true, text: "x"}},
		"bounce":           {head + "Return-Path: <>\r\n\r\nx", incoming{from: "ana@example.com", machine: true, text: "x"}},
		"our own":          {"From: a@b.example\r\nMessage-ID: <ml_06h." + token + "@bakery.example>\r\n\r\nx", incoming{from: "a@b.example", machine: true, text: "x"}},
		"two senders":      {"From: a@b.example, c@d.example\r\nMessage-ID: <1@example.com>\r\n\r\nx", incoming{text: "x"}},
		"forged":           {"Authentication-Results: mx; spf=pass (dkim=fail says nobody); dkim=fail\r\n" + head + "\r\nx", incoming{from: "ana@example.com", verdict: "dkim=fail", text: "x"}},
		"in good order":    {"Authentication-Results: mx; spf=softfail; dkim=pass\r\nAuthentication-Results: elsewhere; dkim=fail\r\n" + head + "\r\nx", incoming{from: "ana@example.com", text: "x"}},
		"another encoding": {head + "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe", incoming{from: "ana@example.com", text: "Grüße"}},
		"a page": {head + "Content-Type: text/html; charset=utf-8\r\n\r\n<style>p{}</style><div>Yes &amp; no<br>two</div><script>x</script><blockquote>old</blockquote>",
			incoming{from: "ana@example.com", text: "Yes & no\ntwo"}},
		"with a file": {head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee it\r\n--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=a.png\r\n\r\nxx\r\n--b--\r\n",
			incoming{from: "ana@example.com", text: "See it", files: 1}},
	} {
		got, err := readMail([]byte(story.mail))
		if len(got.key) != 32 || err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got.key = ""; got != story.want {
			t.Errorf("%s: %+v, want %+v", name, got, story.want)
		}
	}
}

func TestATokenBelongsToOneConversationAndContact(t *testing.T) {
	key := []byte("key")
	a := replyToken(key, replyTarget{"cv_a", "ct_a"})
	if len(a) != tokenSize || a == replyToken(key, replyTarget{"cv_b", "ct_a"}) || a == replyToken(key, replyTarget{"cv_a", "ct_b"}) || a == replyToken([]byte("other"), replyTarget{"cv_a", "ct_a"}) {
		t.Errorf("the token is %q", a)
	}
	box := Mailbox{Address: "hello@bakery.example", Plus: true}
	if got := box.replyAddress(a); got != "hello+"+a+"@bakery.example" {
		t.Errorf("answers go to %s", got)
	}
	box.Address = strings.Repeat("x", 50) + "@bakery.example"
	if got := box.replyAddress(a); got != box.Address {
		t.Errorf("too long for an address: %s", got)
	}
}

func FuzzMail(f *testing.F) {
	f.Add([]byte("From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx"))
	f.Add([]byte("\x00\xff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, err := readMail(raw)
		if err == nil && (strings.ContainsRune(in.text, 0) || len(in.token) != 0 && len(in.token) != tokenSize) {
			t.Errorf("%+v", in)
		}
	})
}
