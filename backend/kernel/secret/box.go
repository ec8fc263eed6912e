package secret

import (
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// ErrSealed says that sealed bytes were not made by this box for this purpose,
// or were changed since. It says no more on purpose.
var ErrSealed = errors.New("secret: cannot be opened")

// boxVersion leads sealed bytes, so that another cipher can follow one day.
const boxVersion = 1

// Box seals small values with XChaCha20-Poly1305, whose random nonces are long
// enough never to repeat.
type Box struct{ aead cipher.AEAD }

// NewBox makes a box from a 256-bit key, as Derive gives.
func NewBox(key []byte) (*Box, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("making a box: %w", err)
	}
	return &Box{aead}, nil
}

// Seal encrypts plain, bound to a purpose ("cookie/land", "mail/password/ac_…"):
// what was sealed for one place opens in no other. The result is 41 bytes longer
// and different each time.
func (b *Box) Seal(plain []byte, purpose string) []byte {
	head := 1 + chacha20poly1305.NonceSizeX
	sealed := make([]byte, head, head+len(plain)+chacha20poly1305.Overhead)
	sealed[0] = boxVersion
	_, _ = rand.Read(sealed[1:]) // never fails (crypto/rand)
	return b.aead.Seal(sealed, sealed[1:], plain, b.about(purpose))
}

// Open gives back what Seal got for the same purpose, or ErrSealed.
func (b *Box) Open(sealed []byte, purpose string) ([]byte, error) {
	head := 1 + chacha20poly1305.NonceSizeX
	if len(sealed) < head || sealed[0] != boxVersion {
		return nil, ErrSealed
	}
	plain, err := b.aead.Open(nil, sealed[1:head], sealed[head:], b.about(purpose))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// about is the additional data: version and purpose, so that neither can be swapped.
func (b *Box) about(purpose string) []byte { return append([]byte{boxVersion}, purpose...) }
