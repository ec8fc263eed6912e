package mail

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mails")
	files, err := NewFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	var sender Sender = files
	defer func() { _ = sender.Close() }()
	raw := testMail(t)
	// Twice: a retry is the same mail in the same file.
	for range 2 {
		announced := false
		receipt, err := sender.Send(context.Background(), testFrom, testTo, raw, func() error { announced = true; return nil })
		path := filepath.Join(dir, "01JD@example.test.eml")
		if err != nil || receipt.Code != 250 || receipt.Text != "written to "+path || !announced {
			t.Fatalf("%+v %v", receipt, err)
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, raw) {
			t.Fatalf("%q %v", got, err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode != 0o600 {
			t.Errorf("mode %o", mode)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

func TestFilesRefuses(t *testing.T) {
	dir := t.TempDir()
	files, err := NewFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	good := string(testMail(t))
	full := errors.New("disk full")
	for name, row := range map[string]struct {
		to, raw string
		onData  func() error
		key     string
	}{
		"bad recipient":    {"x", good, nil, "mail.address_syntax"},
		"damaged bytes":    {testTo, "x", nil, "mail.raw_malformed"},
		"no Message-ID":    {testTo, "Subject: x\r\n\r\nx\r\n", nil, "mail.message_id"},
		"path in the name": {testTo, strings.Replace(good, "<01JD@", "<../../x/01JD@", 1), nil, ""},
		"not recorded":     {testTo, good, func() error { return full }, "mail.not_recorded"},
	} {
		receipt, err := files.Send(context.Background(), testFrom, row.to, []byte(row.raw), row.onData)
		if row.key == "" {
			if path := strings.TrimPrefix(receipt.Text, "written to "); err != nil || filepath.Dir(path) != dir || strings.HasPrefix(filepath.Base(path), ".") {
				t.Errorf("%s: %+v %v", name, receipt, err)
			}
			continue
		}
		if p := asProblem(t, err); p.Key != row.key {
			t.Errorf("%s: got %v", name, p)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := files.Send(context.Background(), testFrom, testTo, []byte(good), nil); asProblem(t, err).Key != "mail.store_failed" {
		t.Errorf("folder gone: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := files.Send(ctx, testFrom, testTo, []byte(good), nil); asProblem(t, err).Class != Cancelled {
		t.Errorf("cancelled: %v", err)
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewFiles(filepath.Join(blocked, "mails")); asProblem(t, err).Key != "mail.store_failed" {
		t.Errorf("no folder possible: %v", err)
	}
}
