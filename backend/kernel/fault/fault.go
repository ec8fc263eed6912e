// Package fault is the one way Portico says that something cannot be done.
//
// A Fault carries a sentence for the person (what, where, what to do), a stable
// code that the message catalogue translates, and a private cause that only the
// log sees. kernel/web turns faults into RFC 9457 problems in exactly one table.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what sort of answer a fault deserves; kernel/web maps it to a status.
type Kind int

// The kinds, from the caller's mistake to ours.
const (
	Internal         Kind = iota // our mistake: 500
	Invalid                      // the request was understood and is wrong: 422
	Malformed                    // the request could not be read: 400
	Unauthenticated              // nobody is signed in: 401
	Forbidden                    // signed in, not allowed: 403
	NotFound                     // missing, or not yours: the two look alike: 404
	Conflict                     // somebody was faster, or it exists already: 409
	Gone                         // it was there and is over: 410
	TooLarge                     // 413
	UnsupportedMedia             // 415
	TooMany                      // a limit was reached: 429
	Unavailable                  // not now, later: 503
	StorageFull                  // the disk is full: 507
)

// Field is one wrong part of a request, named as the sender named it
// (`emails[0]`, `address.country`).
type Field struct {
	Name    string
	Code    string
	Message string
	Params  map[string]any
}

// Fault is an error made for people. Code is `room.reason` and also the key of
// the sentence in the message catalogue; Message is that sentence in English.
type Fault struct {
	Kind       Kind
	Code       string
	Message    string
	Params     map[string]any
	Fields     []Field
	RetryAfter int // seconds; 0 when trying again at a set time makes no sense
	Cause      error
}

// New makes a fault. Message is a full English sentence; params fill its {names}.
func New(kind Kind, code, message string, params ...any) *Fault {
	return &Fault{Kind: kind, Code: code, Message: message, Params: pairs(params)}
}

// InvalidField is the fault for one wrong field.
func InvalidField(field, code, message string, params ...any) *Fault {
	f := New(Invalid, code, message, params...)
	f.Fields = []Field{{Name: field, Code: code, Message: message, Params: f.Params}}
	return f
}

// Because attaches the private cause.
func (f *Fault) Because(err error) *Fault {
	c := *f
	c.Cause = err
	return &c
}

// Error is for logs, never for people.
func (f *Fault) Error() string {
	if f.Cause != nil {
		return fmt.Sprintf("%s: %v", f.Code, f.Cause)
	}
	return f.Code + ": " + f.Message
}

// Unwrap gives errors.Is and errors.As the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// Is reports whether target is a fault with the same code, so that the
// package-level faults of a room work with errors.Is.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Code == f.Code
}

// As finds the fault inside err; anything else becomes an Internal fault whose
// cause is err.
func As(err error) *Fault {
	if err == nil {
		return nil
	}
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return New(Internal, "internal", "This did not work because of a fault in Portico itself. Nothing was changed. Try again; if it happens again, look at Health.").Because(err)
}

// None is the kind of no error at all.
const None Kind = -1

// KindOf is the kind of the fault inside err; None for nil.
func KindOf(err error) Kind {
	if err == nil {
		return None
	}
	return As(err).Kind
}

func pairs(params []any) map[string]any {
	if len(params) == 0 {
		return nil
	}
	m := make(map[string]any, len(params)/2)
	for i := 0; i+1 < len(params); i += 2 {
		m[params[i].(string)] = params[i+1]
	}
	return m
}

// Collector gathers wrong fields so that a form is told all at once.
type Collector struct{ fields []Field }

// Add notes a wrong field; err nil is ignored. The fault's own fields move below name.
func (c *Collector) Add(name string, err error) {
	if err == nil {
		return
	}
	f := As(err)
	c.fields = append(c.fields, Field{Name: name, Code: f.Code, Message: f.Message, Params: f.Params})
}

// Fault is nil when nothing was added. One wrong field keeps its own code.
func (c *Collector) Fault() error {
	switch len(c.fields) {
	case 0:
		return nil
	case 1:
		one := c.fields[0]
		return &Fault{Kind: Invalid, Code: one.Code, Message: one.Message, Params: one.Params, Fields: c.fields}
	}
	return &Fault{Kind: Invalid, Code: "invalid.fields", Message: "Some fields need another look; each says why.", Fields: c.fields}
}

// Fill puts parameters in the place of their {names}.
func Fill(text string, params map[string]any) string {
	for name, v := range params {
		text = strings.ReplaceAll(text, "{"+name+"}", fmt.Sprint(v))
	}
	return text
}
