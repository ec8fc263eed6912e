package mail

import (
	"bytes"
	"context"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// Files is a Sender that writes every mail into a folder instead of sending it:
// for trying things out, for demonstrations and for machines without a mail
// account. A .eml file opens in any mail program.
type Files struct {
	dir string
}

// NewFiles makes the folder, readable by this user only (mails hold sign-in
// links). Errors are a *Problem of StepStore.
func NewFiles(dir string) (*Files, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, storeFailed(err)
	}
	return &Files{dir: dir}, nil
}

// Send writes <message-id>.eml (0600) so that it is either whole and on disk or
// not there at all, and answers {250, "written to <path>"}. The same Message-ID
// again replaces the file: a retry is the same mail.
func (f *Files) Send(ctx context.Context, from, to string, raw []byte, onData func() error) (Receipt, error) {
	if _, _, p := checkEnvelope(from, to, raw); p != nil {
		return Receipt{}, p
	}
	if err := ctx.Err(); err != nil {
		return Receipt{}, breakdown(StepStore, err)
	}
	name, p := fileName(raw)
	if p != nil {
		return Receipt{}, p
	}
	if onData != nil {
		if err := onData(); err != nil {
			return Receipt{}, &Problem{Step: StepStore, Class: Cancelled, Key: "mail.not_recorded", Err: err}
		}
	}
	path := filepath.Join(f.dir, name)
	if err := f.write(path, raw); err != nil {
		return Receipt{}, storeFailed(err)
	}
	return Receipt{Code: 250, Text: "written to " + path}, nil
}

// Close does nothing; every mail is on disk already.
func (f *Files) Close() error { return nil }

func storeFailed(err error) *Problem {
	return &Problem{Step: StepStore, Class: Temporary, Key: "mail.store_failed", Err: err}
}

var notInFileName = regexp.MustCompile(`[^A-Za-z0-9@._-]`)

// fileName makes a file name of the Message-ID that no file system objects to
// and that cannot leave the folder.
func fileName(raw []byte) (string, *Problem) {
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "", invalid("raw", "mail.raw_malformed")
	}
	id := parsed.Header.Get("Message-ID")
	if !isMessageID(id) {
		return "", invalid("raw", "mail.message_id")
	}
	name := notInFileName.ReplaceAllString(strings.Trim(id, "<>"), "_")
	return strings.TrimLeft(name, ".") + ".eml", nil
}

// write goes through a temporary file, renamed when it is on disk.
func (f *Files) write(path string, raw []byte) (err error) {
	tmp, err := os.CreateTemp(f.dir, ".mail-*") // 0600 by contract of CreateTemp
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(raw); err == nil {
		err = tmp.Sync()
	}
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("rename: %w", err)
	}
	return syncFolder(f.dir)
}

// syncFolder makes the rename survive a power cut. Windows has no such call; its
// file system journals the rename by itself.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}
