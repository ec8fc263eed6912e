package live

import (
	"context"
	"sync"
)

// who is a person of an audience.
type who struct {
	audience Audience
	person   string
}

// presence counts each person's ears. Whoever lost the last one stays for a while:
// a page that is loaded again is no leaving. Hub.Run's goroutine owns it, except
// for the news, which a goroutine of its own tells.
type presence struct {
	persons map[who]attendance
	leaving []departure // in the order of their ticks
	news    *news       // nil: nobody wants to know
}

// attendance is how many ears a person has, and since which tick none.
type attendance struct{ ears, left int }

// departure is when a person's last ear was lost, in ticks.
type departure struct {
	who
	at int
}

func (p *presence) came(w who) {
	if w.person == "" {
		return
	}
	a, known := p.persons[w]
	a.ears++
	if p.persons[w] = a; !known {
		p.news.add(w, true)
	}
}

func (p *presence) left(w who, now int) {
	if w.person == "" {
		return
	}
	a := p.persons[w]
	if a.ears--; a.ears == 0 {
		a.left = now
		p.leaving = append(p.leaving, departure{w, now})
	}
	p.persons[w] = a
}

// settle lets those go who have been without an ear since a tick or longer.
func (p *presence) settle(tick int) {
	gone := 0
	for ; gone < len(p.leaving) && p.leaving[gone].at <= tick; gone++ {
		d := p.leaving[gone]
		if a, known := p.persons[d.who]; known && a.ears == 0 && a.left == d.at { // else back, or left again since
			delete(p.persons, d.who)
			p.news.add(d.who, false)
		}
	}
	if gone > 0 {
		p.leaving = append([]departure(nil), p.leaving[gone:]...)
	}
}

// news are who came and went, told in order by one goroutine. Somebody who came
// and went while the listener was busy is not told at all, so that what waits is
// bounded by the number of persons.
type news struct {
	fn    func(audience Audience, person string, online bool)
	mu    sync.Mutex
	order []who
	state map[who]bool
	wake  chan struct{}
}

func (n *news) add(w who, online bool) {
	if n == nil {
		return
	}
	n.mu.Lock()
	if _, waits := n.state[w]; waits { // the other way round: states take turns
		delete(n.state, w)
	} else {
		n.state[w] = online
		n.order = append(n.order, w)
	}
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// next takes the oldest news.
func (n *news) next() (w who, online, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for len(n.order) > 0 && !ok {
		w, n.order = n.order[0], n.order[1:]
		online, ok = n.state[w]
		delete(n.state, w)
	}
	return w, online, ok
}

func (n *news) tell(ended <-chan struct{}) {
	for {
		select {
		case <-n.wake:
		case <-ended:
			return
		}
		for w, online, ok := n.next(); ok; w, online, ok = n.next() {
			n.fn(w.audience, w.person, online)
		}
	}
}

// OnPresence calls fn when a person's first listener came, and when for some
// seconds none was left; in order, in a goroutine of its own. All staff are the
// person "staff", and the window counts for them. It is called before Run.
func (h *Hub) OnPresence(fn func(audience Audience, person string, online bool)) {
	h.here.news = &news{fn: fn, state: map[who]bool{}, wake: make(chan struct{}, 1)}
}

// Online says who of an audience has a listener, or had one some seconds ago; what
// is not known counts as no.
func (h *Hub) Online(ctx context.Context, audience Audience, persons []string) map[string]bool {
	found := make(chan map[string]bool, 1)
	h.ask(ctx, func(*listeners) {
		out := make(map[string]bool, len(persons))
		for _, person := range persons {
			_, out[person] = h.here.persons[who{audience, person}]
		}
		found <- out
	})
	select {
	case out := <-found:
		return out
	default:
		return map[string]bool{}
	}
}
