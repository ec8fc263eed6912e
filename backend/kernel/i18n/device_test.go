package i18n

import "testing"

func TestDevicesAreToldInTheLanguage(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, story := range []struct{ language, kept, want string }{
		{"en", "Firefox on Linux", "Firefox on Linux"}, {"de", "Firefox on Linux", "Firefox unter Linux"},
		{"de", "Browser", "Browser"}, {"de", "", ""}, {"fr", "Safari on iPhone", "Safari on iPhone"},
	} {
		if got := Device(c.Text, story.language, story.kept); got != story.want {
			t.Errorf("%s %q: %q", story.language, story.kept, got)
		}
	}
}
