package certs_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"portico/backend/kernel/certs"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/kernel/secret"
)

// victim is what the child process of TestKilledAgainAndAgain is told.
type victim struct {
	Path, Directory, Name string
	Roots                 []byte
	HTTPPort, TLSPort     int
}

// TestMain lets this program be the process that is killed.
func TestMain(m *testing.M) {
	if raw := os.Getenv("PORTICO_CERTS_VICTIM"); raw != "" {
		if err := live(raw); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// live is what a Portico with that name does until it is told to end.
func live(raw string) error {
	var v victim
	if err := json.Unmarshal([]byte(raw), &v); err != nil {
		return err
	}
	running, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	d, err := db.Open(ctx, db.Config{Path: v.Path})
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	if err := d.Migrate(ctx, []db.Source{source}, nil); err != nil {
		return err
	}
	b, err := secret.NewBox(boxKey)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(v.Roots)
	m, err := certs.New(ctx, certs.Config{DB: d, Box: b, Directory: v.Directory, Roots: roots,
		Email: func(context.Context) string { return "owner@office.test" }, HTTPPort: v.HTTPPort, TLSPort: v.TLSPort, Alone: true,
		Tick: 10 * time.Millisecond, Grace: 10 * time.Millisecond})
	if err != nil {
		return err
	}
	defer m.Close()
	if err := m.Manage(ctx, v.Name, certs.Options{}); err != nil {
		return err
	}
	m.Run(running)
	return nil
}

// A process that is killed, or told to end, in the midst of things again and again
// opens one account and places one order. PORTICO_CERTS_KILLS says how often;
// the first one lives until it has ordered.
func TestKilledAgainAndAgain(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGTERM on Windows")
	}
	kills := 20
	if n, err := strconv.Atoi(os.Getenv("PORTICO_CERTS_KILLS")); err == nil {
		kills = n
	}
	t.Parallel()
	r := newRig(t, nil)
	path := filepath.Join(t.TempDir(), "killed.db")
	v, err := json.Marshal(victim{Path: path, Directory: r.pebble.Directory, Name: r.name, Roots: r.pebble.RootPEM(), HTTPPort: r.config.HTTPPort, TLSPort: r.config.TLSPort})
	if err != nil {
		t.Fatal(err)
	}
	for i := range kills {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "PORTICO_CERTS_VICTIM="+string(v))
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			r.ordering()
		} else {
			time.Sleep(rand.N(400 * time.Millisecond))
		}
		if i%3 == 1 {
			_ = child.Process.Signal(syscall.SIGTERM)
		} else {
			_ = child.Process.Kill()
		}
		_ = child.Wait()
		if accounts, orders := r.pebble.Created(); accounts > 1 || orders > 1 {
			t.Fatalf("after %d restarts there are %d accounts and %d orders", i+1, accounts, orders)
		}
	}
	r.created(1, 1)
	// When it is let live, it goes on by itself after a while, with the same account.
	r.db = dbtest.Open(t, db.Config{Path: path, Clock: r.clock}, source)
	r.config.DB = r.db
	r.start(r.name)
	s := r.failing(r.name)
	if s.Why != certs.WhyInterrupted || s.NextTry.Sub(r.clock.Now()) > 16*time.Minute {
		t.Errorf("%+v", s)
	}
	r.clock.Advance(16 * time.Minute)
	r.active(r.name)
	r.created(1, 2)
}

// ordering waits until an order was placed.
func (r *rig) ordering() {
	r.t.Helper()
	for range 1500 {
		if _, orders := r.pebble.Created(); orders > 0 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	r.t.Fatal("nothing was ordered")
}

// Killed while the account is opened: its key was kept before, so the next process
// gets the same account.
func TestKilledWhileAnAccountIsOpened(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.start(r.name)
	r.active(r.name)
	r.stop()
	// What a process leaves that was killed between the registration and keeping it.
	if err := r.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM certs_value WHERE key LIKE 'acme/%/users/%' OR key LIKE 'certificates/%'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	r.start(r.name)
	r.until(r.name, "ordered again", func(certs.Status) bool { return len(r.entries(certs.KindIssued)) == 2 })
	r.created(1, 2)
}

// Ended in good order while an order runs: the order may end, and nothing is left
// to wait for.
func TestStoppedInTheMiddle(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.config.Grace = 30 * time.Second
	r.start(r.name)
	r.ordering()
	r.stop()
	r.start()
	if s := r.status(r.name); s.State != certs.StateActive {
		t.Errorf("%+v\n%s", s, r.story(r.name))
	}
	r.created(1, 1)
}
