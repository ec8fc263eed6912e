package chat

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/search"
)

// indexer puts what was written into the search index, behind whoever wrote it: a
// message costs its writer nothing here. What a crash or another node left is
// found by comparing how far conversations are and how far they are in the index.
type indexer struct {
	s     *Service
	mu    sync.Mutex
	dirty map[string]bool
	wake  chan struct{}
}

const (
	// gather is how long messages wait for each other.
	gather = 200 * time.Millisecond
	// lookAgain is how often it is seen what others left.
	lookAgain = 5 * time.Minute
	// indexAtOnce is how many messages share a transaction: few enough that nobody
	// else waits.
	indexAtOnce = 200
)

func newIndexer(s *Service) *indexer {
	return &indexer{s: s, dirty: map[string]bool{}, wake: make(chan struct{}, 1)}
}

func (x *indexer) add(ids ...string) {
	x.mu.Lock()
	for _, id := range ids {
		x.dirty[id] = true
	}
	x.mu.Unlock()
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

// run indexes until ctx ends.
func (x *indexer) run(ctx context.Context) {
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	x.look(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
			x.look(ctx)
			continue
		case <-x.wake:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(gather):
		}
		x.work(ctx)
	}
}

// look finds conversations that are ahead of the index.
func (x *indexer) look(ctx context.Context) {
	const page = 500
	after := ""
	for {
		list, err := behind(ctx, x.s.DB.Read(), after, page)
		if err != nil {
			x.complain(ctx, err)
			return
		}
		if len(list) > 0 {
			x.add(list...)
			after = list[len(list)-1]
		}
		if len(list) < page {
			return
		}
	}
}

func (x *indexer) complain(ctx context.Context, err error) {
	if ctx.Err() == nil {
		x.s.Log.Error("messages cannot be indexed", "error", err)
	}
}

func (x *indexer) work(ctx context.Context) {
	x.mu.Lock()
	list := make([]string, 0, len(x.dirty))
	for id := range x.dirty {
		list = append(list, id)
	}
	x.dirty = map[string]bool{}
	x.mu.Unlock()
	for len(list) > 0 && ctx.Err() == nil {
		done := 0
		err := x.s.DB.Write(ctx, func(tx *db.Tx) (err error) {
			done, err = x.s.indexSome(ctx, tx, list)
			return err
		})
		if err != nil {
			x.complain(ctx, err) // the next look finds them again
			return
		}
		list = list[done:]
	}
}

// indexSome brings the first of the conversations up to date and answers how many.
func (s *Service) indexSome(ctx context.Context, tx *db.Tx, ids []string) (done int, err error) {
	var texts []search.Doc
	room := indexAtOnce
	for _, id := range ids {
		n, err := s.indexOne(ctx, tx, id, room, &texts)
		if err != nil {
			return 0, fmt.Errorf("indexing %s: %w", id, err)
		}
		if room -= n; room <= 0 {
			break // it may have more
		}
		done++
	}
	return done, index.PutAll(ctx, tx, texts)
}

// indexOne takes up to limit changes to messages of a conversation: what is gone
// leaves the index, and what is said is added to texts.
func (s *Service) indexOne(ctx context.Context, tx *db.Tx, id string, limit int, texts *[]search.Doc) (int, error) {
	from, err := indexedUpTo(ctx, tx, id)
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		return 0, err
	}
	list, err := messages(ctx, tx, id, look{after: -1, changes: from, limit: limit})
	if err != nil || len(list) == 0 {
		return 0, err
	}
	ours, err := moveIndexed(ctx, tx, id, from, list[len(list)-1].Rev)
	if err != nil || !ours {
		return 0, err // another node is at it
	}
	if err := s.withFiles(ctx, tx, id, list); err != nil {
		return 0, err
	}
	for _, m := range list {
		e := entry{id: m.ID, conversationID: id, created: m.Created.UnixMilli()}
		text := m.spoken()
		if !m.Deleted.IsZero() || text == "" { // of its files neither
			if err := s.unindexEntry(ctx, tx, m.ID); err != nil {
				return 0, err
			}
			continue
		}
		if err := insertFound(ctx, tx, e); err != nil {
			return 0, err
		}
		*texts = append(*texts, search.Doc{ID: m.ID, Text: text})
	}
	return len(list), nil
}

// indexNote keeps what the index holds about a note; without text it holds nothing.
func (s *Service) indexNote(ctx context.Context, tx *db.Tx, n Note) error {
	if n.Text == "" {
		return s.unindexEntry(ctx, tx, n.ID)
	}
	if err := insertFound(ctx, tx, entry{n.ID, n.ConversationID, true, n.Created.UnixMilli()}); err != nil {
		return err
	}
	return index.PutAll(ctx, tx, []search.Doc{{ID: n.ID, Text: n.Text}})
}

func (s *Service) unindexEntry(ctx context.Context, tx *db.Tx, id string) error {
	if err := removeFound(ctx, tx, id); err != nil {
		return err
	}
	return index.Delete(ctx, tx, id)
}

// unindex takes everything of a conversation that is gone out of the index.
func (s *Service) unindex(ctx context.Context, conversationID string) error {
	const step = 100
	for {
		n := 0
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			list, err := foundIn(ctx, tx, conversationID, step)
			if err != nil {
				return err
			}
			n = len(list)
			for _, id := range list {
				if err := s.unindexEntry(ctx, tx, id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n < step {
			return err
		}
	}
}
