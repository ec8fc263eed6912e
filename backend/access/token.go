package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"
)

// version is the first character of a token and names the key it was made with.
const version = "1"

// Sizes in bytes: 128 bits find the row, 256 bits prove the link.
const (
	selectorSize = 16
	verifierSize = sha256.Size
)

// tokenLength is the length of a token on the wire: 65 characters, all of them
// in [A-Za-z0-9_-], so that no mail program breaks it.
var tokenLength = len(version) + base64.RawURLEncoding.EncodedLen(selectorSize+verifierSize)

// Keys make and check tokens; they come from the app key and never touch the store.
type Keys struct {
	Token []byte // one key below it for each kind of link
	Code  []byte
	Email []byte
}

// newSelector is 128 random bits in base64url.
func newSelector() string {
	var b [selectorSize]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// verifier binds a link to its kind, contact, end and id:
// HMAC-SHA256(K_kind, "v1" ‖ kind ‖ selector ‖ contact ‖ expiry ‖ link id), each
// part preceded by its length so that no two links share an input.
func (k Keys) verifier(l Link) []byte {
	kind := hmac.New(sha256.New, k.Token)
	kind.Write([]byte("kind " + string(l.Kind)))
	mac := hmac.New(sha256.New, kind.Sum(nil))
	for _, part := range []string{"v1", string(l.Kind), l.Selector, l.ContactID, l.Expires.UTC().Format(time.RFC3339Nano), l.ID} {
		var size [4]byte
		binary.BigEndian.PutUint32(size[:], uint32(len(part)))
		mac.Write(size[:])
		mac.Write([]byte(part))
	}
	return mac.Sum(nil)
}

// token is the secret part of a link's address.
func (k Keys) token(l Link) string {
	selector, err := base64.RawURLEncoding.DecodeString(l.Selector)
	if err != nil {
		return "" // selectors are made by newSelector only
	}
	return version + base64.RawURLEncoding.EncodeToString(append(selector, k.verifier(l)...))
}

// parseToken splits a token; false for anything that was never one of ours.
func parseToken(token string) (selector string, verifier []byte, ok bool) {
	if len(token) != tokenLength || !strings.HasPrefix(token, version) {
		return "", nil, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token[len(version):])
	if err != nil || len(raw) != selectorSize+verifierSize {
		return "", nil, false
	}
	return base64.RawURLEncoding.EncodeToString(raw[:selectorSize]), raw[selectorSize:], true
}

// crockford is base32 without letters that are mistaken for others
// (https://www.crockford.com/base32.html).
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeLength is 8 characters of 5 bits: 40 bits, tried at most 5 times.
const codeLength = 8

// code is what a mail shows beside its link, for reading on another device.
func (k Keys) code(l Link) string {
	mac := hmac.New(sha256.New, k.Code)
	mac.Write([]byte(l.Selector + " " + l.ID))
	bits := binary.BigEndian.Uint64(mac.Sum(nil)[:8])
	out := make([]byte, codeLength)
	for i := range out {
		out[i] = crockford[bits&31]
		bits >>= 5
	}
	return string(out)
}

// sameCode forgives case, blanks, hyphens and the letters that Crockford's
// alphabet leaves out because they look like digits.
func sameCode(typed, code string) bool {
	clean := strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(strings.TrimSpace(typed)))
	return hmac.Equal([]byte(clean), []byte(code))
}

// emailHash lets a link be compared with an address without keeping the address.
func (k Keys) emailHash(emailKey string) string {
	mac := hmac.New(sha256.New, k.Email)
	mac.Write([]byte(emailKey))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// newSecret is a 256-bit value for cookies, staff links and API tokens.
func newSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// hashSecret is how such a value is kept. It has 256 random bits, so a plain hash
// cannot be searched.
func hashSecret(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(s string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(s) }
