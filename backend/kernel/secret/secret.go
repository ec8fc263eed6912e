package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// hidden is what a Secret shows wherever somebody prints it.
const hidden = "…"

// Secret is a text that no log, error or JSON answer may show. Keep it in
// exported fields: fmt cannot call the methods of what lies in an unexported one.
type Secret string

// Reveal is the text itself; calls of it are easy to find and review.
func (s Secret) Reveal() string { return string(s) }

// String hides the text from fmt.
func (s Secret) String() string { return hidden }

// GoString hides the text from %#v.
func (s Secret) GoString() string { return hidden }

// Format hides the text from verbs that ignore String, such as %d.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue hides the text from log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalJSON hides the text from JSON. Reading JSON into a Secret works as with
// a string, so that a form may send one.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalText hides the text from other encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
