package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/ident"
)

// How the relay sends: most bounds what waits while nobody can be told, pause is
// between two tries.
const (
	relayMost  = 10_000
	relayPause = 250 * time.Millisecond
	relayTrial = 10 * time.Second
)

// News carries payloads between the processes that share a store (kernel/db).
type News interface {
	Notify(ctx context.Context, payloads []string) error
	Listen(ctx context.Context, fn func(payload string), again func())
}

// Relay tells the other nodes on the same store what happened on this one. Only
// topics, ids and numbers travel; what is true is read from the store.
type Relay struct {
	news News
	log  *slog.Logger
	node string
	on   map[string][]func(key string, n int64)
	gap  []func()

	mu    sync.Mutex
	order []told
	last  map[told]int64
	lost  bool          // more waited than may: the others must look at everything
	wake  chan struct{} // has one word when something waits
}

// told names what news are about.
type told struct{ topic, key string }

// NewRelay makes a relay; nothing travels until Run runs.
func NewRelay(news News, log *slog.Logger) *Relay {
	return &Relay{news: news, log: log, node: ident.New("nd"), on: map[string][]func(string, int64){}, last: map[told]int64{}, wake: make(chan struct{}, 1)}
}

// On calls fn with each news of a topic from another node, one after the other and
// in its order; fn must not take long. It is called before Run.
func (r *Relay) On(topic string, fn func(key string, n int64)) { r.on[topic] = append(r.on[topic], fn) }

// OnGap calls fn when news of other nodes may have been missed. It is called before Run.
func (r *Relay) OnGap(fn func()) { r.gap = append(r.gap, fn) }

// Tell tells the other nodes, and never waits. What is told of the same topic and
// key before it has left is told once, with the highest number.
func (r *Relay) Tell(topic, key string, n int64) {
	t := told{topic, key}
	r.mu.Lock()
	switch before, waits := r.last[t]; {
	case waits:
		r.last[t] = max(before, n)
	case len(r.order) >= relayMost:
		r.order, r.last, r.lost = nil, map[told]int64{}, true
	case !r.lost:
		r.order, r.last[t] = append(r.order, t), n
	}
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run sends and listens until ctx ends.
func (r *Relay) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { r.news.Listen(ctx, r.heard, r.missed) })
	both.Go(func() {
		for ctx.Err() == nil {
			select {
			case <-r.wake:
				r.send(ctx)
			case <-ctx.Done():
			}
		}
	})
	both.Wait()
}

// parcel is what travels. Gap says that its node could not tell everything.
type parcel struct {
	Node string `json:"node"`
	News []item `json:"news,omitempty"`
	Gap  bool   `json:"gap,omitempty"`
}

type item struct {
	Topic string `json:"t"`
	Key   string `json:"k"`
	N     int64  `json:"n,omitempty"`
}

// send sends what waits, again and again until it has left.
func (r *Relay) send(ctx context.Context) {
	payloads := r.pack()
	for tries := 0; len(payloads) > 0; tries++ {
		trying, cancel := context.WithTimeout(ctx, relayTrial)
		err := r.news.Notify(trying, payloads)
		cancel()
		if err == nil || ctx.Err() != nil {
			return
		}
		if tries == 0 {
			r.log.Warn("other nodes cannot be told what happened here; it is tried again", "error", err)
		}
		select {
		case <-time.After(relayPause):
		case <-ctx.Done():
		}
	}
}

// pack takes what waits into as few payloads as hold it.
func (r *Relay) pack() (payloads []string) {
	r.mu.Lock()
	order, last, lost := r.order, r.last, r.lost
	r.order, r.last, r.lost = nil, map[told]int64{}, false
	r.mu.Unlock()
	p := parcel{Node: r.node, Gap: lost}
	size := 0
	close := func() {
		if p.Gap || len(p.News) > 0 {
			raw, err := json.Marshal(p)
			if err != nil {
				r.log.Error("news for other nodes cannot be encoded", "error", err)
				return
			}
			payloads = append(payloads, string(raw))
		}
		p, size = parcel{Node: r.node}, 0
	}
	const frame = 100 // bytes around the news
	for _, t := range order {
		i := item{t.topic, t.key, last[t]}
		raw, err := json.Marshal(i)
		if err != nil || frame+len(raw) > db.MaxPayload { // ids are short: nobody should come here
			r.log.Error("news are too long for other nodes, which look at everything instead", "topic", t.topic)
			p.Gap = true
			continue
		}
		if frame+size+len(raw)+1 > db.MaxPayload {
			close()
		}
		p.News, size = append(p.News, i), size+len(raw)+1
	}
	close()
	return payloads
}

// heard hands on what another node told.
func (r *Relay) heard(payload string) {
	var p parcel
	if err := json.Unmarshal([]byte(payload), &p); err != nil {
		r.log.Warn("news of another node cannot be read", "error", err)
		return
	}
	if p.Node == r.node {
		return
	}
	for _, i := range p.News {
		for _, fn := range r.on[i.Topic] {
			fn(i.Key, i.N)
		}
	}
	if p.Gap {
		r.missed()
	}
}

func (r *Relay) missed() {
	for _, fn := range r.gap {
		fn()
	}
}
