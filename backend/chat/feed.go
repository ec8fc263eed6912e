package chat

import (
	"context"
	"sync"

	"portico/backend/kernel/db"
)

// feed pushes what was committed to open windows. One goroutine does it, so that
// messages of a conversation go out in the order of their rev whoever wrote them,
// on whichever node; commits only hand over.
type feed struct {
	s     *Service
	mu    sync.Mutex
	queue []news
	wake  chan struct{}
	// told is the rev up to which a conversation was pushed here.
	told map[string]int64
}

// news is one thing to push.
type news struct {
	message *Message // with its text; nil when another node wrote
	push    func(ctx context.Context)
	id      string
	rev     int64
}

// maxTold bounds the memory of what was pushed; forgetting costs a look at the store.
const maxTold = 65536

func newFeed(s *Service) *feed {
	return &feed{s: s, wake: make(chan struct{}, 1), told: map[string]int64{}}
}

func (f *feed) afterCommit(tx *db.Tx, m Message) {
	tx.AfterCommit(func() {
		f.add(news{message: &m, id: m.ConversationID, rev: m.Rev})
		f.s.Live.Tell(m.ConversationID, m.Rev)
		f.s.indexer.add(m.ConversationID)
	})
}

// Told takes the word of another node that a conversation has come to a rev.
func (s *Service) Told(conversationID string, rev int64) {
	s.feed.add(news{id: conversationID, rev: rev})
}

// MarksTold takes the word of another node that somebody has read on: who looks at
// the conversation asks again.
func (s *Service) MarksTold(conversationID string) {
	to := frame{Topic: "chat.conversation", ConversationID: conversationID}
	s.feed.add(news{push: func(ctx context.Context) {
		s.Live.ToStaff(to)
		s.feed.others(ctx, Conversation{ID: conversationID}, "", to)
	}})
}

func (f *feed) add(n news) {
	f.mu.Lock()
	f.queue = append(f.queue, n)
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// run pushes until ctx ends.
func (f *feed) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
		}
		f.mu.Lock()
		list := f.queue
		f.queue = nil
		f.mu.Unlock()
		for _, n := range list {
			f.one(ctx, n)
		}
	}
}

func (f *feed) one(ctx context.Context, n news) {
	if n.push != nil {
		n.push(ctx)
		return
	}
	told, known := f.told[n.id]
	switch {
	case known && n.rev <= told:
		return // another message's look brought it
	case n.message != nil && (!known || n.rev == told+1):
		f.message(ctx, *n.message)
	case !known:
		told = n.rev - 1
		fallthrough
	default:
		if !f.missed(ctx, n.id, told) {
			return
		}
	}
	if len(f.told) >= maxTold {
		f.told = map[string]int64{}
	}
	f.told[n.id] = max(n.rev, f.told[n.id])
}

// missed pushes what others wrote since a rev.
func (f *feed) missed(ctx context.Context, id string, since int64) bool {
	const most = 500
	list, err := messages(ctx, f.s.DB.Read(), id, look{after: -1, changes: since, limit: most})
	if err == nil {
		err = f.s.withFiles(ctx, f.s.DB.Read(), id, list)
	}
	if err != nil {
		if ctx.Err() == nil {
			f.s.Log.Error("messages cannot be pushed", "conversation", id, "error", err)
		}
		return false // who listens sees a gap in rev and asks
	}
	for _, m := range list {
		f.message(ctx, m)
		f.told[id] = m.Rev
	}
	return true
}

// message goes to staff, and to those members who may see it now.
func (f *feed) message(ctx context.Context, m Message) {
	f.s.Live.ToStaff(staffMessageFrame{"chat.message", m.ConversationID, m.Rev, staffMessage(m)})
	members, err := membersOf(ctx, f.s.DB.Read(), m.ConversationID)
	if err != nil {
		f.s.Log.Error("a message cannot be pushed", "conversation", m.ConversationID, "error", err)
		return
	}
	to := make([]string, 0, len(members))
	for _, member := range members {
		if member.Since < m.Seq {
			to = append(to, member.ContactID)
		}
	}
	if len(to) > 0 {
		f.s.Live.ToClients(to, clientMessageFrame{"chat.message", m.ConversationID, m.Rev, clientMessage(m)})
	}
}

// frame is what windows are told besides messages (backend/doc/live.md).
type frame struct {
	Topic          string `json:"topic"`
	ConversationID string `json:"conversation_id"`
	Who            string `json:"who,omitempty"`
	Name           string `json:"name,omitempty"`
	Read           int64  `json:"read,omitempty"`
	Delivered      int64  `json:"delivered,omitempty"`
}

// mark tells how far somebody has come.
func (f *feed) mark(c Conversation, m Mark) {
	who := m.ContactID
	if who == "" {
		who = staffKey
	}
	to := frame{Topic: "chat.marks", ConversationID: c.ID, Who: who, Read: m.Read, Delivered: m.Delivered}
	f.add(news{push: func(ctx context.Context) {
		f.s.Live.ToStaff(to)
		f.others(ctx, c, m.ContactID, to)
	}})
	f.s.Live.TellMarks(c.ID)
}

func (f *feed) typing(c Conversation, who, name string) {
	to := frame{Topic: "chat.typing", ConversationID: c.ID, Who: who, Name: name}
	f.add(news{push: func(ctx context.Context) {
		f.s.Live.ToStaff(to)
		f.others(ctx, c, who, to)
	}})
}

// others pushes to the members: in a broadcast only to who it is about.
func (f *feed) others(ctx context.Context, c Conversation, about string, to frame) {
	if c.Kind == Broadcast {
		if about != "" && about != staffKey {
			f.s.Live.ToClients([]string{about}, to)
		}
		return
	}
	members, err := membersOf(ctx, f.s.DB.Read(), c.ID)
	if err == nil && len(members) > 0 {
		f.s.Live.ToClients(ids(members), to)
	}
}
