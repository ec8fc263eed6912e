package secret

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/zalando/go-keyring"
)

// Keychain is what an operating system's keychain can do, as in
// zalando/go-keyring: Get and Delete answer keyring.ErrNotFound when there is nothing.
type Keychain interface {
	Set(service, user, password string) error
	Get(service, user string) (string, error)
	Delete(service, user string) error
}

// system is the keychain of this computer's user.
type system struct{}

func (system) Set(service, user, password string) error { return keyring.Set(service, user, password) }
func (system) Get(service, user string) (string, error) { return keyring.Get(service, user) }
func (system) Delete(service, user string) error        { return keyring.Delete(service, user) }

var errSlow = errors.New("the keychain did not answer in time")

// keychain keeps the secrets of one data directory under one service name.
type keychain struct {
	chain   Keychain
	service string
	wait    time.Duration
}

func (k keychain) Get(name string) (Secret, error) {
	found, err := within(k.wait, func() (string, error) { return k.chain.Get(k.service, name) })
	if errors.Is(err, keyring.ErrNotFound) {
		return "", ErrMissing
	}
	if err != nil {
		return "", fmt.Errorf("reading the secret %s from the keychain: %w", name, err)
	}
	return Secret(found), nil
}

func (k keychain) Set(name string, s Secret) error {
	_, err := within(k.wait, func() (string, error) { return "", k.chain.Set(k.service, name, s.Reveal()) })
	if err != nil {
		return fmt.Errorf("writing the secret %s to the keychain: %w", name, err)
	}
	return nil
}

func (k keychain) Delete(name string) error {
	_, err := within(k.wait, func() (string, error) { return "", k.chain.Delete(k.service, name) })
	if err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return fmt.Errorf("deleting the secret %s from the keychain: %w", name, err)
	}
	return nil
}

// probe reports why the keychain cannot be relied on, or nil: what is written
// must come back.
func (k keychain) probe() error {
	value := Secret(rand.Text())
	if err := k.Set("probe", value); err != nil {
		return err
	}
	got, err := k.Get("probe")
	if err != nil {
		return err
	}
	if got != value {
		return errors.New("the keychain gives back something else")
	}
	return k.Delete("probe")
}

// within gives up on a call after wait. The library takes no context: a call
// that never returns (a keychain that asks for its password on a screen nobody
// sees) keeps its goroutine, which is why Open tries once and then keeps away.
func within(wait time.Duration, call func() (string, error)) (string, error) {
	type answer struct {
		value string
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		value, err := call()
		done <- answer{value, err}
	}()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case a := <-done:
		return a.value, a.err
	case <-timer.C:
		return "", errSlow
	}
}
