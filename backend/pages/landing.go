package pages

import (
	"strconv"
	"strings"
	"time"
)

// Landing is the page of a link that was opened: one button, nothing happens
// before it is pressed. It looks the same whether the link is good or not,
// as far as the caller fills it.
type Landing struct {
	// Masked is MaskEmail of the address the link belongs to; "" leaves it out.
	Masked string
	// Welcome greets someone who comes by invitation for the first time.
	Welcome bool
	// Browser (from DescribeBrowser) and AskedAt say who asked for the link.
	// AskedAt is in the person's own time zone, and Now says whether that was
	// today. Leave them zero when a member of staff made the link.
	Browser      string
	AskedAt, Now time.Time
	// AskEmail shows the address field; Email is what was typed into it and
	// WrongEmail that it was not the right one (422).
	AskEmail   bool
	Email      string
	WrongEmail bool
}

// landingView adds what only this package can say: the line in words.
type landingView struct {
	Landing
	AskedFrom, AskedTime string
}

// Landing renders GET /k, and POST /k when the address was missing or wrong.
func (p *Pages) Landing(frame Frame, view Landing) []byte {
	t := p.speak(frame.Language)
	full := landingView{Landing: view}
	if browser, system, ok := strings.Cut(view.Browser, " on "); ok {
		full.AskedFrom = t("browser.on", "browser", browser, "system", system)
	} else {
		full.AskedFrom = view.Browser
	}
	if !view.AskedAt.IsZero() {
		full.AskedTime = timeOfDay(t, view.AskedAt, view.Now)
	}
	return p.render("landing.html", frame, full, false)
}

// CookiesNeeded renders GET /k for a browser that did not keep the landing
// cookie: without it the page cannot know which link was opened.
func (p *Pages) CookiesNeeded(frame Frame) []byte {
	return p.render("cookies.html", frame, nil, false)
}

// LinkInvalid is the one page for a link that is used, expired, withdrawn or
// never existed.
type LinkInvalid struct {
	// Sent: a fresh mail was asked for. The same page whether or not one goes out.
	Sent bool
	// Minutes the fresh link lives; 0 leaves the sentence out.
	Minutes int
}

// LinkInvalid renders the page with its one button, and the answer to it.
func (p *Pages) LinkInvalid(frame Frame, view LinkInvalid) []byte {
	return p.render("invalid.html", frame, view, false)
}

// timeOfDay is "14:02" today and "12 January, 14:02" on another day.
func timeOfDay(t speaker, at, now time.Time) string {
	clock := at.Format("15:04")
	now = now.In(at.Location())
	if now.IsZero() || (at.YearDay() == now.YearDay() && at.Year() == now.Year()) {
		return clock
	}
	month := t("month." + strconv.Itoa(int(at.Month())))
	return t("time.day", "day", at.Day(), "month", month, "time", clock)
}
