package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/fault"
)

// status is the one table from kinds of fault to HTTP.
var status = map[fault.Kind]int{
	fault.Internal:         http.StatusInternalServerError,
	fault.Invalid:          http.StatusUnprocessableEntity,
	fault.Malformed:        http.StatusBadRequest,
	fault.Unauthenticated:  http.StatusUnauthorized,
	fault.Forbidden:        http.StatusForbidden,
	fault.NotFound:         http.StatusNotFound,
	fault.Conflict:         http.StatusConflict,
	fault.Gone:             http.StatusGone,
	fault.TooLarge:         http.StatusRequestEntityTooLarge,
	fault.UnsupportedMedia: http.StatusUnsupportedMediaType,
	fault.TooMany:          http.StatusTooManyRequests,
	fault.Unavailable:      http.StatusServiceUnavailable,
	fault.StorageFull:      http.StatusInsufficientStorage,
}

// Status is the HTTP status of a fault.
func Status(f *fault.Fault) int { return status[f.Kind] }

// Problem is an error as the API tells it (RFC 9457). Detail says what happened
// and what to do, in the caller's language; Code is stable.
type Problem struct {
	Type       string         `json:"type" doc:"urn:portico: and the code"`
	Title      string         `json:"title" doc:"The status in words"`
	StatusCode int            `json:"status"`
	Code       string         `json:"code" doc:"Stable name of this problem"`
	Detail     string         `json:"detail" doc:"What happened and what to do"`
	Errors     []FieldProblem `json:"errors,omitempty" doc:"Which fields, when it is about fields"`
	retryAfter int
}

// FieldProblem is one wrong field, named as it was sent.
type FieldProblem struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.StatusCode }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{"Cache-Control": {"no-store"}}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	return h
}

// ContentType implements huma's ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// Words finds the sentence of a code in a language; false leaves the English one.
type Words func(language, key string, params map[string]any) (string, bool)

// ProblemOf tells a fault in a language.
func ProblemOf(err error, language string, words Words) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	f := fault.As(err)
	say := func(code, english string, params map[string]any) string {
		if text, ok := words(language, code, params); ok {
			return text
		}
		return fault.Fill(english, params)
	}
	code := Status(f)
	p = &Problem{Type: "urn:portico:" + f.Code, Title: http.StatusText(code), StatusCode: code,
		Code: f.Code, Detail: say(f.Code, f.Message, f.Params), retryAfter: f.RetryAfter}
	for _, field := range f.Fields {
		p.Errors = append(p.Errors, FieldProblem{field.Name, field.Code, say(field.Code, field.Message, field.Params)})
	}
	return p
}

// Tell is the sentence of an error in the actor's language, for an answer that
// says of each of several things what became of it. The private cause of a fault
// of our own is in the log.
func (a *API) Tell(actor auth.Actor, err error) string {
	p := ProblemOf(err, actor.Language, a.Words)
	logInternal(a.Log, "part of a request", err, p)
	return p.Detail
}

// WriteProblem answers a plain handler's error.
func WriteProblem(w http.ResponseWriter, r *http.Request, err error, words Words, log *slog.Logger) {
	p := ProblemOf(err, Language(r), words)
	logInternal(log, r.Pattern, err, p)
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.StatusCode)
	_ = json.NewEncoder(w).Encode(p)
}

// logInternal keeps the private cause of our own faults; a person's mistakes are
// not news.
func logInternal(log *slog.Logger, route string, err error, p *Problem) {
	if p.StatusCode >= 500 && !errors.Is(err, context.Canceled) { // who left needs no answer
		log.Error("a request failed", "route", route, "code", p.Code, "error", err)
	}
}

// replaceHumaErrors makes huma's own complaints (a body that is no JSON, a value
// out of range) problems of the same shape. huma offers only a package variable.
func replaceHumaErrors() {
	huma.NewError = func(code int, message string, errs ...error) huma.StatusError {
		p := &Problem{Type: "urn:portico:request", Title: http.StatusText(code), StatusCode: code, Code: "request." + slug(code), Detail: message}
		for _, e := range errs {
			if e == nil {
				continue
			}
			var d *huma.ErrorDetail
			if errors.As(e, &d) {
				p.Errors = append(p.Errors, FieldProblem{strings.TrimPrefix(d.Location, "body."), p.Code, d.Message})
				continue
			}
			p.Errors = append(p.Errors, FieldProblem{"", p.Code, e.Error()})
		}
		if len(p.Errors) == 1 {
			p.Detail = message + ": " + strings.TrimSpace(p.Errors[0].Field+" "+p.Errors[0].Message)
		}
		return p
	}
}

func slug(code int) string {
	switch code {
	case http.StatusUnprocessableEntity:
		return "invalid"
	case http.StatusRequestEntityTooLarge:
		return "too_large"
	case http.StatusUnsupportedMediaType:
		return "media_type"
	case http.StatusNotAcceptable:
		return "not_acceptable"
	}
	return "malformed"
}
