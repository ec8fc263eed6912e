package blob

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"portico/backend/kernel/fault"
)

func TestAFileGrowsAndIsFinished(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	id, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	broken := io.MultiReader(strings.NewReader("lo wo"), iotest.ErrReader(errors.New("the line broke")))
	for _, story := range []struct {
		at     int64
		r      io.Reader
		max    int64
		size   int64
		code   string
		failed bool
	}{
		{at: 1, r: strings.NewReader("x"), max: 11, size: 0, code: "blob.offset"},
		{at: 0, r: strings.NewReader("hel"), max: 11, size: 3},
		{at: 0, r: strings.NewReader("hel"), max: 11, size: 3, code: "blob.offset"}, // sent again
		{at: 3, r: broken, max: 11, size: 8, failed: true},                          // what came is kept
		{at: 8, r: strings.NewReader("rld and more"), max: 11, size: 8, code: "blob.too_large"},
		{at: 8, r: strings.NewReader("rld"), max: 11, size: 11},
	} {
		size, err := s.Append(t.Context(), id, story.at, story.r, story.max)
		code := ""
		if err != nil && !story.failed {
			code = fault.As(err).Code
		}
		now, _ := s.Size(id)
		if size != story.size || now != size || code != story.code || story.failed != (err != nil && code == "") {
			t.Errorf("at %d: size %d (%d), %v; want %+v", story.at, size, now, err, story)
		}
	}
	if _, _, _, err := s.Open(id); !errors.Is(err, ErrMissing) {
		t.Errorf("it can be read before it is finished: %v", err)
	}
	b, err := s.Finish(id)
	if err != nil || b.Size != 11 || b.SHA256 != "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9" {
		t.Fatalf("%+v %v", b, err)
	}
	if again, err := s.Finish(id); err != nil || again != b {
		t.Errorf("finished again after a crash: %+v %v", again, err)
	}
	if size, err := s.Size(id); err != nil || size != 11 {
		t.Errorf("its size is %d (%v)", size, err)
	}
	f, _, _, err := s.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(f)
	_ = f.Close()
	if string(got) != "hello world" {
		t.Errorf("it holds %q", got)
	}
	if _, err := s.Append(t.Context(), id, 11, strings.NewReader("!"), 20); !errors.Is(err, ErrMissing) {
		t.Errorf("it grows after it was finished: %v", err)
	}
}

func TestAnAbandonedFileIsGone(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	id, _ := s.Begin()
	for range 2 {
		if err := s.Abandon(id); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Finish(id); !errors.Is(err, ErrMissing) {
		t.Error(err)
	}
	for _, bad := range []string{"", "..", "../x", strings.Repeat("a", 26) + "/"} {
		if _, err := s.Append(t.Context(), bad, 0, strings.NewReader("x"), 9); !errors.Is(err, ErrMissing) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
