package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// What closing the window does.
const (
	closeHides = "background"
	closeQuits = "quit"
)

// frame is what the window remembers between two starts.
type frame struct {
	X         int    `json:"x"`
	Y         int    `json:"y"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
	Placed    bool   `json:"placed"` // X and Y were seen, not guessed
	Maximised bool   `json:"maximised"`
	OnClose   string `json:"on_close,omitempty"` // "" asks
	Language  string `json:"language,omitempty"`
}

var (
	smallest = frame{Width: 760, Height: 520}
	firstOne = frame{Width: 1280, Height: 820}
)

// visibleOn reports whether a piece of the window large enough to be grabbed
// lies on screens of that total size: one may have been unplugged.
func (f frame) visibleOn(width, height int) bool {
	const grip = 80
	return f.X+f.Width >= grip && f.X <= width-grip && f.Y >= 0 && f.Y <= height-grip
}

// memory keeps a frame in the data folder.
type memory struct {
	path string
	mu   sync.Mutex
	now  frame
}

// recall reads what was remembered; anything unreadable is as good as nothing.
func recall(dir string) *memory {
	m := &memory{path: filepath.Join(dir, "window.json"), now: firstOne}
	raw, err := os.ReadFile(m.path)
	if err != nil || json.Unmarshal(raw, &m.now) != nil {
		m.now = firstOne
	}
	m.now.Width, m.now.Height = max(m.now.Width, smallest.Width), max(m.now.Height, smallest.Height)
	if m.now.OnClose != closeHides && m.now.OnClose != closeQuits {
		m.now.OnClose = ""
	}
	return m
}

func (m *memory) get() frame {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// change writes only when something is different. A failure to write costs the
// window's place and nothing else, so it is not worth a message.
func (m *memory) change(edit func(*frame)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := m.now
	edit(&next)
	if next == m.now {
		return
	}
	m.now = next
	raw, err := json.MarshalIndent(next, "", "  ")
	if err != nil {
		return
	}
	if os.WriteFile(m.path+".new", raw, 0o600) == nil {
		_ = os.Rename(m.path+".new", m.path)
	}
}

// language is what the menu speaks: what staff chose, else the system's.
func language(chosen string, env func(string) string) string {
	if chosen != "" {
		return catalogue().Match(chosen)
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value, _, _ := strings.Cut(env(name), "."); value != "" {
			return catalogue().Match(strings.ReplaceAll(value, "_", "-"))
		}
	}
	return catalogue().Match("")
}
