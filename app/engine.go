package app

import (
	"context"
	"crypto/tls"
	"net/http"

	"portico/backend"
	"portico/backend/kernel/reach"
)

// engine is what the outside needs of backend.Backend; tests put their own in.
type engine interface {
	Run(ctx context.Context) error
	Close() error
	SetBaseURL(url string)
	SetStaffURL(url string)
	Listening(plain, secure reach.Listen)
	OnDomain(wanted func())
	TLSConfig() *tls.Config
	Portal() http.Handler
	Staff() http.Handler
	Window() http.Handler
	Socket() http.Handler
	Subscribe(deliver func(frame []byte))
	CloseSockets(ctx context.Context) error
}

// opener opens the store of a data folder.
type opener func(ctx context.Context, c backend.Config) (engine, error)

func openBackend(ctx context.Context, c backend.Config) (engine, error) {
	b, err := backend.New(ctx, c)
	if err != nil {
		return nil, err // a nil *Backend in an engine would not be nil
	}
	return b, nil
}
