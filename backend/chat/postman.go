package chat

import (
	"context"
	"errors"
	"sync"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/mailbox"
	"portico/backend/kernel/settings"
)

// postman reads the mailbox as long as there is one. What it knows of how that
// goes is in memory: it finds out anew when the program starts.
type postman struct {
	s    *Service
	news chan struct{}
	mu   sync.Mutex
	now  MailboxView // State, Step and Reply only
}

// How long to wait after trouble, and how often another node's choice is noticed.
const (
	firstPause, lastPause = 5 * time.Second, 5 * time.Minute
	noticeAfter           = time.Minute
)

func newPostman(s *Service) *postman {
	return &postman{s: s, news: make(chan struct{}, 1), now: MailboxView{State: MailboxOff}}
}

// changed says that the mailbox is another one.
func (p *postman) changed() {
	select {
	case p.news <- struct{}{}:
	default:
	}
}

func (p *postman) view(m Mailbox) MailboxView {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.now
	out.Mailbox = m
	return out
}

func (p *postman) tell(v MailboxView) {
	p.mu.Lock()
	same := p.now == v
	p.now = v
	p.mu.Unlock()
	if !same {
		p.s.Live.Changed("chat.mailbox")
	}
}

// run reads until ctx ends.
func (p *postman) run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		m, err := settings.Get(ctx, p.s.DB.Read(), mailboxKey)
		if err == nil && !m.Enabled {
			p.tell(MailboxView{State: MailboxOff})
			p.wait(ctx, noticeAfter)
			continue
		}
		if err == nil {
			err = p.watch(ctx, m, func() { pause = firstPause })
		}
		if ctx.Err() != nil || errors.Is(err, context.Canceled) {
			continue // stopping, or another mailbox
		}
		p.complain(err)
		p.wait(ctx, pause)
		pause = min(2*pause, lastPause)
	}
}

func (p *postman) complain(err error) {
	v := MailboxView{State: MailboxTrouble, Reply: err.Error()}
	var trouble *mailbox.Trouble
	if errors.As(err, &trouble) {
		v.Step, v.Reply = trouble.Step, trouble.Err.Error()
	}
	p.s.Log.Warn("the mailbox for answers cannot be read", "step", string(v.Step), "error", err)
	p.tell(v)
}

func (p *postman) wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-p.news:
	case <-timer.C:
	}
}

// watch reads one mailbox until it is another one, or there is trouble.
func (p *postman) watch(ctx context.Context, m Mailbox, good func()) error {
	password, err := p.s.Secrets.Get(m.PasswordRef)
	if err != nil {
		return &mailbox.Trouble{Step: mailbox.Login, Err: err}
	}
	place, err := settings.Get(ctx, p.s.DB.Read(), placeKey)
	if err != nil {
		return err
	}
	watching, stop := context.WithCancel(ctx)
	var other sync.WaitGroup
	other.Go(func() {
		defer stop()
		select {
		case <-p.news:
		case <-watching.Done():
		}
	})
	defer other.Wait()
	defer stop()
	p.tell(MailboxView{State: MailboxOpening})
	err = mailbox.Watch(watching, p.s.account(m, password.Reveal()), place, p.s.DB.Clock().Now(), func(at mailbox.Place) error {
		good()
		p.tell(MailboxView{State: MailboxOK})
		return p.keep(watching, at)
	}, func(ctx context.Context, one mailbox.Mail) error {
		if err := p.s.Receive(ctx, one.Raw); err != nil {
			return err
		}
		return p.keep(ctx, one.Place)
	})
	if watching.Err() != nil {
		return context.Canceled
	}
	return err
}

// keep remembers up to where the mailbox was read.
func (p *postman) keep(ctx context.Context, at mailbox.Place) error {
	return p.s.DB.Write(ctx, func(tx *db.Tx) error { return settings.Set(ctx, tx, placeKey, at) })
}
