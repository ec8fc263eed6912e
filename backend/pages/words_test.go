package pages

import (
	"testing"
	"time"

	"portico/backend/kernel/i18n"
)

func TestLanguagesHaveTheSameWords(t *testing.T) {
	if err := i18n.Check(messageFiles); err != nil {
		t.Error(err)
	}
}

func TestLanguage(t *testing.T) {
	p := New()
	for _, c := range []struct{ preferred, accept, want string }{
		{"", "", "en"},
		{"", "de-AT,de;q=0.9,en;q=0.5", "de"},
		{"", "fr-FR, de;q=0.4", "de"},
		{"", "ja", "en"},
		{"de", "en", "de"},
		{"de-CH", "", "de"},
		{"xx", "de", "de"},
		{"", "%%%;;q=,", "en"},
	} {
		if got := p.Language(c.preferred, c.accept); got != c.want {
			t.Errorf("Language(%q, %q) = %s, want %s", c.preferred, c.accept, got, c.want)
		}
	}
}

func TestTimes(t *testing.T) {
	p := New()
	en, de := p.speak("en"), p.speak("de")
	berlin := time.FixedZone("Berlin", 3600)
	at := time.Date(2026, time.March, 3, 23, 30, 0, 0, time.UTC).In(berlin) // 00:30 on the 4th there
	for _, s := range []struct{ got, want string }{
		{timeOfDay(en, asked, asked.Add(time.Hour)), "14:02"},
		{timeOfDay(en, asked, time.Time{}), "14:02"},
		{timeOfDay(en, asked, asked.Add(24*time.Hour)), "3 March, 14:02"},
		{timeOfDay(de, asked, asked.AddDate(1, 0, 0)), "3. März, 14:02"},
		{timeOfDay(en, at, at.UTC()), "00:30"},
		{waiting(en, time.Second), "a minute"},
		{waiting(en, 61*time.Second), "2 minutes"},
		{waiting(de, 15*time.Minute), "15 Minuten"},
		{waiting(en, 91*time.Minute), "2 hours"},
	} {
		if s.got != s.want {
			t.Errorf("got %q, want %q", s.got, s.want)
		}
	}
}

func TestMaskEmail(t *testing.T) {
	for email, want := range map[string]string{
		"ana@example.com":             "a•••@ex•••.com",
		"a@example.com":               "a•••@ex•••.com",
		"ana.petrovic@mail.co.uk":     "a•••@ma•••.uk",
		"jo@gmx.de":                   "j•••@g•••.de",
		"jo@x.de":                     "j•••@x•••.de",
		"žana@пример.рф":              "ž•••@пр•••.рф",
		"root@localhost":              "r•••@•••",
		"a@b@example.com":             "a•••@ex•••.com",
		"@example.com":                "•••",
		"ana@":                        "•••",
		"":                            "•••",
		"\u202eana@exam\u202eple.com": "a•••@ex•••.com",
		"ana@[192.0.2.1]":             "a•••@[1•••.1]",
	} {
		if got := MaskEmail(email); got != want {
			t.Errorf("MaskEmail(%q) = %q, want %q", email, got, want)
		}
	}
}

func TestDescribeBrowser(t *testing.T) {
	for agent, want := range map[string]string{
		"":           "",
		"curl/8.5.0": "",
		"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0":                                                                     "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36":                            "Chrome on Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0":              "Edge on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15":                      "Safari on Mac",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1":    "Safari on iPhone",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0 Mobile/15E148 Safari/604.1":     "Chrome on iPhone",
		"Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/140.0 Mobile/15E148 Safari/605.1.15":           "Firefox on iPad",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36":                            "Chrome on Android",
		"Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36": "Samsung Internet on Android",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36":                             "Chrome on ChromeOS",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 OPR/125.0.0.0":              "Opera on Windows",
		"Mozilla/5.0 (X11; Linux x86_64) Something/1": "Browser on Linux",
		"Lite/1 Firefox/1":                            "Firefox",
	} {
		if got := DescribeBrowser(agent); got != want {
			t.Errorf("DescribeBrowser(%q) = %q, want %q", agent, got, want)
		}
	}
}
