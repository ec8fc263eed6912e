package certs

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap/zapcore"
)

// tee is certmagic's log: warnings go to ours, what concerns a name also into its
// history, and Retry-After headers, which certmagic tells nobody else, to the
// limiter.
type tee struct {
	log       *slog.Logger
	note      func(name, text string)
	holds     *holds
	directory string // of an issuer, whose requests are watched; "" for a config
	fields    []zapcore.Field
}

// holds are the times before which directories want to hear nothing.
type holds struct {
	now   func() time.Time
	mu    sync.Mutex
	until map[string]time.Time
}

// to makes the log of an issuer.
func (t tee) to(directory string) tee {
	t.directory = directory
	return t
}

// noise are lines that tell nobody anything: locks, retries of certmagic's own
// that never come because we end it before, and checks of challenges that nobody
// began, which anybody may make.
var noise = []string{
	"acquiring lock", "lock acquired", "releasing lock", "waiting on internal rate limiter", "done waiting on internal rate limiter", "using ACME account",
	"creating new account because no account for configured email is known to us", "ACME account has empty status; registering account with ACME server",
	"will retry", "final attempt; giving up", "certificate does not need to be renewed, but renewal is being forced", "started background certificate maintenance",
	"tls-alpn challenge",
}

// Enabled is zapcore's: what is logged at all.
// Configs log during handshakes, so they are not asked for more than is kept.
func (t tee) Enabled(l zapcore.Level) bool { return t.directory != "" || l >= zapcore.InfoLevel }

// With is zapcore's: a log with more fields.
func (t tee) With(fields []zapcore.Field) zapcore.Core {
	t.fields = append(slices.Clone(t.fields), fields...)
	return t
}

// Check is zapcore's.
func (t tee) Check(e zapcore.Entry, c *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if t.Enabled(e.Level) {
		return c.AddCore(e, t)
	}
	return c
}

// Sync is zapcore's; nothing is buffered.
func (tee) Sync() error { return nil }

// Write is zapcore's: one line.
func (t tee) Write(e zapcore.Entry, fields []zapcore.Field) error {
	encoded := zapcore.NewMapObjectEncoder()
	for _, f := range append(slices.Clone(t.fields), fields...) {
		f.AddTo(encoded)
	}
	if e.Message == "http request" {
		t.holds.hear(t.directory, encoded.Fields)
		return nil
	}
	if e.Level < zapcore.InfoLevel || slices.Contains(noise, e.Message) {
		return nil
	}
	var parts []string
	for _, key := range []string{"challenge_type", "challenge", "authz_status", "problem", "error"} {
		if v, ok := encoded.Fields[key]; ok {
			parts = append(parts, key+": "+flat(v))
		}
	}
	text := scrub(strings.Join(append([]string{e.Message}, parts...), "; "))
	name := about(encoded.Fields)
	t.note(name, text)
	level := slog.LevelDebug
	if e.Level >= zapcore.WarnLevel {
		level = slog.LevelWarn
	}
	t.log.Log(context.Background(), level, "certmagic", "name", name, "line", text)
	return nil
}

// about is the name that a line concerns.
func about(fields map[string]any) string {
	for _, key := range []string{"identifier", "server_name", "subject"} {
		if name, ok := fields[key].(string); ok {
			return name
		}
	}
	for _, key := range []string{"identifiers", "subjects", "names"} {
		switch names := fields[key].(type) {
		case []any:
			if len(names) == 1 {
				return fmt.Sprint(names[0])
			}
		case []string:
			if len(names) == 1 {
				return names[0]
			}
		}
	}
	return ""
}

// flat writes a field for people: of a problem its type and detail.
func flat(v any) string {
	m, ok := v.(map[string]any)
	if !ok {
		return fmt.Sprint(v)
	}
	var parts []string
	for _, key := range []string{"type", "detail"} {
		if s, ok := m[key].(string); ok && s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " ")
}

// hear keeps the Retry-After of an answer that says no.
func (h *holds) hear(directory string, fields map[string]any) {
	status, _ := fields["status_code"].(int64)
	header, _ := fields["response_headers"].(http.Header)
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return
	}
	until := after(header.Get("Retry-After"), h.now())
	h.mu.Lock()
	defer h.mu.Unlock()
	if until.After(h.until[directory]) {
		h.until[directory] = until
	}
}

// of is until when a directory wants to hear nothing; zero when it may be asked.
// It is answered once: from then on the store knows.
func (h *holds) of(directory string) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	until := h.until[directory]
	delete(h.until, directory)
	return until
}

// longestHold bounds what an authority can ask for.
const longestHold = 7 * 24 * time.Hour

// after reads a Retry-After header: seconds or a date.
func after(header string, now time.Time) time.Time {
	if seconds, err := strconv.Atoi(header); err == nil && seconds > 0 {
		return now.Add(min(time.Duration(seconds)*time.Second, longestHold))
	}
	at, err := http.ParseTime(header)
	if err != nil || !at.After(now) {
		return time.Time{}
	}
	return at.UTC()
}
