package certs

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/mholt/acmez/v3"

	"portico/backend/kernel/db"
)

// Run orders and renews what is due until ctx ends, lets a running order end, and
// returns when everything is at rest.
func (m *Manager) Run(ctx context.Context) {
	// Orders outlive ctx by the grace.
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var workers, writer sync.WaitGroup
	quiet := make(chan struct{})
	writer.Go(func() { m.write(work, quiet) })
	m.loop(ctx, work, &workers)
	timer := time.AfterFunc(m.config.Grace, stop)
	workers.Wait()
	timer.Stop()
	close(quiet)
	writer.Wait()
}

// loop looks at every name at each tick and whenever somebody wakes it. Ticks
// come by the machine's uptime and what is due is decided by the wall clock, so a
// computer that slept finds out at its next tick.
func (m *Manager) loop(ctx, work context.Context, workers *sync.WaitGroup) {
	last := m.config.Clock.Now()
	for ctx.Err() == nil {
		now := m.config.Clock.Now()
		if jump := now.Sub(last); jump > 3*m.config.Tick+time.Minute || jump < -time.Minute {
			m.resumed(work, last, now)
		}
		last = now
		if m.internal.ending(now) {
			if err := m.internal.mint(m.config.Hosts, now); err != nil {
				m.config.Log.Error("the internal certificate cannot be renewed", "error", err)
			}
		}
		for _, n := range m.idle() {
			workers.Go(func() {
				if err := m.look(work, n); err != nil && work.Err() == nil && !errors.Is(err, errBusy) && !errors.Is(err, errElsewhere) {
					m.config.Log.Error("a certificate could not be looked after", "name", n.name, "error", err)
				}
			})
		}
		timer := time.NewTimer(m.config.Tick)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-m.wake:
		}
		timer.Stop()
	}
}

// resumed notes a jump of the wall clock.
func (m *Manager) resumed(ctx context.Context, from, to time.Time) {
	m.config.Log.Info("the wall clock jumped", "from", from, "to", to)
	for _, name := range m.managedNames() {
		if err := m.note(ctx, name, Entry{Kind: KindResumed, Until: from}); err != nil {
			m.config.Log.Error("the history of a certificate cannot be kept", "name", name, "error", err)
		}
	}
}

// look does what is due for one name.
func (m *Manager) look(ctx context.Context, n *managed) error {
	if err := m.load(ctx, n, false); err != nil {
		return err
	}
	mo, err := m.memo(ctx, m.config.DB.Read(), n.name)
	if err != nil {
		return err
	}
	now := m.config.Clock.Now()
	if err := m.alarm(ctx, n.name, mo, now); err != nil {
		return err
	}
	left, err := openAttempts(ctx, m.config.DB.Read(), n.name)
	if err != nil {
		return err
	}
	askNow := mo.Hash != "" && !mo.Wish.Ask.After(now)
	if mo.due(now) == nothing && !askNow && len(left) == 0 && mo.Activity == "" {
		return nil
	}
	return m.exclusive(ctx, n.name, func() error {
		if err := m.settleDown(ctx, n.name); err != nil {
			return err
		}
		if askNow && mo.due(now) == nothing {
			return m.ask(ctx, n)
		}
		return m.work(ctx, n)
	})
}

// settleDown ends what a process left behind that died while it had the lock.
func (m *Manager) settleDown(ctx context.Context, name string) error {
	if err := m.sweep(ctx, name); err != nil {
		return err
	}
	mo, err := m.memo(ctx, m.config.DB.Read(), name)
	if err != nil || mo.Activity == "" {
		return err
	}
	return m.rest(ctx, name)
}

func (m *Manager) rest(ctx context.Context, name string) error {
	return m.activity(ctx, name, "")
}

func (m *Manager) activity(ctx context.Context, name string, a State) error {
	return m.change(ctx, name, func(_ *db.Tx, mo *memo) ([]Entry, error) {
		mo.Activity = a
		if a == "" {
			mo.Records = nil
		}
		return nil, nil
	})
}

// work orders what is due; the name's lock is held.
func (m *Manager) work(ctx context.Context, n *managed) error {
	if err := m.load(ctx, n, false); err != nil { // another node may have been faster
		return err
	}
	mo, err := m.memo(ctx, m.config.DB.Read(), n.name)
	if err != nil {
		return err
	}
	now := m.config.Clock.Now()
	t := mo.due(now)
	if t == nothing {
		return nil
	}
	ways := m.challenges(n, mo.Worked)
	if len(ways) == 0 {
		return m.noWay(ctx, n)
	}
	n.stuck = 0
	if m.staging != nil && mo.rehearse(now) && !m.dnsOf(n.name).byHand() {
		ok, err := m.rehearse(ctx, n, ways)
		if err != nil || !ok {
			return err
		}
	}
	if err := m.activity(ctx, n.name, working(mo)); err != nil {
		return err
	}
	for _, c := range ways {
		again, err := m.order(ctx, n, c, t)
		if err != nil || !again {
			return err
		}
	}
	return m.rest(context.WithoutCancel(ctx), n.name)
}

