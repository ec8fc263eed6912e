package live

import (
	"slices"

	"github.com/gorilla/websocket"
)

// perPerson is how many sockets and mailboxes one person may have.
const perPerson = 8

// ear is where frames for somebody go: a socket, or a mailbox that is polled.
type ear interface {
	identity() *Identity
	// offer takes a frame without waiting; false: it has no room and must be ended.
	offer(f *frame) bool
	// end wants it closed with a code; only the first wish counts.
	end(code int, reason string)
}

// frame is what was published once, for many ears.
type frame struct {
	data     []byte
	prepared *websocket.PreparedMessage
}

// message is the frame as sockets send it, prepared when the first one wants it:
// mostly nobody listens but the window. Only the hub's goroutine asks.
func (f *frame) message() *websocket.PreparedMessage {
	if f.prepared == nil {
		f.prepared, _ = websocket.NewPreparedMessage(websocket.TextMessage, f.data) // fails only for kinds of frames that do not exist
	}
	return f.prepared
}

// index finds ears by what they have in common. Groups are small: one person's.
type index map[string][]ear

func (x index) add(key string, e ear) {
	if key != "" { // nobody's: it must not be found by an empty session
		x[key] = append(x[key], e)
	}
}

func (x index) remove(key string, e ear) {
	group := x[key]
	i := slices.Index(group, e)
	if i < 0 {
		return
	}
	if len(group) == 1 {
		delete(x, key)
		return
	}
	last := len(group) - 1
	group[i], group[last] = group[last], nil
	x[key] = group[:last]
}

// listeners are the maps that Hub.Run's goroutine owns; only commands touch them.
type listeners struct {
	closed    bool
	now       int            // in ticks
	places    map[string]int // taken, by Identity.owner
	audiences map[Audience]map[ear]struct{}
	persons   index
	sessions  index
	boxes     map[string]*mailbox // by boxKey
	inProcess map[*listener]struct{}
	here      *presence
	turns     int // how many sockets have come
}

func newListeners(here *presence) *listeners {
	return &listeners{
		places: map[string]int{}, inProcess: map[*listener]struct{}{}, boxes: map[string]*mailbox{},
		audiences: map[Audience]map[ear]struct{}{Staff: {}, Portal: {}}, persons: index{}, sessions: index{}, here: here,
	}
}

// take reserves a place for a socket or mailbox that is about to come. A mailbox
// that nobody waits at makes room: a page that was loaded again left it behind.
func (l *listeners) take(id *Identity) error {
	owner := id.owner()
	if l.places[owner] >= perPerson {
		l.evict(id)
	}
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

func (l *listeners) add(e ear) {
	if l.closed {
		e.end(websocket.CloseGoingAway, "stopping")
		return
	}
	if s, ok := e.(*socket); ok {
		s.turn, l.turns = l.turns, l.turns+1
	}
	id := e.identity()
	if l.audiences[id.Audience] == nil {
		l.audiences[id.Audience] = map[ear]struct{}{}
	}
	l.audiences[id.Audience][e] = struct{}{}
	l.persons.add(id.Person, e)
	l.sessions.add(id.Session, e)
	l.here.came(who{id.Audience, id.Person})
}

// remove forgets an ear; once more does nothing.
func (l *listeners) remove(e ear) {
	id := e.identity()
	if _, known := l.audiences[id.Audience][e]; !known {
		return
	}
	delete(l.audiences[id.Audience], e)
	l.persons.remove(id.Person, e)
	l.sessions.remove(id.Session, e)
	l.here.left(who{id.Audience, id.Person}, l.now)
	if box, ok := e.(*mailbox); ok {
		delete(l.boxes, box.key)
		l.free(id.owner())
	}
}

// publish queues a frame for an audience, or for persons of it, and answers how
// many were too slow for it.
func (l *listeners) publish(audience Audience, persons []string, data []byte) (slow int) {
	f := &frame{data: data}
	hear := func(e ear) {
		if e.identity().Audience == audience && !e.offer(f) {
			e.end(websocket.CloseTryAgainLater, "too slow")
			l.remove(e)
			slow++
		}
	}
	if len(persons) == 0 {
		return 0
	}
	everybody := persons[0] == ""
	if everybody {
		persons = nil
		for e := range l.audiences[audience] {
			hear(e)
		}
	}
	for _, person := range persons {
		group := l.persons[person]
		for i := len(group) - 1; i >= 0; i-- { // backwards: hear may remove the one it looks at
			hear(group[i])
		}
	}
	for in := range l.inProcess {
		if in.audience == audience && (everybody || in.person == "" || slices.Contains(persons, in.person)) {
			in.offer(data)
		}
	}
	return slow
}

func (l *listeners) drop(group []ear) {
	for _, e := range slices.Clone(group) {
		e.end(closeSignedOut, "signed out")
		l.remove(e)
	}
}

// shut ends everything, once.
func (l *listeners) shut() {
	l.closed = true
	for _, ears := range l.audiences {
		for e := range ears {
			e.end(websocket.CloseGoingAway, "stopping")
			l.remove(e)
		}
	}
}

// tick is called at even intervals, for what goes by time.
func (l *listeners) tick(t *times) {
	l.now++
	l.here.settle(l.now - t.ticks(t.leave))
	for _, box := range l.boxes {
		if box.busy == 0 && l.now-box.polled > t.ticks(t.keep) {
			box.end(0, "")
			l.remove(box)
		}
	}
	pings, checks := t.ticks(t.ping), t.ticks(t.check)
	for _, ears := range l.audiences {
		for e := range ears {
			if s, ok := e.(*socket); ok {
				turn := l.now + s.turn
				if ping, check := turn%pings == 0, turn%checks == 0; ping || check {
					s.remind(ping, check)
				}
			}
		}
	}
}
