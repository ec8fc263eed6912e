package torture

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Said is a message as a client sees it.
type Said struct {
	ID          string
	Seq, Rev    int64
	ClientMsgID string `json:"client_msg_id"`
	Text        string
}

// Talker is a client's browser in one conversation. It does what
// backend/doc/live.md asks of one: it takes frames in the order of rev, asks for
// what it missed before it goes on, and sends a message until it is acknowledged,
// always under the same id.
type Talker struct {
	Name         string
	Conversation string
	api          *API
	dial         func(ctx context.Context, network, address string) (net.Conn, error)

	mu    sync.Mutex
	seen  []Said
	rev   int64
	acked map[string]int64 // client_msg_id → seq
}

// NewTalker is a browser with a session, which reaches the program by way of line,
// an address on loopback; "" is the program's own.
func NewTalker(name, conversation, base, session, line string) *Talker {
	t := &Talker{Name: name, Conversation: conversation, acked: map[string]int64{}}
	t.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if line != "" {
			address = line
		}
		return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, network, address)
	}
	t.api = &API{Base: base, Session: session, http: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: t.dial, DisableCompression: true}}}
	return t
}

func (t *Talker) path() string {
	return "/api/portal/chat/conversations/" + t.Conversation + "/messages"
}

// Listen stays connected, with pauses that grow and vary, until ctx ends.
func (t *Talker) Listen(ctx context.Context) {
	for pause := 200 * time.Millisecond; ctx.Err() == nil; pause = min(2*pause, 3*time.Second) {
		if t.connected(ctx) {
			pause = 100 * time.Millisecond
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
}

// connected listens on one socket until it breaks; false when there was none.
func (t *Talker) connected(ctx context.Context) bool {
	dialer := websocket.Dialer{NetDialContext: t.dial, HandshakeTimeout: 5 * time.Second}
	header := http.Header{"Origin": {t.api.Base}, "Cookie": {sessionCookie + "=" + t.api.Session}}
	conn, _, err := dialer.DialContext(ctx, "ws"+t.api.Base[len("http"):]+"/api/portal/live", header)
	if err != nil {
		return false
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer func() {
		stop()
		_ = conn.Close()
	}()
	if t.CatchUp(ctx) != nil { // before the first frame is taken
		return true
	}
	for {
		_, raw, err := conn.ReadMessage()
		if err != nil {
			return true
		}
		var f struct {
			Topic          string
			ConversationID string `json:"conversation_id"`
			Message        Said
		}
		if json.Unmarshal(raw, &f) != nil || f.Topic != "chat.message" || f.ConversationID != t.Conversation {
			continue
		}
		if !t.take(f.Message) && t.CatchUp(ctx) != nil {
			return true
		}
	}
}

// take keeps a message that comes next, or was there; false when one is missing before it.
func (t *Talker) take(m Said) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case m.Rev <= t.rev:
		return true
	case m.Rev > t.rev+1:
		return false
	}
	t.seen, t.rev = append(t.seen, m), m.Rev
	return true
}

// CatchUp asks for everything since the last message known.
func (t *Talker) CatchUp(ctx context.Context) error {
	for {
		t.mu.Lock()
		rev := t.rev
		t.mu.Unlock()
		var page struct {
			Items []Said
			More  bool
		}
		if err := t.api.Must(ctx, http.MethodGet, fmt.Sprintf("%s?changes=%d&limit=200", t.path(), rev), nil, &page, http.StatusOK); err != nil {
			return err
		}
		for _, m := range page.Items {
			t.take(m)
		}
		if !page.More {
			return nil
		}
	}
}

// Say sends a message until it is acknowledged or ctx ends.
func (t *Talker) Say(ctx context.Context, id string) error {
	in := map[string]string{"client_msg_id": id, "text": t.Name + " says " + id}
	for ctx.Err() == nil {
		var m Said
		got, err := t.api.Do(ctx, http.MethodPost, t.path(), in, &m)
		switch {
		case err == nil && (got.Status == http.StatusCreated || got.Status == http.StatusOK):
			t.mu.Lock()
			t.acked[id] = m.Seq
			t.mu.Unlock()
			return nil
		case err == nil && got.Status < 500 && got.Status != http.StatusTooManyRequests:
			return fmt.Errorf("%s: %d %s", id, got.Status, got.Body)
		}
		select { // not answered, or not now: again
		case <-ctx.Done():
		case <-time.After(100*time.Millisecond + rand.N(300*time.Millisecond)):
		}
	}
	return ctx.Err()
}

// Seen is what was seen, in that order, and Acked what was acknowledged to this one.
func (t *Talker) Seen() []Said {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Said(nil), t.seen...)
}

// Acked are the ids of the messages that were acknowledged, with their places.
func (t *Talker) Acked() map[string]int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make(map[string]int64, len(t.acked))
	for id, seq := range t.acked {
		out[id] = seq
	}
	return out
}

// Direct lets the talker reach the program without its line from now on.
func (t *Talker) Direct() {
	t.api.Close()
	t.api.http = newHTTP()
}