// noWay notes that a name can be proven by nothing, unless that has just begun:
// listeners open a moment after the start. It is looked at again at each tick.
func (m *Manager) noWay(ctx context.Context, n *managed) error {
	if n.stuck++; n.stuck < 2 {
		return nil
	}
	return m.change(ctx, n.name, func(_ *db.Tx, mo *memo) ([]Entry, error) {
		if len(mo.Problems) > 0 && mo.Problems[0].Code == CodeNoChallenge {
			return nil, nil
		}
		p := m.unprovable(m.config.Directory)
		mo.failed(p)
		mo.NextTry, mo.Why = time.Time{}, ""
		return []Entry{{Kind: KindProblem, Problem: &p}}, nil
	})
}

func (m *Manager) unprovable(directory string) Problem {
	return Problem{Code: CodeNoChallenge, Detail: "no listener and no DNS method", Directory: directory, At: m.config.Clock.Now()}
}

// order makes one order with one challenge and keeps what came of it. It answers
// true when another challenge may do what this one could not.
func (m *Manager) order(ctx context.Context, n *managed, c Challenge, t task) (again bool, err error) {
	keep := context.WithoutCancel(ctx)
	a, err := m.reserve(ctx, n.name, m.config.Directory, c)
	if err != nil {
		return false, m.waits(keep, n.name, err)
	}
	err = m.persist(ctx, n, c, t)
	if err == nil {
		return false, m.settle(keep, a, nil, func(mo *memo) {
			mo.worked(c)
			mo.Activity = ""
			if now := m.config.Clock.Now(); mo.due(now) != nothing {
				mo.failed(Problem{Code: CodeClock, Directory: a.directory, At: now, Ordered: true,
					Detail: "the new certificate is good from " + mo.NotBefore.Format(time.DateTime) + " to " + mo.NotAfter.Format(time.DateTime) + " UTC, and here it is " + now.Format(time.DateTime)})
			}
		})
	}
	p := m.problem(err, a)
	again = p.Validation
	return again, m.settle(keep, a, &p, func(mo *memo) {
		mo.failed(p)
		if !again {
			mo.Activity = ""
		}
	})
}

// persist tries once more at once where the first try cannot have placed an order
// and failed by what it said about the past: an account that the authority has
// forgotten (certmagic opens it again, but then asks in the old one's name), or a
// certificate to be replaced that it does not know.
func (m *Manager) persist(ctx context.Context, n *managed, c Challenge, t task) (err error) {
	replaces := t == renew
	for range 3 {
		if err = m.try(ctx, n, c, t, replaces); err == nil {
			return nil
		}
		p := explain(err)
		switch {
		case strings.Contains(p.Detail, forgotten):
		case replaces && !p.Ordered && p.Code == CodeRefused:
			replaces = false
		default:
			return err
		}
	}
	return err
}

// forgotten is what certmagic answers when the account was opened again.
const forgotten = "no certificate chains"

// problem says why an attempt failed.
func (m *Manager) problem(err error, a attempt) Problem {
	p := explain(err)
	p.Challenge, p.Directory, p.At = a.challenge, a.directory, m.config.Clock.Now()
	p.Staging = a.directory != m.config.Directory
	p.Until = m.tee.holds.of(a.directory)
	if said := retryAfter(p.Detail); said.After(p.Until) {
		p.Until = said
	}
	if latest := p.At.Add(longestHold); p.Until.After(latest) {
		p.Until = latest
	}
	if !p.Until.After(p.At) {
		p.Until = time.Time{}
	}
	return p
}

// waits notes that a limit holds.
func (m *Manager) waits(ctx context.Context, name string, err error) error {
	var soon *TooSoon
	if !errors.As(err, &soon) {
		return errors.Join(err, m.rest(ctx, name))
	}
	return m.change(ctx, name, func(_ *db.Tx, mo *memo) ([]Entry, error) {
		mo.Activity = ""
		mo.wait(soon.Until, soon.Why)
		return []Entry{{Kind: KindWait, Until: soon.Until, Why: soon.Why}}, nil
	})
}

