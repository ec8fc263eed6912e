// Package ident makes the ids of everything stored: a two-letter prefix that
// says what it names, and a UUIDv7 (RFC 9562) so that ids sort by time.
// An id is no secret: nothing is granted by knowing one.
package ident

import (
	"encoding/base32"
	"strings"

	"github.com/google/uuid"
)

// Lower-case base32hex keeps byte order, so text order is time order on every engine.
const alphabet = "0123456789abcdefghijklmnopqrstuv"

var encoding = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

// length of the part behind the prefix: 128 bits in base32.
const length = 26

// New returns `prefix_` and 26 characters, larger than every id made before it
// in this process.
func New(prefix string) string {
	u := uuid.Must(uuid.NewV7())
	return prefix + "_" + encoding.EncodeToString(u[:])
}

// Valid reports whether id has the shape that New(prefix) gives.
func Valid(prefix, id string) bool {
	rest, ok := strings.CutPrefix(id, prefix+"_")
	return ok && len(rest) == length && strings.Trim(rest, alphabet) == ""
}
