package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/settings"
)

// The jobs that bring to members by mail what they have not read.
const (
	unreadJob = "chat.unread" // some minutes after a message of the business
	mailJob   = "chat.mail"   // for one member, when they want mail later
)

type unread struct {
	ConversationID string `json:"conversation_id"`
	ContactID      string `json:"contact_id"`
}

const (
	// mostSaid is how many messages a mail shows, mostRead how many it counts.
	mostSaid, mostRead = 8, 100
	// maxSaid is how much of one it shows, in characters.
	maxSaid = 600
	// atOnce is how many members share a transaction.
	atOnce = 50
)

// follow sees to it that a message of the business reaches those who have not
// read it some minutes later. One job serves all messages of a minute: it falls
// due only after that minute, so none comes too late for it.
func (s *Service) follow(ctx context.Context, tx *db.Tx, m Message) error {
	if m.AuthorID != "" {
		return nil
	}
	// The owner's choice needs no transaction of ours, and is kept in memory.
	wait, err := settings.Get(ctx, s.DB.Read(), followUpKey)
	if err != nil || wait == 0 {
		return err
	}
	return jobs.Enqueue(ctx, tx, jobs.Job{Kind: unreadJob, Key: fmt.Sprint(m.ConversationID, " ", tx.Now.Unix()/60),
		Payload: unread{ConversationID: m.ConversationID}, RunAt: tx.Now.Add(time.Duration(wait) * time.Minute)})
}

