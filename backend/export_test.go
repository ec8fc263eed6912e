package backend

import (
	"context"

	"portico/backend/kernel/auth"
)

// UseNames makes names of the owner's hold without a certificate authority, for
// tests of what follows from them.
func (b *Backend) UseNames(active string, former []string, hsts bool) {
	b.address.Use(active, former, hsts)
}

// Encrypts says whether a listener speaks https, without opening one.
func (b *Backend) Encrypts(tls bool) { b.address.encrypts(tls) }

// EraseContact removes a contact for good at once, without thirty days of waiting.
func (b *Backend) EraseContact(ctx context.Context, id string) error {
	return b.contacts.Erase(ctx, auth.System(), id)
}

// Wake lets waiting jobs of the kinds look at the time again, which tests move.
func (b *Backend) Wake(kinds ...string) {
	for _, kind := range kinds {
		b.runner.Wake(kind)
	}
}
