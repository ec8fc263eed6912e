package mail

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func read(s string) (reply, error) {
	return readReply(bufio.NewReaderSize(strings.NewReader(s), maxReplyLine))
}

func TestReadReply(t *testing.T) {
	for _, row := range []struct {
		name, in, text, enhanced string
		code                     int
		err                      error
	}{
		{"one line", "250 2.1.0 ok\r\n", "2.1.0 ok", "2.1.0", 250, nil},
		{"several lines", "250-mail.test\r\n250-SIZE 1000\r\n250 HELP\r\n", "mail.test\nSIZE 1000\nHELP", "", 250, nil},
		{"code only", "354\r\n", "", "", 354, nil},
		{"bare line feed", "220 hi\n", "hi", "", 220, nil},
		{"three-digit detail", "535 5.7.139 no\r\n", "5.7.139 no", "5.7.139", 535, nil},
		{"contradicting class", "550 4.2.1 hm\r\n", "4.2.1 hm", "", 550, nil},
		{"not a status code", "550 5.1.1x\r\n", "5.1.1x", "", 550, nil},
		{"version number", "220 4.96 exim\r\n", "4.96 exim", "", 220, nil},
		{"control characters", "550 a\x1b[31mb\x00c\tu\xff\r\n", "a [31mb c u?", "", 550, nil},
		{"next reply stays", "250 a\r\n550 b\r\n", "a", "", 250, nil},
		{"early end", "250-a\r\n", "", "", 0, io.EOF},
		{"cut line", "250 a", "", "", 0, io.EOF},
		{"empty line", "\r\n", "", "", 0, errGarbled},
		{"HTTP", "HTTP/1.1 400 Bad Request\r\n", "", "", 0, errGarbled},
		{"first digit 6", "650 a\r\n", "", "", 0, errGarbled},
		{"first digit 1", "150 a\r\n", "", "", 0, errGarbled},
		{"two digits", "25 a\r\n", "", "", 0, errGarbled},
		{"no separator", "2500\r\n", "", "", 0, errGarbled},
		{"two codes", "250-a\r\n550 b\r\n", "", "", 0, errGarbled},
		{"endless line", "250 " + strings.Repeat("x", 2*maxReplyLine) + "\r\n", "", "", 0, errGarbled},
		{"endless lines", strings.Repeat("250-x\r\n", 2*maxReplyLines), "", "", 0, errGarbled},
	} {
		got, err := read(row.in)
		if !errors.Is(err, row.err) || got.code != row.code || got.text() != row.text || got.enhanced() != row.enhanced {
			t.Errorf("%s: got %d %q %q %v", row.name, got.code, got.text(), got.enhanced(), err)
		}
	}
}

func TestOffers(t *testing.T) {
	hello, err := read("250-mail.test greets SMTPUTF8\r\n250-auth login PLAIN\r\n250-SMTPUTF8\r\n250-SIZE  26214400\r\n250 STARTTLS\r\n")
	if err != nil {
		t.Fatal(err)
	}
	offers := hello.offers()
	if len(offers) != 4 || offers["AUTH"] != "login PLAIN" || offers["SIZE"] != "26214400" {
		t.Errorf("got %v", offers)
	}
	if _, ok := offers["STARTTLS"]; !ok {
		t.Error("STARTTLS was overlooked")
	}
	want := "250-mail.test greets SMTPUTF8\r\n250-auth login PLAIN\r\n250-SIZE  26214400\r\n250 STARTTLS\r\n"
	if got := string(hello.without("smtputf8").bytes()); got != want {
		t.Errorf("got %q", got)
	}
}

func FuzzReadReply(f *testing.F) {
	for _, seed := range []string{"250 ok\r\n", "250-a\r\n250 b\r\n", "550 5.1.1 \xff\x00\r\n", "220\n", "9\r\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, err := read(in)
		if err != nil {
			return
		}
		if got.code < 200 || got.code > 599 || len(got.lines) == 0 {
			t.Fatalf("%q gave %+v", in, got)
		}
		text := got.text()
		if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
			t.Fatalf("unclean text %q", text)
		}
		again, err := read(string(got.bytes()))
		if err != nil || again.code != got.code || again.text() != text {
			t.Fatalf("what the library reads differs: %q → %q (%v)", in, got.bytes(), err)
		}
		if got.code >= 400 {
			for _, step := range []Step{StepGreeting, StepAuth, StepRecipient, StepAfterData} {
				if p := refusal(step, got); p.Class == "" || p.Key == "" || p.Meaning().What == "" {
					t.Fatalf("%q at %s has no class or sentence: %+v", in, step, p)
				}
			}
		}
	})
}
