package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"portico/backend/kernel/mail"
)

// fresh is how long what was read for several letters together may be used: a
// link that was revoked, or an address that was blocked, must not go out because
// mails waited behind others.
const fresh = 5 * time.Second

// serve sends what its lane brings until that ends or nothing comes for a while.
func (c *connection) serve(ctx context.Context, from *lane, done chan<- *task, ended chan<- *lane) {
	tasks := from.tasks
	defer func() {
		c.close()
		ended <- from
	}()
	idle := time.NewTimer(keepOpen)
	defer idle.Stop()
	for {
		idle.Reset(keepOpen)
		select {
		case t, open := <-tasks:
			if !open {
				return
			}
			t.on = c.one(ctx, t)
			done <- t
		case <-idle.C:
			return
		}
	}
}

func (c *connection) note(t *task, e *entry) chan error {
	e.item, e.account = t.item, t.haul.account
	return c.rec.add(e)
}

// one deals with a single mail; false means that the account is in trouble and
// others must wait.
func (c *connection) one(ctx context.Context, t *task) bool {
	now := c.s.deps.DB.Clock().Now()
	switch t.msg.State {
	case StateQueued, StateRetry, StateUnknown:
	case StateSending:
		c.note(t, &entry{out: lost(t.msg, now)})
		return true
	default:
		c.note(t, &entry{stale: true})
		return true
	}
	c.marked = false
	on, err := c.try(ctx, t)
	if err == nil {
		return on
	}
	c.s.deps.Log.Error("a mail could not be written", "mail", t.msg.ID, "error", err)
	out := outcome{state: t.msg.State, attempts: t.msg.Attempts, unknowns: t.msg.Unknowns, next: now.Add(time.Minute), problem: "mail.not_written"}
	if c.marked {
		out = lost(t.msg, now)
	}
	c.note(t, &entry{out: out})
	return true
}

// try writes and delivers a mail. A panic is one mail's trouble, not the portal's.
func (c *connection) try(ctx context.Context, t *task) (on bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.close()
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	b := t.haul.bundle
	if c.s.deps.DB.Clock().Now().Sub(t.haul.at) > fresh {
		if b, err = c.s.gatherLinks(ctx, []Message{t.msg}); err != nil {
			return true, err
		}
	}
	l, over, err := b.ready(c.s, t.msg)
	if err != nil {
		return true, err
	}
	if over != nil {
		c.note(t, &entry{out: *over})
		return true, nil
	}
	return c.deliver(ctx, t, l), nil
}

// ready is what is to be written, or why it is not to be sent.
func (b *bundle) ready(s *Service, m Message) (letter, *outcome, error) {
	end := func(state State, key string) (letter, *outcome, error) {
		o := ended(m, state, key)
		return letter{}, &o, nil
	}
	if b.blocked[addressKey(m.To)] {
		return end(StateFailed, "mail.suppressed")
	}
	if _, there := b.people[m.ContactID]; m.ContactID != "" && !there {
		return end(StateCancelled, "mail.contact_gone")
	}
	l := b.letter(s, m)
	l.inline = true
	if m.Link == "" {
		return l, nil, nil
	}
	link, found := b.links[m.Link]
	switch {
	case !found:
		return end(StateCancelled, "mail.link_gone")
	case link.Over != "":
		return end(StateCancelled, "mail.link_"+string(link.Over))
	}
	l.link = link
	return l, nil, nil
}

func (c *connection) deliver(ctx context.Context, t *task, l letter) bool {
	s, m := c.s, &t.msg
	mark := func() error {
		err := <-c.note(t, &entry{mark: true})
		c.marked = c.marked || err == nil
		return err
	}
	compose := func(from mail.Account) ([]byte, error) {
		r, err := s.words.render(l)
		if err != nil {
			return nil, err
		}
		m.Subject, m.Template = r.Subject, l.text.id
		return mail.Compose(l.message(*m, r, from))
	}
	receipt, err := c.send(ctx, t.haul.account, *m, compose, l.business.Name, mark)
	if errors.Is(err, errLost) || errors.Is(err, errOver) {
		c.note(t, &entry{stale: true})
		return errors.Is(err, errLost)
	}
	if err == nil {
		s.holds.Store(0)
		c.note(t, &entry{out: delivered(*m, receipt)})
		return true
	}
	p := problemOf(err)
	out := decide(*m, p, s.deps.DB.Clock().Now(), s.deps.Dice())
	if t.crowded = c.extra && out.account != accountFine && before(p.Step, mail.StepSender); t.crowded {
		// Some servers want one connection only. Whether anything else is the matter
		// the ordinary ones find out; the mail waits for one of them.
		out.account, out.trouble = accountFine, nil
	}
	if out.account == accountHold {
		out.wait = max(out.wait, holdPause(int(s.holds.Add(1))-1))
	}
	if out.account != accountFine {
		s.deps.Log.Warn("the mail account has a problem", "problem", p)
	}
	written := c.note(t, &entry{out: out})
	if out.account != accountFine {
		<-written // whoever looks at the account next must see it
	}
	return out.account == accountFine && p.Class != mail.Cancelled
}
