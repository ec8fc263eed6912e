package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/jobs"
)

// task is a claimed mail on its way to a connection and back.
type task struct {
	item
	haul *haul
	on   bool // afterwards: the next mail may be tried
}

// post hands mails to connections. One goroutine owns it: it claims mails before
// they are needed, the most urgent first, and gives one to whichever connection is
// free, so that all of them work until the last mail. Connections are opened as
// they are needed and end by themselves.
type post struct {
	s      *Service
	rec    *recorder
	tasks  chan *task    // to a free connection
	done   chan *task    // and back
	ended  chan struct{} // a connection had nothing to do for a while
	hauls  chan *haul
	timer  *time.Timer
	most   int   // connections; the account may allow fewer
	urgent int64 // s.urgent as the last claim saw it

	ready   []*task // claimed, in the order in which they go
	running int     // connections
	busy    int     // of them with a mail
	allowed int     // of them by the account
	size    int     // how many mails to claim at once
	at      time.Time
	look    bool // mails may be due
	hauling bool // mails are being claimed
	stale   bool // what is being claimed was asked for before trouble came
	stopped bool // trouble came
	empty   bool // the last look found nothing

	claimed int
	err     error
}

const (
	firstClaim = 16
	maxClaim   = 256
	// refillWithin and tooMuch bound for how long the mails of one claim should
	// keep the connections busy.
	refillWithin = time.Second
	tooMuch      = 4 * time.Second
)

func (s *Service) newPost() *post {
	return &post{s: s, rec: s.newRecorder(), tasks: make(chan *task), done: make(chan *task), ended: make(chan struct{}),
		hauls: make(chan *haul), timer: time.NewTimer(idle), most: maxConnections, size: firstClaim, look: true}
}

// over: everything that was due is sent, or trouble came.
func (p *post) over() bool {
	return p.busy == 0 && !p.hauling && len(p.ready) == 0 && (p.empty && !p.look || p.stopped)
}

// step waits for one thing to happen; false when ctx ended.
func (p *post) step(ctx context.Context) bool {
	p.refill(ctx)
	to, next := p.offer(ctx)
	p.rec.busy.Store(int32(min(p.busy+len(p.ready), p.most, p.allowed)))
	select {
	case <-ctx.Done():
		return false
	case to <- next:
		p.ready = p.ready[1:]
		p.busy++
	case t := <-p.done:
		p.busy--
		p.finished(ctx, t)
	case h := <-p.hauls:
		p.took(ctx, h)
	case <-p.ended:
		p.running--
	case <-p.s.wakeups:
		p.look = true
	case <-p.timer.C:
		p.look = true
	}
	return ctx.Err() == nil
}

// overtaken: something urgent was queued that has not been claimed yet.
func (p *post) overtaken() bool { return p.s.urgent.Load() != p.urgent }

// refill claims more mails in the background before they are needed.
func (p *post) refill(ctx context.Context) {
	if p.hauling || !(p.look && len(p.ready) < p.size/2 || p.overtaken()) {
		return
	}
	now := p.s.deps.DB.Clock().Now()
	switch since := now.Sub(p.at); {
	case since < refillWithin:
		p.size = min(maxClaim, p.size*2)
	case since > tooMuch:
		p.size = max(firstClaim, p.size/2)
	}
	p.at, p.look, p.hauling = now, false, true
	size, inHand := p.size, len(p.ready)+p.busy
	go func() { p.hauls <- p.s.haul(ctx, size, inHand) }()
}

// offer is the next mail and where to put it; nil channels wait for ever.
func (p *post) offer(ctx context.Context) (chan<- *task, *task) {
	p.dropOld(ctx)
	if len(p.ready) == 0 || p.busy >= min(p.most, p.allowed) {
		return nil, nil
	}
	next := p.ready[0]
	if next.msg.Priority > PriorityLogin && p.overtaken() {
		return nil, nil
	}
	if p.running == p.busy {
		p.running++
		c := &connection{s: p.s, rec: p.rec}
		go c.serve(ctx, p.tasks, p.done, p.ended)
	}
	return p.tasks, next
}

// dropOld gives back what waited so long that its lease could end under it.
func (p *post) dropOld(ctx context.Context) {
	if len(p.ready) > 0 && p.s.deps.DB.Clock().Now().Sub(p.ready[0].haul.at) > p.s.deps.Lease*3/8 {
		p.giveBack(ctx)
	}
}

func (p *post) took(ctx context.Context, h *haul) {
	p.hauling, p.urgent = false, h.urgent
	p.allowed = h.account.connections()
	p.claimed += len(h.tasks)
	p.empty = len(h.tasks) == 0 && !h.more
	p.look = p.look || h.more
	if h.err != nil && ctx.Err() == nil {
		p.err, p.stopped = h.err, true
		p.s.deps.Log.Error("mail cannot be sent", "error", h.err)
	}
	p.timer.Reset(h.wait)
	p.ready = append(p.ready, h.tasks...)
	// A claim is in order, but an urgent mail claimed now goes before others claimed earlier.
	slices.SortStableFunc(p.ready, func(a, b *task) int { return a.msg.Priority - b.msg.Priority })
	if p.stale {
		p.stale = false
		p.giveBack(ctx)
	}
}

// finished: after trouble with the account the mails at hand go back, and what
// the store says about the account decides.
func (p *post) finished(ctx context.Context, t *task) {
	if len(p.ready) == 0 {
		p.look, p.empty = true, false
	}
	if t.on {
		return
	}
	p.stopped, p.look, p.stale = true, true, p.hauling
	p.giveBack(ctx)
}

// giveBack returns mails that were not begun, due when they were.
func (p *post) giveBack(ctx context.Context) {
	items := p.ready
	p.ready = nil
	if len(items) == 0 {
		return
	}
	p.look = true
	err := p.s.deps.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		for _, t := range items {
			if _, err := jobs.Retry(ctx, tx, t.job, due(t.msg, tx.Now), ""); err != nil {
				return fmt.Errorf("giving a mail back: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		// Nothing was tried, and the leases end by themselves.
		p.s.deps.Log.Error("mails could not be given back", "error", err)
		p.err = errors.Join(p.err, err)
	}
}

// close lets the mails in hand finish, gives the others back and ends.
func (p *post) close(ctx context.Context) {
	for p.busy > 0 || p.hauling {
		select {
		case t := <-p.done:
			p.busy--
			_ = t
		case h := <-p.hauls:
			p.hauling = false
			p.ready = append(p.ready, h.tasks...)
		case <-p.ended:
			p.running--
		}
	}
	close(p.tasks)
	for ; p.running > 0; p.running-- {
		<-p.ended
	}
	p.rec.close()
	p.giveBack(ctx)
	p.timer.Stop()
}
