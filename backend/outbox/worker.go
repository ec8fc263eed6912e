package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/mail"
)

// worker sends mails over one connection: it claims some, writes and sends them
// one after the other, and gives back what it did not get to.
type worker struct {
	s    *Service
	rec  *recorder
	conn *connection
	size int // how many to claim: as many as take about two seconds
}

const (
	firstClaim = 8
	maxClaim   = 64
)

// drain works until nothing is due, or nothing may be sent.
func (w *worker) drain(ctx context.Context) (int, error) {
	w.size = firstClaim
	w.rec.busy.Add(1)
	defer w.rec.busy.Add(-1)
	total := 0
	for ctx.Err() == nil {
		asked := w.size
		n, err := w.round(ctx)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
		if n == asked {
			w.s.Wake() // there is more: somebody else may help
		}
	}
	return total, nil
}

// round claims and sends once, and answers how many were claimed.
func (w *worker) round(ctx context.Context) (int, error) {
	d := w.s.deps.DB
	k, err := accountRow(ctx, d.Read())
	if err != nil {
		return 0, fmt.Errorf("reading the mail account: %w", err)
	}
	now := d.Clock().Now()
	if !k.ready(now) {
		return 0, nil
	}
	if k.Limits.limited() || k.Status.State == AccountOffline {
		// Neither limits nor the server are troubled for nothing. Otherwise claiming
		// finds out cheaper: this looks at every waiting job.
		next, err := jobs.Next(ctx, d.Read(), JobKind)
		if err != nil || next.IsZero() || next.After(now) {
			return 0, err
		}
	}
	if k.Status.State == AccountOffline {
		return 0, w.probe(ctx, k)
	}
	granted, err := w.s.reserve(ctx, k, w.size)
	if err != nil || granted == 0 {
		return 0, err
	}
	urgent := w.s.urgent.Load()
	claimed, err := jobs.Claim(ctx, d, JobKind, granted, w.s.deps.Lease)
	if err != nil {
		return 0, err
	}
	b := batch{w: w, k: k, urgent: urgent, began: now}
	workErr := b.work(ctx, claimed)
	w.resize(len(claimed), d.Clock().Now().Sub(now))
	return len(claimed), errors.Join(workErr, w.s.refund(ctx, k, granted-b.left, now))
}

func (w *worker) resize(n int, took time.Duration) {
	switch {
	case took > 4*time.Second:
		w.size = max(1, w.size/2)
	case took < 2*time.Second && n == w.size:
		w.size = min(maxClaim, w.size*2)
	}
}

// batch is the claimed mails of one round.
type batch struct {
	w      *worker
	k      kept
	bundle *bundle
	urgent int64
	began  time.Time
	left   int  // mails whose content left
	marked bool // the content of the mail in hand may have left
	last   chan error
}

func (b *batch) work(ctx context.Context, claimed []jobs.Claimed) error {
	if len(claimed) == 0 {
		return nil
	}
	items, err := b.load(ctx, claimed)
	if err != nil {
		return err
	}
	for i, it := range items {
		if b.mustStop(ctx, it) || !b.one(ctx, it) {
			err = b.giveBack(ctx, items[i:])
			break
		}
	}
	if b.last != nil {
		<-b.last // in order: when the last is written, all are
	}
	return err
}

// mustStop: the program ends, something overtakes, or the lease would run out
// under a mail.
func (b *batch) mustStop(ctx context.Context, it item) bool {
	s := b.w.s
	return ctx.Err() != nil ||
		(it.msg.Priority > PriorityLogin && s.urgent.Load() != b.urgent) ||
		s.deps.DB.Clock().Now().Sub(b.began) > s.deps.Lease*3/8
}

func (b *batch) load(ctx context.Context, claimed []jobs.Claimed) ([]item, error) {
	ids := make([]string, len(claimed))
	for i, c := range claimed {
		ids[i] = c.Key
	}
	found, err := messagesByID(ctx, b.w.s.deps.DB.Read(), ids)
	if err != nil {
		return nil, fmt.Errorf("reading mails: %w", err)
	}
	items, list := make([]item, len(claimed)), make([]Message, 0, len(claimed))
	for i, c := range claimed {
		m, ok := found[c.Key]
		if !ok {
			m = Message{ID: c.Key, State: StateCancelled}
		}
		items[i] = item{m, c}
		list = append(list, m)
	}
	b.bundle, err = b.w.s.gather(ctx, list)
	if err != nil {
		// Nothing was tried. The leases end by themselves, but sooner is better.
		return nil, errors.Join(err, b.giveBack(ctx, items))
	}
	return items, nil
}

func (b *batch) note(e *entry) chan error {
	e.account = b.k
	b.last = b.w.rec.add(e)
	return b.last
}

