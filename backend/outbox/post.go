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
	haul    *haul
	lane    *lane
	on      bool // afterwards: the next mail may be tried
	crowded bool // afterwards: the server wants no connection more
}

// lane is a way to the server for some of the mails.
type lane struct {
	tasks   chan *task // to a free connection
	running int        // connections
	busy    int        // of them with a mail
}

// post hands mails to connections. One goroutine owns it: it claims mails before
// they are needed, the most urgent first, and gives one to whichever connection is
// free, so that all of them work until the last mail. Connections are opened as
// they are needed and end by themselves.
//
// Every ordinary connection can leave one mail in doubt that will be tried once
// more, so there is usually one. Whoever wants to sign in does not wait behind a
// slow server all the same: while the ordinary connections are busy, their mail
// goes over one of its own. It is never tried again by itself, so it adds nothing
// to what can come twice (ADR 12).
type post struct {
	s        *Service
	rec      *recorder
	ordinary lane
	express  lane       // one connection, for mails that are not tried again
	done     chan *task // back from a connection
	ended    chan *lane // a connection had nothing to do for a while
	hauls    chan *haul
	timer    *time.Timer
	most     int   // connections; the account may allow fewer
	urgent   int64 // s.urgent as the last claim saw it

	ready   []*task // claimed, in the order in which they go
	allowed int     // ordinary connections, by the account
	crowded time.Time
	size    int // how many mails to claim at once
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
	// notCrowded is when a server that refused one connection more is asked again.
	notCrowded = 15 * time.Minute
)

func (s *Service) newPost() *post {
	return &post{s: s, rec: s.newRecorder(), ordinary: lane{tasks: make(chan *task)}, express: lane{tasks: make(chan *task)},
		done: make(chan *task), ended: make(chan *lane), hauls: make(chan *haul), timer: time.NewTimer(idle),
		most: maxConnections + 1, size: firstClaim, look: true}
}

// busy are the mails with a connection.
func (p *post) busy() int { return p.ordinary.busy + p.express.busy }

// over: everything that was due is sent, or trouble came.
func (p *post) over() bool {
	return p.busy() == 0 && !p.hauling && len(p.ready) == 0 && (p.empty && !p.look || p.stopped)
}

// step waits for one thing to happen; false when ctx ended.
func (p *post) step(ctx context.Context) bool {
	p.refill(ctx)
	to, at := p.offer(ctx)
	var tasks chan *task
	var next *task
	if to != nil {
		tasks, next = to.tasks, p.ready[at]
		next.lane = to
	}
	p.rec.busy.Store(int32(min(p.busy()+len(p.ready), p.most, p.allowed)))
	select {
	case <-ctx.Done():
		return false
	case tasks <- next:
		p.ready = slices.Delete(p.ready, at, at+1)
		to.busy++
	case t := <-p.done:
		t.lane.busy--
		p.finished(ctx, t)
	case h := <-p.hauls:
		p.took(ctx, h)
	case l := <-p.ended:
		l.running--
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
	size, inHand := p.size, len(p.ready)+p.busy()
	go func() { p.hauls <- p.s.haul(ctx, size, inHand) }()
}

// offer is where the next mail goes and its place among those that are ready;
// nil when none may go now.
func (p *post) offer(ctx context.Context) (to *lane, at int) {
	p.dropOld(ctx)
	if to, at = p.choose(); to == nil {
		return nil, 0
	}
	if p.ready[at].msg.Priority > PriorityLogin && p.overtaken() {
		return nil, 0
	}
	if to.running == to.busy {
		to.running++
		c := &connection{s: p.s, rec: p.rec, extra: to == &p.express}
		go c.serve(ctx, to, p.done, p.ended)
	}
	return to, at
}

// choose gives the first mail to an ordinary connection. While those are busy, the
// first of those that are not tried again may go beside them.
func (p *post) choose() (to *lane, at int) {
	most := min(p.most, p.allowed)
	switch {
	case len(p.ready) == 0:
		return nil, 0
	case p.ordinary.busy < most:
		return &p.ordinary, 0
	case p.express.busy > 0 || p.most <= most || p.s.deps.DB.Clock().Now().Before(p.crowded):
		return nil, 0
	}
	for at, t := range p.ready {
		if t.msg.Priority > PriorityLogin {
			break
		}
		if t.msg.Kind.triedOnce() {
			return &p.express, at
		}
	}
	return nil, 0
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
	if t.crowded {
		p.crowded = p.s.deps.DB.Clock().Now().Add(notCrowded)
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
	for p.busy() > 0 || p.hauling {
		select {
		case t := <-p.done:
			t.lane.busy--
		case h := <-p.hauls:
			p.hauling = false
			p.ready = append(p.ready, h.tasks...)
		case l := <-p.ended:
			l.running--
		}
	}
	for _, l := range []*lane{&p.ordinary, &p.express} {
		close(l.tasks)
	}
	for p.ordinary.running+p.express.running > 0 {
		l := <-p.ended
		l.running--
	}
	p.rec.close()
	p.giveBack(ctx)
	p.timer.Stop()
}