// lookWhoRead mails those members who have not read.
func (s *Service) lookWhoRead(ctx context.Context, c jobs.Claimed) error {
	var in unread
	if err := json.Unmarshal(c.Payload, &in); err != nil {
		return err
	}
	members, err := membersOf(ctx, s.DB.Read(), in.ConversationID)
	if err != nil {
		return fmt.Errorf("members of %s: %w", in.ConversationID, err)
	}
	for part := range slices.Chunk(members, atOnce) {
		if err := s.DB.Write(ctx, func(tx *db.Tx) error {
			for _, m := range part {
				if err := s.followUp(ctx, tx, in.ConversationID, m, false); err != nil {
					return fmt.Errorf("following up %s with %s: %w", in.ConversationID, m.ContactID, err)
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// mailLater mails one member who wanted to wait.
func (s *Service) mailLater(ctx context.Context, c jobs.Claimed) error {
	var in unread
	if err := json.Unmarshal(c.Payload, &in); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := s.member(ctx, tx, in.ContactID, in.ConversationID)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return s.followUp(ctx, tx, in.ConversationID, m, true)
	})
}

// followUp mails a member what they have not read and were not written about yet,
// now or when they want it.
func (s *Service) followUp(ctx context.Context, tx *db.Tx, conversationID string, m Member, waited bool) error {
	before, err := mailedTo(ctx, tx, conversationID, m.ContactID)
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		return err
	}
	mark, err := markOf(ctx, tx, conversationID, m.ContactID)
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		return err
	}
	read := max(m.Since, mark.Read)
	news, err := said(ctx, tx, conversationID, max(read, before.seq), 1)
	if err != nil || len(news) == 0 {
		return err
	}
	wishes, err := preferences(ctx, tx, m.ContactID)
	if err != nil {
		return err
	}
	people, err := s.People.Persons(ctx, tx, []string{m.ContactID})
	if err != nil {
		return err
	}
	p, here := people[m.ContactID]
	if !here {
		return nil
	}
	zone, err := s.zoneOf(ctx, p)
	if err != nil {
		return err
	}
	at, wanted := wishes.due(tx.Now, zone, waited)
	if !wanted {
		return nil
	}
	if at.After(tx.Now) {
		tx.AfterCommit(func() { s.Jobs.Wake(mailJob) })
		return jobs.Enqueue(ctx, tx, jobs.Job{Kind: mailJob, Key: fmt.Sprint(conversationID, " ", m.ContactID, " ", at.Unix()),
			Payload: unread{conversationID, m.ContactID}, RunAt: at})
	}
	return s.mail(ctx, tx, conversationID, p, before, read)
}

// mail queues one mail with all that a member has not read. One that still waits
// gives way to it.
func (s *Service) mail(ctx context.Context, tx *db.Tx, conversationID string, p Person, before mailed, read int64) error {
	from := before.seq
	if stopped, err := s.callBack(ctx, tx, before); err != nil {
		return err
	} else if stopped {
		from = before.before
	}
	from = max(from, read)
	list, err := said(ctx, tx, conversationID, from, mostRead)
	if err != nil || len(list) == 0 {
		return err
	}
	if err := s.withFiles(ctx, tx, conversationID, list); err != nil {
		return err
	}
	c, err := s.byID(ctx, tx, conversationID)
	if err != nil {
		return err
	}
	selector, ok, err := s.Door.MailLink(ctx, tx, p.ID, "/chat/"+conversationID)
	if err != nil || !ok {
		return err
	}
	last := list[len(list)-1]
	m := Mail{ContactID: p.ID, To: p.Email, Language: p.Language, Link: selector, Author: last.Author, Title: c.Title, More: max(0, len(list)-mostSaid), Bulk: c.Kind == Broadcast}
	for _, one := range list[max(0, len(list)-mostSaid):] {
		m.Said = append(m.Said, Said{one.Author, shortened(one.spoken(), maxSaid)})
	}
	kept := mailed{contactID: p.ID, link: selector, seq: last.Seq, before: from}
	if err := s.answerable(ctx, tx, &m, replyTarget{conversationID, p.ID}); err != nil {
		return err
	}
	if kept.mailID, err = s.Mail.Queue(ctx, tx, m); err != nil {
		if fault.KindOf(err) == fault.Internal {
			return err
		}
		// The address bounced before or is blocked; staff see that in the outbox.
		kept.link = ""
		if err := s.Door.EndMailLink(ctx, tx, selector); err != nil {
			return err
		}
	}
	return saveMailed(ctx, tx, conversationID, kept)
}

// callBack stops a mail that waits; false when there is none.
func (s *Service) callBack(ctx context.Context, tx *db.Tx, m mailed) (bool, error) {
	if m.mailID == "" {
		return false, nil
	}
	stopped, err := s.Mail.Withdraw(ctx, tx, m.mailID)
	if err == nil && stopped {
		err = s.Door.EndMailLink(ctx, tx, m.link)
	}
	return stopped, err
}

// readAnyway calls back the mail about messages that a member has read by now.
func (s *Service) readAnyway(ctx context.Context, tx *db.Tx, conversationID, contactID string, read int64) error {
	m, err := readMailed(ctx, tx, conversationID, contactID, read)
	if errors.Is(err, db.ErrNoRows) {
		return nil
	}
	if err == nil {
		_, err = s.callBack(ctx, tx, m)
	}
	if err != nil {
		return fmt.Errorf("calling back the mail about %s: %w", conversationID, err)
	}
	return nil
}

// unsay keeps a text that was changed or taken back out of mails that wait; what
// is left to tell is told anew.
func (s *Service) unsay(ctx context.Context, tx *db.Tx, old Message) error {
	if old.AuthorID != "" {
		return nil
	}
	list, err := mailedWith(ctx, tx, old.ConversationID, old.Seq)
	if err != nil {
		return fmt.Errorf("looking for mails with %s: %w", old.ID, err)
	}
	again := false
	for _, m := range list {
		stopped, err := s.callBack(ctx, tx, m)
		if err != nil {
			return fmt.Errorf("calling back a mail with %s: %w", old.ID, err)
		}
		if !stopped {
			continue
		}
		again = true
		if err := saveMailed(ctx, tx, old.ConversationID, mailed{contactID: m.contactID, seq: m.before, before: m.before}); err != nil {
			return err
		}
	}
	if !again {
		return nil
	}
	tx.AfterCommit(func() { s.Jobs.Wake(unreadJob) })
	return jobs.Enqueue(ctx, tx, jobs.Job{Kind: unreadJob, Key: fmt.Sprint(old.ConversationID, " ", old.ID, " ", old.Rev), Payload: unread{ConversationID: old.ConversationID}})
}