// one deals with a single mail; false means that the rest must wait, this mail
// included unless it is settled.
func (b *batch) one(ctx context.Context, it item) bool {
	s, now := b.w.s, b.w.s.deps.DB.Clock().Now()
	switch it.msg.State {
	case StateQueued, StateRetry, StateUnknown:
	case StateSending:
		b.note(&entry{item: it, out: lost(it.msg, "mail.unknown", now)})
		return true
	default:
		b.note(&entry{item: it, stale: true})
		return true
	}
	on, err := b.try(ctx, it)
	if err != nil {
		s.deps.Log.Error("a mail could not be written", "mail", it.msg.ID, "error", err)
		out := outcome{state: it.msg.State, attempts: it.msg.Attempts, unknowns: it.msg.Unknowns, next: now.Add(time.Minute), problem: "mail.not_written"}
		if b.marked {
			out = lost(it.msg, "mail.unknown", now)
		}
		b.note(&entry{item: it, out: out})
		return true
	}
	return on
}

// try writes and delivers a mail. A panic is one mail's trouble, not the portal's.
func (b *batch) try(ctx context.Context, it item) (on bool, err error) {
	b.marked = false
	defer func() {
		if p := recover(); p != nil {
			b.w.conn.close()
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	l, over, err := b.letter(ctx, it.msg)
	if err != nil {
		return true, err
	}
	if over != nil {
		b.note(&entry{item: it, out: *over})
		return true, nil
	}
	return b.deliver(ctx, it, l), nil
}

// letter makes what is to be written, or says that it is not to be sent.
func (b *batch) letter(ctx context.Context, m Message) (letter, *outcome, error) {
	end := func(state State, key string) (letter, *outcome, error) {
		o := ended(m, state, key)
		return letter{}, &o, nil
	}
	if b.bundle.blocked[addressKey(m.To)] {
		return end(StateFailed, "mail.suppressed")
	}
	if _, there := b.bundle.people[m.ContactID]; m.ContactID != "" && !there {
		return end(StateCancelled, "mail.contact_gone")
	}
	l := b.bundle.letter(b.w.s, m)
	l.inline = true
	if m.Link == "" {
		return l, nil, nil
	}
	link, err := b.w.s.deps.Links.Materialise(ctx, m.Link)
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		return end(StateCancelled, "mail.link_gone")
	case err != nil:
		return l, nil, fmt.Errorf("asking for a link: %w", err)
	case link.Over != "":
		return end(StateCancelled, "mail.link_"+string(link.Over))
	}
	l.link = link
	return l, nil, nil
}

func (b *batch) deliver(ctx context.Context, it item, l letter) bool {
	s := b.w.s
	mark := func() error {
		err := <-b.note(&entry{item: it, mark: true})
		if err == nil {
			b.left++
			b.marked = true
		}
		return err
	}
	compose := func(from mail.Account) ([]byte, error) {
		r, err := s.words.render(l)
		if err != nil {
			return nil, err
		}
		it.msg.Subject, it.msg.Template = r.Subject, l.text.id
		return mail.Compose(l.message(it.msg, r, from))
	}
	receipt, err := b.w.conn.send(ctx, b.k, it.msg, compose, b.bundle.business.Name, mark)
	if errors.Is(err, errLost) {
		b.note(&entry{item: it, stale: true})
		return true
	}
	if err == nil {
		s.holds.Store(0)
		b.note(&entry{item: it, out: delivered(it.msg, receipt)})
		return true
	}
	p := problemOf(err)
	out := decide(it.msg, p, s.deps.DB.Clock().Now(), s.deps.Dice())
	if out.account == accountHold {
		out.wait = max(out.wait, holdPause(int(s.holds.Add(1))-1))
	}
	if out.account != accountFine {
		s.deps.Log.Warn("the mail account has a problem", "problem", p)
	}
	b.note(&entry{item: it, out: out})
	return out.account == accountFine && p.Class != mail.Cancelled
}

// giveBack returns mails that were not begun, due when they were. The first may
// have been settled already: its lease is gone then, and nothing happens to it.
func (b *batch) giveBack(ctx context.Context, items []item) error {
	if b.last != nil {
		<-b.last
		b.last = nil
	}
	return b.w.s.deps.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		for _, it := range items {
			if _, err := jobs.Retry(ctx, tx, it.job, due(it.msg, tx.Now), ""); err != nil {
				return fmt.Errorf("giving a mail back: %w", err)
			}
		}
		return nil
	})
}

// probe tries an account that was offline, without a mail.
func (w *worker) probe(ctx context.Context, k kept) error {
	business, err := w.s.business(ctx)
	if err != nil {
		return err
	}
	w.conn.close()
	_, p := w.conn.ready(ctx, k, business.Name)
	if p != nil && p.Class == mail.Cancelled {
		return nil
	}
	defer w.s.Wake()
	return w.s.deps.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		tx.AfterCommit(func() { w.s.deps.Live.Changed("mail") })
		if p == nil {
			_, err := accountOkay(ctx, tx)
			return err
		}
		st := Status{State: AccountOffline, Problem: p.Key, Reply: p.Reply, Since: tx.Now,
			Probes: k.Status.Probes + 1, ProbeAt: tx.Now.Add(probePause(k.Status.Probes))}
		if judge(p) == accountPause {
			st = Status{State: AccountPaused, Problem: p.Key, Reply: p.Reply, Since: tx.Now}
		}
		return accountTrouble(ctx, tx, k.Version, st)
	})
}
