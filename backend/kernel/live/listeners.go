package live

import (
	"sync"

	"github.com/gorilla/websocket"
)

// perPerson is how many sockets one person may have.
const perPerson = 8

// group is some sockets.
type group map[*socket]struct{}

// index finds sockets by what they have in common.
type index map[string]group

func (x index) add(key string, s *socket) {
	if key == "" { // nobody's: it must not be found by an empty session
		return
	}
	if x[key] == nil {
		x[key] = group{}
	}
	x[key][s] = struct{}{}
}

func (x index) remove(key string, s *socket) {
	delete(x[key], s)
	if len(x[key]) == 0 {
		delete(x, key)
	}
}

// listeners are the maps that Hub.Run's goroutine owns; only commands touch them.
type listeners struct {
	closed    bool
	places    map[string]int // taken, by Identity.owner
	audiences index
	persons   index
	sessions  index
	inProcess map[*listener]struct{}
}

func newListeners() *listeners {
	return &listeners{
		places: map[string]int{}, inProcess: map[*listener]struct{}{},
		audiences: index{}, persons: index{}, sessions: index{},
	}
}

// take reserves a place for a socket that is about to come.
func (l *listeners) take(owner string) error {
	switch {
	case l.closed:
		return ErrStopping
	case l.places[owner] >= perPerson:
		return ErrTooMany
	}
	l.places[owner]++
	return nil
}

// free gives a place back, once the socket's goroutines have ended.
func (l *listeners) free(owner string) {
	if l.places[owner]--; l.places[owner] <= 0 {
		delete(l.places, owner)
	}
}

func (l *listeners) add(s *socket) {
	if l.closed {
		s.end(websocket.CloseGoingAway, "stopping")
		return
	}
	l.audiences.add(string(s.id.Audience), s)
	l.persons.add(s.id.Person, s)
	l.sessions.add(s.id.Session, s)
}

func (l *listeners) remove(s *socket) {
	l.audiences.remove(string(s.id.Audience), s)
	l.persons.remove(s.id.Person, s)
	l.sessions.remove(s.id.Session, s)
}

// publish queues a frame and answers how many were too slow for it. It is prepared
// once for all sockets, when there is one: mostly nobody listens but the window.
func (l *listeners) publish(audience Audience, person string, data []byte) (slow int) {
	message := sync.OnceValue(func() *websocket.PreparedMessage {
		m, _ := websocket.NewPreparedMessage(websocket.TextMessage, data) // fails only for kinds of frames that do not exist
		return m
	})
	to := l.audiences[string(audience)]
	if person != "" {
		to = l.persons[person]
	}
	for s := range to {
		if s.id.Audience != audience {
			continue
		}
		select {
		case s.queue <- message():
		default:
			s.end(websocket.CloseTryAgainLater, "too slow")
			l.remove(s)
			slow++
		}
	}
	for in := range l.inProcess {
		if in.audience == audience && (person == "" || in.person == "" || person == in.person) {
			in.offer(data)
		}
	}
	return slow
}

func (l *listeners) drop(sockets group) {
	for s := range sockets {
		s.end(closeSignedOut, "signed out")
		l.remove(s)
	}
}

// shut ends everything, once.
func (l *listeners) shut() {
	l.closed = true
	for _, sockets := range l.audiences {
		for s := range sockets {
			s.end(websocket.CloseGoingAway, "stopping")
			l.remove(s)
		}
	}
}
