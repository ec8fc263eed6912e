package mailbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Place is up to where a mailbox was read. UIDs grow as long as Validity stays;
// when it changes, the server has numbered all mail anew.
type Place struct {
	Validity uint32 `json:"validity"`
	UID      uint32 `json:"uid"`
}

// Mail is one that arrived. Raw is cut after MaxMail bytes.
type Mail struct {
	Place Place
	Raw   []byte
}

// MaxMail is how much of a mail is fetched; its text comes before its files.
const MaxMail = 4 << 20

const (
	// anew is how far back mail is read when the server has numbered it anew; who
	// watches knows by Message-ID what was there before.
	anew = 7 * 24 * time.Hour
	// look is how often mail is looked for where the server does not tell of it, and
	// lookIdle where it should. Some do not tell of mail that came just before they
	// were asked to: at first, and behind a mail, it is looked again soon.
	look, lookIdle, lookSoon = time.Minute, 5 * time.Minute, 2 * time.Second
)

// Watch hands every mail behind a place to deliver, in order, and goes on until
// ctx ends or the connection does. The zero Place begins with the next mail to
// come; opened is told where that is, and that all went well. An error of deliver ends it: the mail comes
// again next time. now is for how old mail may be that was numbered anew.
func Watch(ctx context.Context, a Account, from Place, now time.Time, opened func(Place) error, deliver func(context.Context, Mail) error) error {
	s, trouble := connect(ctx, a)
	if trouble != nil {
		return trouble
	}
	defer s.end()
	at := from
	search := &imap.SearchCriteria{}
	switch {
	case from == Place{}:
		at = Place{s.folder.UIDValidity, max(uint32(s.folder.UIDNext), 1) - 1}
	case from.Validity != s.folder.UIDValidity:
		at = Place{s.folder.UIDValidity, 0}
		search.Since = now.Add(-anew)
	}
	if err := opened(at); err != nil {
		return err
	}
	for first := true; ; first = false {
		before := at
		var err error
		if at, err = s.take(ctx, at, *search, deliver); err != nil {
			return err
		}
		search = &imap.SearchCriteria{}
		if err := s.wait(ctx, first || at != before); err != nil {
			return err
		}
	}
}

// take delivers what lies behind a place.
func (s *session) take(ctx context.Context, at Place, search imap.SearchCriteria, deliver func(context.Context, Mail) error) (Place, error) {
	search.UID = []imap.UIDSet{{imap.UIDRange{Start: imap.UID(at.UID + 1)}}}
	found, err := s.client.UIDSearch(&search, nil).Wait()
	if err != nil {
		return at, fmt.Errorf("looking for mail: %w", err)
	}
	uids := found.AllUIDs()
	slices.Sort(uids)
	for _, uid := range uids {
		if uint32(uid) <= at.UID { // "n:*" names the last mail also when it is before n
			continue
		}
		list, err := s.client.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true,
			BodySection: []*imap.FetchItemBodySection{{Peek: true, Partial: &imap.SectionPartial{Size: MaxMail}}}}).Collect()
		if err != nil {
			return at, fmt.Errorf("fetching a mail: %w", err)
		}
		at.UID = uint32(uid)
		if len(list) == 0 || len(list[0].BodySection) == 0 {
			continue // deleted meanwhile
		}
		if err := deliver(ctx, Mail{at, list[0].BodySection[0].Bytes}); err != nil {
			return at, err
		}
	}
	return at, nil
}

// wait returns when there may be new mail; soon when some has just come.
func (s *session) wait(ctx context.Context, soon bool) error {
	if !s.client.Caps().Has(imap.CapIdle) {
		if err := s.pause(ctx, look); err != nil {
			return err
		}
		return s.client.Noop().Wait()
	}
	idle, err := s.client.Idle()
	if err != nil {
		return fmt.Errorf("waiting for mail: %w", err)
	}
	d := lookIdle
	if soon {
		d = lookSoon
	}
	paused := s.pause(ctx, d)
	if err := idle.Close(); err != nil && paused == nil {
		paused = fmt.Errorf("waiting for mail: %w", err)
	}
	return paused
}

func (s *session) pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.client.Closed():
		return errGone
	case <-s.news:
	case <-timer.C:
	}
	return nil
}