// rehearse orders at the staging area; true when it said yes.
func (m *Manager) rehearse(ctx context.Context, n *managed, ways []Challenge) (bool, error) {
	keep := context.WithoutCancel(ctx)
	if err := m.activity(ctx, n.name, StateChecking); err != nil {
		return false, err
	}
	for _, c := range ways {
		a, err := m.reserve(ctx, n.name, m.config.Staging, c)
		if err != nil {
			return false, m.waits(keep, n.name, err)
		}
		err = m.stage(ctx, n, c)
		if err == nil {
			err := m.settle(keep, a, nil, func(mo *memo) {
				mo.Rehearsed, mo.Worked = m.config.Clock.Now(), c
				mo.Problems, mo.Failures, mo.NextTry, mo.Why = nil, 0, time.Time{}, ""
			})
			return err == nil, errors.Join(err, m.note(keep, n.name, Entry{Kind: KindRehearsed}))
		}
		p := m.problem(err, a)
		if err := m.settle(keep, a, &p, func(mo *memo) {
			mo.failed(p)
		}); err != nil {
			return false, err
		}
		if !p.Validation {
			break
		}
	}
	return false, m.rest(keep, n.name)
}

// stage places one order at the staging area and throws the certificate away.
func (m *Manager) stage(ctx context.Context, n *managed, c Challenge) error {
	bounded, cancel := context.WithTimeout(ctx, m.patience(n.name))
	defer cancel()
	a := m.authorityFor(ctx, m.config.Staging, n.name, c, true)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	csr, err := acmez.NewCSR(key, []string{n.name})
	if err != nil {
		return fmt.Errorf("rehearsing: %w", err)
	}
	if err := a.issuer.PreCheck(bounded, []string{n.name}, false); err != nil {
		return err
	}
	_, err = a.issuer.Issue(bounded, csr)
	return err
}

// alarm tells people that a certificate will end, at each threshold once.
func (m *Manager) alarm(ctx context.Context, name string, mo memo, now time.Time) error {
	if mo.passed(now) <= mo.Alarms {
		return nil
	}
	return m.change(ctx, name, func(_ *db.Tx, mo *memo) ([]Entry, error) {
		n := mo.passed(now)
		if n <= mo.Alarms {
			return nil, nil // another node was faster
		}
		mo.Alarms = n
		days := 0
		if left := mo.NotAfter.Sub(now); left > 0 {
			days = int((left + 24*time.Hour - 1) / (24 * time.Hour))
		}
		e := Entry{Kind: KindAlarm, Days: days, Until: mo.NotAfter}
		if len(mo.Problems) > 0 {
			e.Problem = &mo.Problems[0]
		}
		return []Entry{e}, nil
	})
}

// note adds an entry to the history of a name.
func (m *Manager) note(ctx context.Context, name string, e Entry) error {
	return m.change(ctx, name, func(*db.Tx, *memo) ([]Entry, error) { return []Entry{e}, nil })
}

// noteLine takes a line of certmagic's log; it must not wait for the store. When
// too many come at once, the rest is in the log of the program only. So are lines
// about names that are not ours and those that only repeat the one before: while a
// challenge runs, anybody may have it answered as often as he likes.
func (m *Manager) noteLine(name, text string) {
	if strings.TrimSpace(text) == "" || !m.news(&name, text) {
		return
	}
	select {
	case m.lines <- Entry{Kind: KindLine, Name: name, At: m.config.Clock.Now(), Text: text}:
	default:
	}
}

// news reports whether a line tells the history of a name something, and whose it
// is when it names none.
func (m *Manager) news(name *string, text string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if *name == "" && len(m.busy) == 1 {
		for *name = range m.busy {
			break
		}
	}
	if m.names[*name] == nil && !m.busy[*name] || m.said[*name] == text {
		return false
	}
	m.said[*name] = text
	return true
}

// write keeps lines until everything is at rest.
func (m *Manager) write(ctx context.Context, quiet <-chan struct{}) {
	for {
		select {
		case e := <-m.lines:
			m.writeLine(ctx, e)
		case <-quiet:
			for {
				select {
				case e := <-m.lines:
					m.writeLine(ctx, e)
				default:
					return
				}
			}
		}
	}
}

func (m *Manager) writeLine(ctx context.Context, e Entry) {
	one := []Entry{e}
	err := m.config.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return m.keep(ctx, tx, e.Name, one) })
	if err != nil {
		m.config.Log.Error("the history of a certificate cannot be kept", "name", e.Name, "error", err)
		return
	}
	m.tell(one)
}
