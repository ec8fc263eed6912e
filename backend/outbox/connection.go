package outbox

import (
	"context"
	"errors"
	"time"

	"portico/backend/kernel/mail"
)

// connection is a kept-open way to the mail server, dialled when it is needed.
type connection struct {
	s       *Service
	rec     *recorder
	extra   bool // beside the ordinary ones
	marked  bool // content of the mail in hand may have left
	sender  mail.Sender
	version int // of the account it was dialled with
	used    int // mails handed over on it
}

// grace is how long the mail in hand may take once the program stops.
const grace = 5 * time.Second

func (c *connection) close() {
	if c.sender != nil {
		_ = c.sender.Close()
		c.sender, c.used = nil, 0
	}
}

// ready dials unless there is a usable connection for this account already.
func (c *connection) ready(ctx context.Context, k kept, businessName string) (mail.Account, *mail.Problem) {
	if c.sender != nil {
		u, asks := c.sender.(interface{ Usable() bool })
		if c.version != k.Version || c.used >= k.Limits.PerConnection || (asks && !u.Usable()) {
			c.close()
		}
	}
	if k.Kind == AccountFiles {
		return k.sender("", businessName), c.open(k, func() (mail.Sender, error) { return mail.NewFiles(c.s.deps.FilesDir) })
	}
	if c.sender != nil {
		return k.sender("", businessName), nil
	}
	password, err := c.s.password(k.PasswordRef)
	if err != nil {
		// A locked keychain opens again; until then mail waits.
		return mail.Account{}, &mail.Problem{Step: mail.StepConnect, Class: mail.Offline, Key: "mail.password_unreadable", Err: err}
	}
	a := k.sender(password, businessName)
	return a, c.open(k, func() (mail.Sender, error) { return c.s.deps.Dial(ctx, a) })
}

func (c *connection) open(k kept, dial func() (mail.Sender, error)) *mail.Problem {
	if c.sender != nil {
		return nil
	}
	sender, err := dial()
	if err != nil {
		return problemOf(err)
	}
	c.sender, c.version, c.used = sender, k.Version, 0
	return nil
}

// send hands one mail over. A connection that had ended while it was idle, or
// that has had enough mails, is replaced once; that is no try of the mail.
// mark is called right before content leaves.
func (c *connection) send(ctx context.Context, k kept, m Message, compose func(mail.Account) ([]byte, error), businessName string, mark func() error) (mail.Receipt, error) {
	marked := false
	once := func() error {
		if marked {
			return nil
		}
		err := mark()
		marked = err == nil
		return err
	}
	for again := false; ; again = true {
		account, p := c.ready(ctx, k, businessName)
		if p != nil {
			return mail.Receipt{}, p
		}
		raw, err := compose(account)
		if err != nil {
			return mail.Receipt{}, err
		}
		before := c.used
		receipt, err := c.hand(ctx, k.FromAddress, m.To, raw, once)
		if err == nil {
			c.used++
			return receipt, nil
		}
		if errors.Is(err, errLost) || errors.Is(err, errOver) {
			c.close() // it stands in the middle of a mail
			return receipt, err
		}
		p = problemOf(err)
		tired := p.Class == mail.Limit && p.Wait == 0 && before > 0
		if tired || p.Class == mail.Limit || p.Stale {
			c.close()
		}
		if again || (!p.Stale && !tired) {
			return receipt, p
		}
	}
}

// hand lets the mail in hand finish when the program stops, but not for long.
func (c *connection) hand(ctx context.Context, from, to string, raw []byte, mark func() error) (mail.Receipt, error) {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.s.deps.Lease/2)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, cancel)
		context.AfterFunc(bounded, func() { timer.Stop() })
	})
	defer stop()
	return c.sender.Send(bounded, from, to, raw, mark)
}
