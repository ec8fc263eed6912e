package app

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
)

// logLimit is the size at which the window's log starts again; the one before is kept.
const logLimit = 5 << 20

// openLog is the log of a program whose stderr nobody sees: portico.log in the
// data folder. Where that cannot be written, stderr has to do.
func openLog(dir string, verbose bool, fallback io.Writer) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	var to io.Writer = &logFile{path: filepath.Join(dir, "portico.log")}
	if verbose {
		to = io.MultiWriter(to, fallback)
	}
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: level}))
}

// logFile writes lines and starts a new file when one is full.
type logFile struct {
	path string
	mu   sync.Mutex
	file *os.File
	size int64
}

// Write implements io.Writer.
func (l *logFile) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil && l.size > logLimit {
		_ = l.file.Close()
		l.file = nil
		_ = os.Rename(l.path, l.path+".1")
	}
	if l.file == nil {
		f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return 0, err
		}
		l.file, l.size = f, 0
		if info, err := f.Stat(); err == nil {
			l.size = info.Size()
		}
	}
	n, err := l.file.Write(line)
	l.size += int64(n)
	return n, err
}
