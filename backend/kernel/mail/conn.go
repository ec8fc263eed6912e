package mail

import (
	"context"
	"sync"
	"sync/atomic"

	gsm "github.com/xhit/go-simple-mail/v2"
)

// Conn is an open, encrypted and logged-in connection to a mail server. It
// sends one mail at a time; Send waits its turn, Close does not.
//
// Keep it for several mails (a TLS handshake costs more than a mail) and
// replace it after Limits.PerConnection of them, or when Usable says no.
type Conn struct {
	turn   sync.Mutex // held while a mail is on its way
	wire   *wire
	client *gsm.SMTPClient
	used   bool // a mail went this way before; guarded by turn
	sent   atomic.Int64
	broken atomic.Bool
}

// Dial connects, encrypts and logs in. It ends at once when ctx does; without a
// deadline of its own, connecting takes at most 20 s and each exchange after
// that at most Account.Timeout. Every error is a *Problem.
func Dial(ctx context.Context, a Account) (*Conn, error) {
	c, p := dial(ctx, a, nil)
	if p != nil {
		return nil, p
	}
	return c, nil
}

func dial(ctx context.Context, a Account, log *recorder) (*Conn, *Problem) {
	a, p := a.ready()
	if p != nil {
		return nil, p
	}
	w, p := connect(ctx, a, log)
	if p != nil {
		return nil, p
	}
	stop := w.follow(ctx)
	offers, p := w.open(ctx, a)
	var client *gsm.SMTPClient
	if p == nil {
		client, p = w.login(ctx, a, offers)
	}
	if !stop() && p == nil {
		p = breakdown(w.step, reasonToStop(ctx))
	}
	if p != nil {
		w.hangUp()
		return nil, p
	}
	return &Conn{wire: w, client: client}, nil
}

// Send hands one mail to the server; see Sender for the contract. A refusal of
// this mail leaves the connection usable for the next one.
//
// Outcomes worth knowing: class Unknown means that the final dot left and no
// verdict came back. Stale means that the server had ended this kept-open
// connection while it was idle: dial again and send again at once.
func (c *Conn) Send(ctx context.Context, from, to string, raw []byte, onData func() error) (Receipt, error) {
	from, to, p := checkEnvelope(from, to, raw)
	if p != nil {
		return Receipt{}, p
	}
	c.turn.Lock()
	defer c.turn.Unlock()
	if err := ctx.Err(); err != nil {
		return Receipt{}, breakdown(StepSender, err)
	}
	if c.broken.Load() {
		return Receipt{}, &Problem{Step: StepSender, Class: Temporary, Key: "mail.connection_lost", Stale: true}
	}
	receipt, p := c.send(ctx, from, to, raw, onData)
	c.used = true
	if p != nil {
		return Receipt{}, p
	}
	c.sent.Add(1)
	return receipt, nil
}

func checkEnvelope(from, to string, raw []byte) (string, string, *Problem) {
	sender, key := checkAddress(from)
	if key != "" {
		return "", "", invalid("from", key)
	}
	recipient, key := checkAddress(to)
	if key != "" {
		return "", "", invalid("to", key)
	}
	return sender, recipient, checkRaw(raw)
}

func (c *Conn) send(ctx context.Context, from, to string, raw []byte, onData func() error) (Receipt, *Problem) {
	w := c.wire
	stop := w.follow(ctx)
	defer func() {
		if !stop() {
			c.broken.Store(true)
		}
	}()
	w.onData = onData
	w.begin()
	// One recipient: the library gives a mail up at the first refused one, and
	// every recipient's own answer has to be known.
	err := gsm.SendMessage(from, []string{to}, string(raw), c.client)
	w.onData = nil
	if receipt, ok := w.accepted(); ok {
		return receipt, nil
	}
	p := w.problem(ctx, err)
	lost := p.Code == 0 || p.Code == 421
	p.Stale = c.used && p.Step == StepSender && lost && p.Class != Cancelled
	c.settle(p, lost)
	return Receipt{}, p
}

// settle makes the connection ready for the next mail, or gives it up. RSET is
// only said where a transaction is open (RFC 5321 §4.1.1.5): exim hangs up
// after ten commands that carry no mail.
func (c *Conn) settle(p *Problem, lost bool) {
	w := c.wire
	w.log = nil
	reset := !lost && w.err == nil && (p.Step == StepRecipient || p.Step == StepData)
	if lost || w.err != nil || w.content || (reset && c.client.Reset() != nil) {
		c.broken.Store(true)
		w.hangUp()
	}
}

// Sent is the number of mails this connection got accepted.
func (c *Conn) Sent() int { return int(c.sent.Load()) }

// Usable reports whether another mail may be tried on this connection. The
// server may still have closed it meanwhile, see Problem.Stale.
func (c *Conn) Usable() bool { return !c.broken.Load() }

// Close says goodbye and ends the connection. A mail on its way is cut off: its
// Send returns at once, as Cancelled, or as Unknown after the final dot. Close
// may be called more than once and never fails; the error is for Sender.
func (c *Conn) Close() error {
	wasBroken := c.broken.Swap(true)
	if !c.turn.TryLock() {
		c.wire.sever()
		return nil
	}
	defer c.turn.Unlock()
	if !wasBroken {
		c.wire.hangUp()
	}
	return nil
}
