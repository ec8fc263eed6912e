package certs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/caddyserver/certmagic"

	"portico/backend/kernel/db"
	"portico/backend/kernel/ident"
	"portico/backend/kernel/secret"
)

const (
	// leaseTime is how long a lock outlives a process that died; while its owner
	// lives it is renewed three times in that span.
	leaseTime = 2 * time.Minute
	// lockPoll is how often a waiting locker looks.
	lockPoll = 200 * time.Millisecond
)

// Storage is certmagic's storage in the database. Values are sealed, bound to
// their key. Locks hold between goroutines, processes and nodes.
type Storage struct {
	db  *db.DB
	box *secret.Box
	log *slog.Logger

	mu   sync.Mutex
	held map[string]*lock
}

// lock is one that this process holds.
type lock struct {
	owner string
	stop  context.CancelFunc
	done  chan struct{}
}

var (
	_ certmagic.Storage          = (*Storage)(nil)
	_ certmagic.TryLocker        = (*Storage)(nil)
	_ certmagic.LockLeaseRenewer = (*Storage)(nil)
)

// NewStorage makes a storage; its tables must be there.
func NewStorage(d *db.DB, box *secret.Box, log *slog.Logger) *Storage {
	return &Storage{db: d, box: box, log: log, held: map[string]*lock{}}
}

// Store keeps value at key.
func (s *Storage) Store(ctx context.Context, key string, value []byte) error {
	sealed := s.box.Seal(value, purpose(key))
	err := s.db.Write(ctx, func(tx *db.Tx) error { return putValue(ctx, tx, key, sealed, len(value)) })
	if err != nil {
		return fmt.Errorf("keeping %s: %w", key, err)
	}
	return nil
}

// Load gives the value at key back, fs.ErrNotExist when there is none, and
// secret.ErrSealed when it was sealed under another key.
func (s *Storage) Load(ctx context.Context, key string) ([]byte, error) {
	sealed, err := getValue(ctx, s.db.Read(), key)
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", key, missing(err))
	}
	value, err := s.box.Open(sealed, purpose(key))
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", key, err)
	}
	return value, nil
}

// Delete removes a key, or all keys below it.
func (s *Storage) Delete(ctx context.Context, key string) error {
	err := s.db.Write(ctx, func(tx *db.Tx) error { return removeValues(ctx, tx, key) })
	if err != nil {
		return fmt.Errorf("removing %s: %w", key, err)
	}
	return nil
}

// Exists reports whether there is a value at key or below it.
func (s *Storage) Exists(ctx context.Context, key string) bool {
	_, err := s.Stat(ctx, key)
	return err == nil
}

// List names the keys below path; when not recursive, only the next parts of them.
func (s *Storage) List(ctx context.Context, path string, recursive bool) ([]string, error) {
	keys, err := listKeys(ctx, s.db.Read(), path)
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", path, err)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("listing %s: %w", path, fs.ErrNotExist)
	}
	if recursive {
		return keys, nil
	}
	prefix := ""
	if path != "" {
		prefix = path + "/"
	}
	var out []string
	for _, key := range keys { // sorted, so that those of one folder stand together
		part, _, _ := strings.Cut(strings.TrimPrefix(key, prefix), "/")
		if next := prefix + part; len(out) == 0 || out[len(out)-1] != next {
			out = append(out, next)
		}
	}
	return out, nil
}

// Stat describes a value or a folder; fs.ErrNotExist when there is neither.
func (s *Storage) Stat(ctx context.Context, key string) (certmagic.KeyInfo, error) {
	info := certmagic.KeyInfo{Key: key, IsTerminal: true}
	err := statValue(ctx, s.db.Read(), key, &info.Size, &info.Modified)
	if errors.Is(err, db.ErrNoRows) {
		var found bool
		if found, err = anyBelow(ctx, s.db.Read(), key); err == nil && !found {
			err = fs.ErrNotExist
		}
		info.IsTerminal = false
	}
	if err != nil {
		return certmagic.KeyInfo{}, fmt.Errorf("looking at %s: %w", key, err)
	}
	return info, nil
}

// Lock waits until the lock is free, or the context ends.
func (s *Storage) Lock(ctx context.Context, name string) error {
	for {
		ok, err := s.TryLock(ctx, name)
		if ok || err != nil {
			return err
		}
		timer := time.NewTimer(lockPoll)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// TryLock takes a lock that nobody holds; false when somebody does.
func (s *Storage) TryLock(ctx context.Context, name string) (bool, error) {
	// A lock whose lease ran out while the computer slept is still ours until
	// Unlock, which is told no more than the name.
	if s.holds(name) {
		return false, nil
	}
	// A look costs nothing; only a lock that seems free costs a commit.
	if until, err := lockedUntil(ctx, s.db.Read(), name); err != nil {
		return false, fmt.Errorf("looking at the lock %s: %w", name, err)
	} else if until.After(s.db.Clock().Now()) {
		return false, nil
	}
	owner, got := ident.New("lo"), false
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		got, err = takeLock(ctx, tx, name, owner, tx.Now.Add(leaseTime))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("taking the lock %s: %w", name, err)
	}
	if got {
		s.hold(name, owner)
	}
	return got, nil
}

func (s *Storage) holds(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held[name] != nil
}

// hold keeps a lock alive until Unlock.
func (s *Storage) hold(name, owner string) {
	ctx, stop := context.WithCancel(context.Background())
	l := &lock{owner: owner, stop: stop, done: make(chan struct{})}
	s.mu.Lock()
	s.held[name] = l
	s.mu.Unlock()
	go func() {
		defer close(l.done)
		ticker := time.NewTicker(leaseTime / 3)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			if err := s.extend(ctx, name, owner, leaseTime); err != nil && ctx.Err() == nil {
				s.log.Warn("a lock could not be kept", "lock", name, "error", err)
			}
		}
	}()
}

// errLost says that a lock ran out (the computer slept) and belongs to nobody, or
// to another node.
var errLost = errors.New("certs: the lock is lost")

func (s *Storage) extend(ctx context.Context, name, owner string, lease time.Duration) error {
	kept := false
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		kept, err = renewLock(ctx, tx, name, owner, tx.Now.Add(lease))
		return err
	})
	if err == nil && !kept {
		return errLost
	}
	return err
}

// Unlock gives a lock back.
func (s *Storage) Unlock(ctx context.Context, name string) error {
	s.mu.Lock()
	l := s.held[name]
	delete(s.held, name)
	s.mu.Unlock()
	if l == nil {
		return nil // lost, and taken by nobody here
	}
	l.stop()
	<-l.done
	err := s.db.Write(ctx, func(tx *db.Tx) error { return dropLock(ctx, tx, name, l.owner) })
	if err != nil {
		return fmt.Errorf("giving back the lock %s: %w", name, err)
	}
	return nil
}

// RenewLockLease keeps a lock of this process for at least the given time.
func (s *Storage) RenewLockLease(ctx context.Context, name string, lease time.Duration) error {
	s.mu.Lock()
	l := s.held[name]
	s.mu.Unlock()
	if l == nil {
		return errLost
	}
	return s.extend(ctx, name, l.owner, max(lease, leaseTime))
}

// releaseAll ends every lock. Only who knows that no other process works on the
// store may call it.
func (s *Storage) releaseAll(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *db.Tx) error { return dropLocks(ctx, tx) })
}

// purpose binds what is sealed to its key.
func purpose(key string) string { return "certs/" + key }

func missing(err error) error {
	if errors.Is(err, db.ErrNoRows) {
		return fs.ErrNotExist
	}
	return err
}
