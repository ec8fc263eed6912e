package pages

import "strings"

// mark is a word in a user agent and what people call it. Order matters:
// nearly every browser also claims to be the ones further down.
type mark struct{ word, name string }

var browserMarks = []mark{
	{"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"EdgiOS/", "Edge"},
	{"OPR/", "Opera"}, {"OPT/", "Opera"},
	{"SamsungBrowser/", "Samsung Internet"},
	{"DuckDuckGo/", "DuckDuckGo"}, {"Ddg/", "DuckDuckGo"},
	{"YaBrowser/", "Yandex"}, {"Vivaldi/", "Vivaldi"},
	{"FxiOS/", "Firefox"}, {"Focus/", "Firefox"}, {"Firefox/", "Firefox"},
	{"CriOS/", "Chrome"}, {"GSA/", "Google app"},
	{"Chrome/", "Chrome"}, {"Chromium/", "Chromium"},
	{"Safari/", "Safari"},
}

var systemMarks = []mark{
	{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"iPod", "iPhone"},
	{"Android", "Android"},
	{"Windows", "Windows"},
	{"CrOS", "ChromeOS"},
	{"Macintosh", "Mac"}, {"Mac OS X", "Mac"},
	{"FreeBSD", "FreeBSD"}, {"Linux", "Linux"}, {"X11", "Linux"},
}

// DescribeBrowser turns a User-Agent into what its owner would call it:
// "Firefox on Linux". What is not recognised is "Browser"; nothing at all
// gives "". No version and no model: it is a reminder, not a fingerprint.
func DescribeBrowser(userAgent string) string {
	browser, system := firstMark(browserMarks, userAgent), firstMark(systemMarks, userAgent)
	switch {
	case browser == "" && system == "":
		return ""
	case browser == "":
		return "Browser on " + system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

func firstMark(marks []mark, text string) string {
	for _, m := range marks {
		if strings.Contains(text, m.word) {
			return m.name
		}
	}
	return ""
}
