package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"

	"portico/backend/kernel/fault"
)

var ctx = context.Background()

func open(t *testing.T) (*Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

func put(t *testing.T, s *Store, content string) Blob {
	t.Helper()
	b, err := s.Put(ctx, strings.NewReader(content), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// files lists what lies in dir, by path.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestPutAndOpen(t *testing.T) {
	s, dir := open(t)
	for _, size := range []int{0, 1, chunk - 1, chunk, chunk + 1, 3*chunk + 7} {
		content := bytes.Repeat([]byte("portico "), size/8+1)[:size]
		b, err := s.Put(ctx, iotest.HalfReader(bytes.NewReader(content)), int64(size))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		if b.Size != int64(size) || b.SHA256 != hex.EncodeToString(sum[:]) || len(b.ID) != 26 {
			t.Errorf("%d bytes: %+v", size, b)
		}
		r, n, modified, err := s.Open(b.ID)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, content) || n != b.Size || modified.IsZero() {
			t.Errorf("%d bytes came back as %d (%d): %v", size, len(got), n, err)
		}
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			t.Error(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		st, err := os.Stat(filepath.Join(dir, b.ID[:2], b.ID[2:4], b.ID))
		if err != nil || (runtime.GOOS != "windows" && st.Mode() != 0o600) {
			t.Errorf("on disk: %v %v", st, err)
		}
	}
	if got := files(t, filepath.Join(dir, "tmp")); len(got) > 0 {
		t.Errorf("left in tmp: %v", got)
	}
}

func TestPutSideBySide(t *testing.T) {
	s, dir := open(t)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := s.Put(ctx, strings.NewReader("x"), 1); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := files(t, dir); len(got) != 50 {
		t.Errorf("%d files", len(got))
	}
}

func TestPutRefuses(t *testing.T) {
	s, dir := open(t)
	gone := errors.New("the client went away")
	over, cancel := context.WithCancel(ctx)
	cancel()
	for _, c := range []struct {
		story string
		ctx   context.Context
		r     io.Reader
		max   int64
		want  string
	}{
		{"one byte too many", ctx, strings.NewReader("12345"), 4, "blob.too_large"},
		{"far too much", ctx, io.LimitReader(neverEnding{}, 1<<40), 1 << 20, "blob.too_large"},
		{"nothing allowed", ctx, strings.NewReader("1"), 0, "blob.too_large"},
		{"a connection that breaks", ctx, io.MultiReader(strings.NewReader("123"), iotest.ErrReader(gone)), 9, gone.Error()},
		{"a request that is over", over, strings.NewReader("1"), 9, context.Canceled.Error()},
	} {
		b, err := s.Put(c.ctx, c.r, c.max)
		if err == nil || !strings.Contains(err.Error(), c.want) || b != (Blob{}) {
			t.Errorf("%s: %+v %v", c.story, b, err)
		}
		if got := files(t, dir); len(got) > 0 {
			t.Errorf("%s: left behind %v", c.story, got)
		}
	}
}

type neverEnding struct{}

func (neverEnding) Read(p []byte) (int, error) { return len(p), nil }

// disk counts what is written, and is full after some of it.
type disk struct{ written, room int64 }

func (d *disk) Write(p []byte) (int, error) {
	if d.written+int64(len(p)) > d.room {
		return 0, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	}
	d.written += int64(len(p))
	return len(p), nil
}

func TestFill(t *testing.T) {
	d := &disk{room: 1 << 40}
	if _, _, err := fill(ctx, d, neverEnding{}, 10<<20+1); fault.KindOf(err) != fault.TooLarge || d.written > 10<<20+1 {
		t.Errorf("%d bytes went to the disk: %v", d.written, err)
	}
	if got := fault.As(func() error { _, _, err := fill(ctx, d, neverEnding{}, 3<<19); return err }()).Params["megabytes"]; got != "1.5" {
		t.Errorf("the limit is told as %v MB", got)
	}
	if runtime.GOOS == "windows" {
		return
	}
	_, _, err := fill(ctx, &disk{room: 1 << 20}, neverEnding{}, 1<<30)
	if f := fault.As(diskFault(err)); f.Kind != fault.StorageFull || f.Code != "blob.full" || f.Cause == nil {
		t.Errorf("a full disk: %+v", f)
	}
}
