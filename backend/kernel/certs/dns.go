package certs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mholt/acmez/v3/acme"
)

// DNS says how TXT records come into the zone.
type DNS struct {
	// Publisher puts records into the zone; nil: a person does, shown them by
	// Status.Records.
	Publisher Publisher
	// Target is where the zone's CNAME of _acme-challenge leads, when it is delegated;
	// "" is _acme-challenge itself.
	Target string
	// Seen reports whether the zone's own servers show the record; the authority is
	// asked to look once it does. nil: it is believed to be there at once, which a
	// Publisher may promise and a person cannot.
	Seen func(ctx context.Context, r Record) (bool, error)
	// Poll is how often Seen is asked (0: 10 s).
	Poll time.Duration
}

// byHand reports that a person must publish a record for each order.
func (d *DNS) byHand() bool { return d != nil && d.Publisher == nil }

// Publisher puts TXT records into a zone and takes them out. Both are told the
// same record; taking out what is not there is no error.
type Publisher interface {
	Publish(ctx context.Context, r Record) error
	Withdraw(ctx context.Context, r Record) error
}

const defaultPoll = 10 * time.Second

// publishError is the error of a record that did not get into the zone.
type publishError struct{ err error }

func (e *publishError) Error() string { return "publishing the record: " + e.err.Error() }
func (e *publishError) Unwrap() error { return e.err }

// errOtherwise ends an order whose name is to be proven in another way, or by
// nobody, from now on.
var errOtherwise = errors.New("the way to prove the name has changed")

// dnsSolver proves a name by DNS as its options say when an order begins; the
// holder of the name's lock uses it, for one record at a time.
type dnsSolver struct {
	manager *Manager
	name    string
	used    *DNS // by which the record was published, and goes again
}

// Present publishes the record, or shows it.
func (s *dnsSolver) Present(ctx context.Context, c acme.Challenge) error {
	d := s.manager.dnsOf(s.name)
	s.used = d
	if d == nil {
		return errOtherwise
	}
	r := d.record(c)
	if d.Publisher == nil {
		return s.manager.showRecord(ctx, s.name, &r)
	}
	if err := d.Publisher.Publish(ctx, r); err != nil {
		return &publishError{err}
	}
	return nil
}

// Wait returns when the record can be seen, or is wanted no more. An error of one
// look is not the end: name servers come and go.
func (s *dnsSolver) Wait(ctx context.Context, c acme.Challenge) error {
	d := s.used
	if d.Seen == nil {
		return nil
	}
	r, poll := d.record(c), d.Poll
	if poll <= 0 {
		poll = defaultPoll
	}
	for {
		if !d.same(s.manager.dnsOf(s.name)) {
			return errOtherwise
		}
		seen, err := d.Seen(ctx, r)
		if seen && err == nil {
			return s.manager.showRecord(ctx, s.name, nil)
		}
		timer := time.NewTimer(poll)
		select {
		case <-ctx.Done():
			timer.Stop()
			if err != nil {
				return &publishError{fmt.Errorf("%w (%w)", err, ctx.Err())}
			}
			return &publishError{ctx.Err()}
		case <-timer.C:
		}
	}
}

// CleanUp takes the record out again.
func (s *dnsSolver) CleanUp(ctx context.Context, c acme.Challenge) error {
	switch d := s.used; {
	case d == nil:
		return nil
	case d.Publisher == nil:
		return s.manager.showRecord(ctx, s.name, nil)
	default:
		return d.Publisher.Withdraw(ctx, d.record(c))
	}
}

// same reports whether a record that was published by d is as good by other; nil
// is another way to prove the name.
func (d *DNS) same(other *DNS) bool {
	return other != nil && d.byHand() == other.byHand() && d.Target == other.Target
}

// record is what must be in the zone for a challenge.
func (d *DNS) record(c acme.Challenge) Record {
	name := c.DNS01TXTRecordName()
	if d.Target != "" {
		name = d.Target
	}
	return Record{Name: strings.TrimSuffix(name, "."), Value: c.DNS01KeyAuthorization()}
}
