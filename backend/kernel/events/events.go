package events

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/ident"
	"portico/backend/kernel/jobs"
)

// Migrations are the tables of this package.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// JobKind is the kind of job that carries a fact to a handler.
const JobKind = "fact"

// Event is a fact as it was kept.
type Event struct {
	ID      string // the key for idempotent handlers
	At      time.Time
	Name    string // room.happened
	Subject string // contact id or ""
	Actor   auth.Kind
	Data    json.RawMessage
}

// Handler reacts to a fact. It may see the same event twice.
type Handler func(ctx context.Context, e Event) error

// Log is the dispatcher and the db.Recorder of a store.
type Log struct {
	db       *db.DB
	runner   *jobs.Runner
	handlers map[string]map[string]Handler // fact name → handler name → handler
	watchers map[string][]Watcher
}

// New joins the log to a runner, which delivers.
func New(d *db.DB, r *jobs.Runner) *Log {
	l := &Log{db: d, runner: r, handlers: map[string]map[string]Handler{}, watchers: map[string][]Watcher{}}
	r.Handle(JobKind, l.deliver)
	return l
}

// On subscribes a handler, by a name that must not change between releases
// (it stands in waiting deliveries), to a fact; call it before anything is emitted.
func (l *Log) On(fact, handler string, h Handler) {
	if l.handlers[fact] == nil {
		l.handlers[fact] = map[string]Handler{}
	}
	if _, taken := l.handlers[fact][handler]; taken {
		panic("events: two handlers named " + handler + " for " + fact)
	}
	l.handlers[fact][handler] = h
}

// Watcher is shown a fact right after its commit, on the node where it happened.
// It must be quick, and what it does must not matter when the program dies first.
type Watcher func(e Event)

// Watch shows a fact to somebody who only passes the news on (open windows): a
// job for each would cost two more commits and tell nobody anything later. Call
// it before anything is emitted.
func (l *Log) Watch(fact string, w Watcher) { l.watchers[fact] = append(l.watchers[fact], w) }

type delivery struct {
	Event   string `json:"event"`
	Handler string `json:"handler"`
}

// Record implements db.Recorder.
func (l *Log) Record(ctx context.Context, tx *db.Tx, actor auth.Actor, f db.Fact) error {
	data, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("fact %s: %w", f.FactName(), err)
	}
	id := ident.New("ev")
	if err := insert(ctx, tx, id, actor, f, string(data)); err != nil {
		return fmt.Errorf("fact %s: %w", f.FactName(), err)
	}
	if watchers := l.watchers[f.FactName()]; len(watchers) > 0 {
		e := Event{ID: id, At: tx.Now, Name: f.FactName(), Subject: f.Subject(), Actor: actor.Kind, Data: data}
		tx.AfterCommit(func() {
			for _, watch := range watchers {
				watch(e)
			}
		})
	}
	if len(l.handlers[f.FactName()]) > 0 {
		tx.AfterCommit(func() { l.runner.Wake(JobKind) })
	}
	for handler := range l.handlers[f.FactName()] {
		job := jobs.Job{Kind: JobKind, Key: id + "/" + handler, Payload: delivery{id, handler}}
		if err := jobs.Enqueue(ctx, tx, job); err != nil {
			return err
		}
	}
	return nil
}

func (l *Log) deliver(ctx context.Context, c jobs.Claimed) error {
	var d delivery
	if err := json.Unmarshal(c.Payload, &d); err != nil {
		return err
	}
	e, err := byID(ctx, l.db.Read(), d.Event)
	if errors.Is(err, db.ErrNoRows) {
		return nil // its subject was erased meanwhile
	}
	if err != nil {
		return fmt.Errorf("event %s: %w", d.Event, err)
	}
	h := l.handlers[e.Name][d.Handler]
	if h == nil {
		return nil // a handler of an earlier release that is no more
	}
	return h(ctx, e)
}

// Handle subscribes a handler that takes the fact as its own type.
func Handle[F db.Fact](l *Log, handler string, h func(ctx context.Context, e Event, f F) error) {
	var zero F
	l.On(zero.FactName(), handler, func(ctx context.Context, e Event) error {
		var f F
		if err := json.Unmarshal(e.Data, &f); err != nil {
			return fmt.Errorf("fact %s: %w", e.Name, err)
		}
		return h(ctx, e, f)
	})
}

// Forget removes every fact about a subject, when the person is erased.
func Forget(ctx context.Context, tx *db.Tx, subject string) error { return forget(ctx, tx, subject) }
