package live

import (
	"sync"
	"sync/atomic"
)

// listener hears frames inside the process: the window.
type listener struct {
	audience Audience
	person   string
	queue    chan []byte
	missed   atomic.Bool
	stop     chan struct{}
}

// Subscribe calls fn with each frame for a person of an audience, or with person
// "" for anybody of it (the window: all of Staff), encoded as JSON and not to be changed, one after the other in
// a goroutine of its own, until cancel is called or Run is over. When fn is so
// slow that frames were lost, it is called with nil: look at everything again.
func (h *Hub) Subscribe(audience Audience, person string, fn func(frame []byte)) (cancel func()) {
	l := &listener{audience: audience, person: person, queue: make(chan []byte, queued), stop: make(chan struct{})}
	h.do(func(all *listeners) { all.inProcess[l] = struct{}{}; all.here.came(l.who()) })
	go l.deliver(fn, h.ended)
	return sync.OnceFunc(func() {
		close(l.stop)
		h.do(func(all *listeners) { delete(all.inProcess, l); all.here.left(l.who(), all.now) })
	})
}

// who is present because of a listener: whoever hears all of Staff is staff.
func (l *listener) who() who {
	if l.audience == Staff && l.person == "" {
		return who{Staff, "staff"}
	}
	return who{l.audience, l.person}
}

// offer queues a frame, or notes that one was lost.
func (l *listener) offer(data []byte) {
	select {
	case l.queue <- data:
	default:
		l.missed.Store(true)
	}
}

func (l *listener) deliver(fn func([]byte), ended <-chan struct{}) {
	for {
		select {
		case data := <-l.queue:
			fn(data)
		case <-l.stop:
			return
		case <-ended:
			return
		}
		if l.missed.Swap(false) {
			fn(nil)
		}
	}
}
