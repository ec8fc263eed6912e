package db

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Ms is how a time is stored: unix milliseconds, NULL for the zero time.
func Ms(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// At reads a stored time; 0 is the zero time.
func At(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Time scans a BIGINT of unix milliseconds, or NULL, into *t.
func Time(t *time.Time) any { return &timeScanner{t} }

type timeScanner struct{ t *time.Time }

func (s *timeScanner) Scan(v any) error {
	switch n := v.(type) {
	case nil:
		*s.t = time.Time{}
	case int64:
		*s.t = At(n)
	default:
		return fmt.Errorf("time from %T", v)
	}
	return nil
}

// JSON scans and stores any value as JSON text; NULL and ” leave it untouched.
func JSON(v any) *JSONValue { return &JSONValue{v} }

// JSONValue is made by JSON.
type JSONValue struct{ v any }

// Scan implements sql.Scanner.
func (j *JSONValue) Scan(v any) error {
	switch s := v.(type) {
	case nil:
		return nil
	case string:
		if s == "" {
			return nil
		}
		return json.Unmarshal([]byte(s), j.v)
	case []byte:
		if len(s) == 0 {
			return nil
		}
		return json.Unmarshal(s, j.v)
	}
	return fmt.Errorf("JSON from %T", v)
}

// Value implements driver.Valuer.
func (j *JSONValue) Value() (driver.Value, error) {
	b, err := json.Marshal(j.v)
	return string(b), err
}

// Text scans TEXT or NULL into a plain string.
func Text(s *string) any { return &textScanner{s} }

type textScanner struct{ s *string }

func (t *textScanner) Scan(v any) error {
	switch x := v.(type) {
	case nil:
		*t.s = ""
	case string:
		*t.s = x
	case []byte:
		*t.s = string(x)
	default:
		return fmt.Errorf("text from %T", v)
	}
	return nil
}

// NullText stores "" as NULL, for unique columns that may be empty.
func NullText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// In writes `$from, $from+1, …` for n parameters of an IN list; n must be at least 1.
func In(from, n int) string {
	b := make([]byte, 0, n*len("$999, "))
	for i := range n {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendInt(append(b, '$'), int64(from+i), 10)
	}
	return string(b)
}

// LikeEscape makes s literal inside a LIKE pattern with ESCAPE '\'.
func LikeEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}
