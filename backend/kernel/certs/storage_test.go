package certs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/backend/kernel/certs"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/kernel/secret"
)

var (
	ctx    = context.Background()
	source = db.Source{Room: "certs", Files: certs.Migrations}
	quiet  = slog.New(slog.DiscardHandler)
	boxKey = bytes.Repeat([]byte{7}, 32)
)

func box(t testing.TB) *secret.Box {
	t.Helper()
	b, err := secret.NewBox(boxKey)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// eachStorage runs a story on every engine. Two storages on one store are two nodes.
func eachStorage(t *testing.T, story func(t *testing.T, d *db.DB, clk *clock.Fake, node func() *certs.Storage)) {
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		d := dbtest.Open(t, c, source)
		story(t, d, clk, func() *certs.Storage { return certs.NewStorage(d, box(t), quiet) })
	})
}

func TestStorage(t *testing.T) {
	eachStorage(t, func(t *testing.T, d *db.DB, clk *clock.Fake, node func() *certs.Storage) {
		s := node()
		for _, key := range []string{"acme/ca/users/a@b/a.key", "certificates/ca/one.test/one.test.crt", "certificates/ca/one.test/one.test.key",
			"certificates/ca/two.test/two.test.crt", "certificates/ca2/x", "certificates0", "certificates"} {
			if err := s.Store(ctx, key, []byte("value of "+key)); err != nil {
				t.Fatal(err)
			}
		}
		for _, list := range []struct {
			path      string
			recursive bool
			want      []string
		}{
			{"certificates/ca", true, []string{"certificates/ca/one.test/one.test.crt", "certificates/ca/one.test/one.test.key", "certificates/ca/two.test/two.test.crt"}},
			{"certificates/ca", false, []string{"certificates/ca/one.test", "certificates/ca/two.test"}},
			{"certificates", false, []string{"certificates/ca", "certificates/ca2"}},
			{"", false, []string{"acme", "certificates", "certificates0"}},
			{"certificates/ca/one", true, nil},
		} {
			got, err := s.List(ctx, list.path, list.recursive)
			if !reflect.DeepEqual(got, list.want) || (list.want == nil) != errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%q recursive %v: %q, %v; want %q", list.path, list.recursive, got, err, list.want)
			}
		}
		at := clk.Now()
		clk.Advance(time.Hour)
		value := []byte("new\x00value")
		if err := s.Store(ctx, "certificates/ca2/x", value); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Load(ctx, "certificates/ca2/x"); err != nil || !bytes.Equal(got, value) {
			t.Errorf("%q, %v", got, err)
		}
		if info, err := s.Stat(ctx, "certificates/ca2/x"); err != nil || info.Size != int64(len(value)) || !info.IsTerminal || !info.Modified.Equal(at.Add(time.Hour)) {
			t.Errorf("%+v, %v", info, err)
		}
		if info, err := s.Stat(ctx, "certificates/ca"); err != nil || info.IsTerminal {
			t.Errorf("a folder: %+v, %v", info, err)
		}
		if err := s.Delete(ctx, "certificates"); err != nil { // and everything below, but not its neighbour
			t.Fatal(err)
		}
		for _, gone := range []string{"certificates", "certificates/ca2/x", "never"} {
			_, err := s.Load(ctx, gone)
			_, missing := s.Stat(ctx, gone)
			if s.Exists(ctx, gone) || !errors.Is(err, fs.ErrNotExist) || !errors.Is(missing, fs.ErrNotExist) || s.Delete(ctx, gone) != nil {
				t.Errorf("%s: %v, %v", gone, err, missing)
			}
		}
		if !s.Exists(ctx, "certificates0") || !s.Exists(ctx, "acme/ca") || s.Exists(ctx, "acme/c") {
			t.Error("neighbours are not told apart")
		}
	})
}

func TestValuesAreSealed(t *testing.T) {
	eachStorage(t, func(t *testing.T, d *db.DB, _ *clock.Fake, node func() *certs.Storage) {
		s := node()
		if err := s.Store(ctx, "a/key", []byte("-----BEGIN EC PRIVATE KEY-----")); err != nil {
			t.Fatal(err)
		}
		var raw []byte
		if err := d.Read().QueryRow(ctx, `SELECT value FROM certs_value WHERE key = 'a/key'`).Scan(&raw); err != nil || bytes.Contains(raw, []byte("PRIVATE")) {
			t.Errorf("%q, %v", raw, err)
		}
		// A sealed value that is moved to another key opens no more.
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE certs_value SET key = 'b/key'`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Load(ctx, "b/key"); !errors.Is(err, secret.ErrSealed) {
			t.Errorf("a moved value: %v", err)
		}
	})
}

// Each of 12 workers on 4 nodes adds one, reading and writing apart; without the
// lock most are lost.
func TestOneOfTwelveHoldsALock(t *testing.T) {
	eachStorage(t, func(t *testing.T, d *db.DB, _ *clock.Fake, node func() *certs.Storage) {
		var inside, worst, sum atomic.Int32
		var wg sync.WaitGroup
		for range 4 {
			s := node()
			for range 3 {
				wg.Go(func() {
					for range 5 {
						if err := s.Lock(ctx, "issue_cert_one.test"); err != nil {
							t.Error(err)
							return
						}
						n := inside.Add(1)
						worst.Store(max(worst.Load(), n))
						read := sum.Load()
						time.Sleep(time.Millisecond)
						sum.Store(read + 1)
						inside.Add(-1)
						if err := s.Unlock(ctx, "issue_cert_one.test"); err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
		wg.Wait()
		if worst.Load() != 1 || sum.Load() != 60 {
			t.Errorf("%d held it at once; %d of 60 counted", worst.Load(), sum.Load())
		}
	})
}

func TestLocks(t *testing.T) {
	eachStorage(t, func(t *testing.T, d *db.DB, clk *clock.Fake, node func() *certs.Storage) {
		one, two := node(), node()
		try := func(s *certs.Storage) string {
			ok, err := s.TryLock(ctx, "l")
			return fmt.Sprint(ok, err)
		}
		if got := try(one) + try(two) + try(one); got != "true <nil>false <nil>false <nil>" {
			t.Fatal(got)
		}
		if err := two.RenewLockLease(ctx, "l", time.Hour); err == nil {
			t.Error("a lock of another node was renewed")
		}
		if err := two.Unlock(ctx, "l"); err != nil || try(two) != "false <nil>" {
			t.Errorf("another node gave it back: %v", err)
		}
		if err := one.RenewLockLease(ctx, "l", time.Hour); err != nil {
			t.Error(err)
		}
		clk.Advance(time.Hour - time.Second)
		if got := try(two); got != "false <nil>" {
			t.Error("the longer lease does not hold")
		}
		waiting, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
		defer cancel()
		if err := two.Lock(waiting, "l"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting: %v", err)
		}
		// The first node died, or its computer sleeps: after the lease it is free.
		clk.Advance(2 * time.Second)
		if got := try(one) + try(two); got != "false <nil>true <nil>" {
			t.Error(got)
		}
		if err := one.RenewLockLease(ctx, "l", time.Hour); err == nil || !strings.Contains(err.Error(), "lost") {
			t.Errorf("a lost lock was renewed: %v", err)
		}
		if err := one.Unlock(ctx, "l"); err != nil || try(one) != "false <nil>" {
			t.Error("who lost it gave back the lock of another")
		}
		if err := two.Unlock(ctx, "l"); err != nil || try(one) != "true <nil>" {
			t.Error("it is not free after all")
		}
		if err := one.Unlock(ctx, "l"); err != nil {
			t.Error(err)
		}
	})
}
