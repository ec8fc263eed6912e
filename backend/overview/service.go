package overview

import (
	"context"
	"embed"
	"log/slog"
	"sync"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
)

// Migrations and Messages are this room's table and words.
var (
	//go:embed migrations/*.sql
	Migrations embed.FS
	//go:embed messages/*.json
	Messages embed.FS
)

// Deps are what the room is built on.
type Deps struct {
	DB      *db.DB
	Log     *slog.Logger
	Words   Words
	Version string // of the program
	DataDir string
	Space   func(path string) (free, total uint64, err error) // nil: db.Space
	Size    func(context.Context) (int64, error)              // of the database in bytes; nil: not told
	Clock   Clock
	Mail    Mail
	Domain  Domain
	Brand   Brand
	Clients Clients
	Address Address
	Live    Live
}

// Service holds the verbs of the room.
type Service struct {
	Deps
	mu      sync.Mutex
	checked check
}

// New makes the room. Run must be running for the health page to know of the
// store's integrity.
func New(d Deps) *Service {
	if d.Space == nil {
		d.Space = db.Space
	}
	return &Service{Deps: d}
}

// Faults of this room.
var (
	errCursor  = fault.InvalidField("cursor", "overview.cursor", "This place in the list is not valid; start from the top again.")
	errContact = fault.New(fault.NotFound, "overview.no_contact", "This contact is not here any more. It may have been deleted.")
)

// word is a text of the catalogue; a key that lacks one is shown as it is.
func (s *Service) word(language, key string, params map[string]any) string {
	if text, ok := s.Words(language, key, params); ok {
		return text
	}
	return key
}

// languageOf is what staff read: their choice, else what the request asks for.
func (s *Service) languageOf(ctx context.Context, actor auth.Actor) (string, error) {
	p, err := s.preferences(ctx, actor)
	return p.Language, err
}
