package pages

import (
	"net/http"
	"strconv"
	"time"
)

// Problem is an error page: what happened and what to do now.
type Problem struct {
	// Status is the HTTP status; one without words of its own gets the general
	// words of its class.
	Status int
	// RetryAfter says when to try again (429, 503); 0 leaves the sentence out.
	RetryAfter time.Duration
	// Maintenance makes a 503 say that this is planned work.
	Maintenance bool
	// Again is the path the main button leads to; "" is the start page.
	Again string
	// Reference is what the log calls this failure, for the person who asks.
	Reference string
}

type problemView struct {
	Problem
	Key   string // which words
	Wait  string // "5 minutes"
	Retry bool   // the button tries again, instead of leading home
}

// Problem renders an error page of the portal.
func (p *Pages) Problem(frame Frame, view Problem) []byte {
	t := p.speak(frame.Language)
	full := problemView{Problem: view, Key: problemKey(view)}
	full.Retry = view.Status == http.StatusTooManyRequests || view.Status >= 500
	if view.RetryAfter > 0 {
		full.Wait = waiting(t, view.RetryAfter)
	}
	if full.Again == "" {
		full.Again = "/"
	}
	return p.render("problem.html", frame, full, false)
}

// problemKey names the words of a status: its own, or those of its class.
func problemKey(view Problem) string {
	switch view.Status {
	case http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests,
		http.StatusInsufficientStorage:
		return strconv.Itoa(view.Status)
	case http.StatusServiceUnavailable:
		if view.Maintenance {
			return "maintenance"
		}
		return "503"
	}
	if view.Status >= 500 {
		return "500"
	}
	return "400"
}

// waiting rounds up, so that trying at the time named really works.
func waiting(t speaker, d time.Duration) string {
	minutes := int((d + time.Minute - 1) / time.Minute)
	if minutes <= 90 {
		return t("wait.minutes", "count", minutes)
	}
	return t("wait.hours", "count", (minutes+59)/60)
}

// Misdirected renders the 421 for a host that is not ours. It names nobody and
// loads nothing: a stranger who points a name at this server learns nothing
// from it, and the stylesheet would be refused under that name as well.
func (p *Pages) Misdirected(language string) []byte {
	return p.render("misdirected.html", Frame{Language: language}, nil, false)
}
