package secret

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// ErrMissing says that no secret has that name.
var ErrMissing = errors.New("secret: no such secret")

// Keeper keeps secrets by name. It is safe for many goroutines.
type Keeper interface {
	Get(name string) (Secret, error) // ErrMissing
	Set(name string, s Secret) error // durable when it returns
	Delete(name string) error        // nil also when there was none
}

// masterName is under which name a Keeper holds the app's key, in base64.
const masterName = "master"

// keySize is the length of every key here, in bytes.
const keySize = 32

// Master is the 256-bit key of this installation, made on first use. Nothing is
// encrypted with it; see Derive.
func Master(k Keeper) ([]byte, error) {
	s, err := k.Get(masterName)
	if errors.Is(err, ErrMissing) {
		fresh := make([]byte, keySize)
		_, _ = rand.Read(fresh) // never fails (crypto/rand)
		if err := k.Set(masterName, Secret(base64.RawStdEncoding.EncodeToString(fresh))); err != nil {
			return nil, fmt.Errorf("keeping the master key: %w", err)
		}
		// Read back what was kept: should another node have been faster with the
		// same file, both must use one key.
		s, err = k.Get(masterName)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the master key: %w", err)
	}
	key, err := base64.RawStdEncoding.DecodeString(s.Reveal())
	if err != nil || len(key) != keySize {
		return nil, errors.New("reading the master key: it is damaged")
	}
	return key, nil
}

// Derive is the 256-bit key for one purpose ("link/login", "limit"): HKDF-SHA-256
// (RFC 5869) of the master key. Keys of different purposes tell nothing about
// each other or about the master.
func Derive(master []byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, master, nil, "portico/1/"+purpose, keySize)
	if err != nil {
		panic(fmt.Sprintf("secret: deriving a key: %v", err)) // only for impossible lengths
	}
	return key
}
