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

// ChatIndex answers all words that the index of the chat holds.
func (b *Backend) ChatIndex(ctx context.Context) (words string, err error) {
	rows, err := b.db.Read().Query(ctx, `SELECT words FROM chat_search`)
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return "", err
		}
		words += one
	}
	return words, rows.Err()
}
