package chat

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
	"portico/backend/kernel/limit"
)

// pace holds clients to a number of messages, in memory: who starts anew with the
// program gains a few messages, and a counter in the store would cost as much as
// the message.
type pace struct {
	mu      sync.Mutex
	clients map[string]*pacer
	bounds  limit.Bounds
}

type pacer struct{ limits []*rate.Limiter }

// maxPaced is when all counting begins anew, so that memory stays bounded.
const maxPaced = 20000

func newPace() *pace { return &pace{clients: map[string]*pacer{}} }

// allow counts a message of a client, or answers after how long to try again.
func (p *pace) allow(ctx context.Context, q db.Q, now time.Time, actor auth.Actor) error {
	if actor.Kind != auth.KindClient {
		return nil
	}
	limits, err := limit.Load(ctx, q)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.clients) >= maxPaced || !equal(p.bounds, limits.ChatMessage) {
		p.clients, p.bounds = map[string]*pacer{}, limits.ChatMessage
	}
	of := p.clients[actor.ContactID]
	if of == nil {
		of = &pacer{}
		for _, b := range p.bounds {
			of.limits = append(of.limits, rate.NewLimiter(rate.Limit(float64(b.Max)/float64(b.Seconds)), b.Max))
		}
		p.clients[actor.ContactID] = of
	}
	for _, l := range of.limits {
		if !l.AllowN(now, 1) {
			return limit.TooMany(time.Minute)
		}
	}
	return nil
}

func equal(a, b limit.Bounds) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
