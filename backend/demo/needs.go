package demo

import (
	"context"

	"portico/backend/kernel/auth"
)

// Person is somebody who is made up.
type Person struct {
	Name, Email, Phone, Company, City, Country, Language, TimeZone string
	Tags                                                           []string
	Note                                                           string
}

// People adds and erases contacts (room contacts).
type People interface {
	Add(ctx context.Context, actor auth.Actor, p Person) (id string, err error)
	Erase(ctx context.Context, actor auth.Actor, id string) error
}

// Door invites people and lets them in (room access).
type Door interface {
	Invite(ctx context.Context, actor auth.Actor, ids []string) error
	// Join signs a contact in from a browser, as a client would.
	Join(ctx context.Context, actor auth.Actor, id, userAgent string) error
}

// Look gives the business a name (room branding).
type Look interface {
	Name(ctx context.Context) (string, error)
	Rename(ctx context.Context, actor auth.Actor, name string) error
	Unname(ctx context.Context, actor auth.Actor) error
}

// Mail keeps mail as files where no account is set up (room outbox).
type Mail interface {
	UseFiles(ctx context.Context, actor auth.Actor) (changed bool, err error)
	Forget(ctx context.Context, actor auth.Actor) error
}
