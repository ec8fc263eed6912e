package chat

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"portico/backend/kernel/db"
)

const (
	conversationColumns = `c.id, c.kind, COALESCE(c.contact_id, ''), c.title, c.last_seq, c.rev, c.last_at, c.state, c.snoozed_until, c.staff_read, c.created`
	memberCount         = `(SELECT count(*) FROM chat_members n WHERE n.conversation_id = c.id)`
)

func conversationFields(c *Conversation) []any {
	return []any{&c.ID, (*string)(&c.Kind), &c.ContactID, &c.Title, &c.LastSeq, &c.Rev, db.Time(&c.LastAt), (*string)(&c.State),
		db.Time(&c.SnoozedUntil), &c.StaffRead, db.Time(&c.Created)}
}

// insertConversation leaves one that is there as it is.
func insertConversation(ctx context.Context, tx *db.Tx, c Conversation) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO chat_conversations (id, kind, contact_id, title, last_seq, rev, last_at, state, staff_read, created)
		VALUES ($1, $2, $3, $4, 0, 0, $5, 'done', 0, $5) ON CONFLICT (id) DO NOTHING`,
		c.ID, string(c.Kind), db.NullText(c.ContactID), c.Title, c.Created.UnixMilli())
	return err
}

// advanceForClient gives the next message of a conversation its numbers, when the
// contact may write there, and answers the state before.
func advanceForClient(ctx context.Context, tx *db.Tx, id, contactID string) (c Conversation, before State, err error) {
	if before, err = stateOf(ctx, tx, id); err != nil {
		return c, "", err
	}
	err = tx.QueryRow(ctx, `
		UPDATE chat_conversations SET last_seq = last_seq + 1, rev = rev + 1, last_at = $3, state = 'waiting', snoozed_until = NULL
		WHERE id = $1 AND kind <> 'broadcast' AND EXISTS (SELECT 1 FROM chat_members m WHERE m.conversation_id = $1 AND m.contact_id = $2)
		RETURNING kind, COALESCE(contact_id, ''), last_seq, rev`, id, contactID, tx.Now.UnixMilli()).
		Scan((*string)(&c.Kind), &c.ContactID, &c.LastSeq, &c.Rev)
	return c, before, err
}

// advanceForStaff is the same for a message of the business, which reads what came before.
func advanceForStaff(ctx context.Context, tx *db.Tx, id string) (c Conversation, before State, err error) {
	if before, err = stateOf(ctx, tx, id); err != nil {
		return c, "", err
	}
	err = tx.QueryRow(ctx, `
		UPDATE chat_conversations SET last_seq = last_seq + 1, rev = rev + 1, last_at = $2, state = 'done', snoozed_until = NULL, staff_read = last_seq + 1
		WHERE id = $1 RETURNING kind, COALESCE(contact_id, ''), last_seq, rev`, id, tx.Now.UnixMilli()).
		Scan((*string)(&c.Kind), &c.ContactID, &c.LastSeq, &c.Rev)
	return c, before, err
}

func stateOf(ctx context.Context, tx *db.Tx, id string) (s State, err error) {
	err = tx.QueryRow(ctx, `SELECT state FROM chat_conversations WHERE id = $1`, id).Scan((*string)(&s))
	return s, err
}

// nextRev numbers a change to a message.
func nextRev(ctx context.Context, tx *db.Tx, id string) (rev int64, err error) {
	err = tx.QueryRow(ctx, `UPDATE chat_conversations SET rev = rev + 1 WHERE id = $1 RETURNING rev`, id).Scan(&rev)
	return rev, err
}

func setState(ctx context.Context, tx *db.Tx, id string, state State, until time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE chat_conversations SET state = $2, snoozed_until = $3 WHERE id = $1`, id, string(state), db.Ms(until))
}

// wake ends a snooze that is over.
func wake(ctx context.Context, tx *db.Tx, id string) (int64, error) {
	return tx.Exec(ctx, `
		UPDATE chat_conversations SET state = 'waiting', snoozed_until = NULL WHERE id = $1 AND state = 'snoozed' AND snoozed_until <= $2`, id, tx.Now.UnixMilli())
}

func setTitle(ctx context.Context, tx *db.Tx, id, title string) (int64, error) {
	return tx.Exec(ctx, `UPDATE chat_conversations SET title = $2 WHERE id = $1 AND kind <> 'direct'`, id, title)
}

// readByStaff moves the mark of staff forward, never beyond the last message.
func readByStaff(ctx context.Context, tx *db.Tx, id string, read int64) (int64, error) {
	return tx.Exec(ctx, `UPDATE chat_conversations SET staff_read = $2 WHERE id = $1 AND staff_read < $2 AND $2 <= last_seq`, id, read)
}

func conversationByID(ctx context.Context, q db.Q, id string) (c Conversation, err error) {
	err = q.QueryRow(ctx, `SELECT `+conversationColumns+`, `+memberCount+` FROM chat_conversations c WHERE c.id = $1`, id).
		Scan(append(conversationFields(&c), &c.Members)...)
	return c, err
}

// conversationForClient answers a conversation that the contact is a member of.
func conversationForClient(ctx context.Context, q db.Q, contactID, id string) (Conversation, error) {
	list, err := clientConversations(ctx, q, contactID, "AND c.id = $2", id)
	if err == nil && len(list) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return Conversation{}, err
	}
	return list[0], nil
}

// conversationsOf answers what a contact takes part in, the newest first.
func conversationsOf(ctx context.Context, q db.Q, contactID string) ([]Conversation, error) {
	return clientConversations(ctx, q, contactID, "ORDER BY c.last_at DESC, c.id DESC LIMIT 200")
}

func clientConversations(ctx context.Context, q db.Q, contactID, rest string, more ...any) ([]Conversation, error) {
	rows, err := q.Query(ctx, `
		SELECT `+conversationColumns+`, COALESCE(k.read, u.since), COALESCE(k.delivered, u.since), `+lastColumns+`
		FROM chat_members u JOIN chat_conversations c ON c.id = u.conversation_id
			LEFT JOIN chat_marks k ON k.conversation_id = u.conversation_id AND k.contact_id = u.contact_id
			LEFT JOIN chat_messages m ON m.conversation_id = c.id AND m.seq = c.last_seq AND m.seq > u.since
		WHERE u.contact_id = $1 `+rest, append([]any{contactID}, more...)...)
	if err != nil {
		return nil, err
	}
	return scanConversations(rows, func(c *Conversation) []any {
		c.Mark.ContactID = contactID
		return []any{&c.Mark.Read, &c.Mark.Delivered}
	})
}

// scanConversations reads conversations with their last messages; extra are the
// fields between the two.
func scanConversations(rows *sql.Rows, extra func(*Conversation) []any) ([]Conversation, error) {
	defer func() { _ = rows.Close() }()
	var out []Conversation
	for rows.Next() {
		var c Conversation
		var last lastMessage
		if err := rows.Scan(append(append(conversationFields(&c), extra(&c)...), last.fields()...)...); err != nil {
			return nil, err
		}
		c.Last = last.message(c.ID)
		out = append(out, c)
	}
	return out, rows.Err()
}

// page is one look at the list of staff.
type page struct {
	state     State // "" is all
	contactID string
	kind      Kind
	before    time.Time // of the last conversation seen
	beforeID  string
	limit     int
}

// listConversations answers conversations for staff, the newest first.
func listConversations(ctx context.Context, q db.Q, p page) ([]Conversation, error) {
	where, args := []string{"1 = 1"}, []any{p.limit}
	and := func(condition string, values ...any) {
		for range values {
			condition = strings.Replace(condition, "%", "$"+itoa(len(args)+1), 1)
			args = append(args, values[0])
			values = values[1:]
		}
		where = append(where, condition)
	}
	if p.state != "" {
		and("c.state = %", string(p.state))
	}
	if p.kind != "" {
		and("c.kind = %", string(p.kind))
	}
	if p.contactID != "" {
		and("c.id IN (SELECT conversation_id FROM chat_members WHERE contact_id = %)", p.contactID)
	}
	if !p.before.IsZero() {
		and("(c.last_at, c.id) < (%, %)", p.before.UnixMilli(), p.beforeID)
	}
	rows, err := q.Query(ctx, `
		SELECT `+conversationColumns+`, `+memberCount+`, `+lastColumns+`
		FROM chat_conversations c LEFT JOIN chat_messages m ON m.conversation_id = c.id AND m.seq = c.last_seq
		WHERE `+strings.Join(where, " AND ")+` ORDER BY c.last_at DESC, c.id DESC LIMIT $1`, args...)
	if err != nil {
		return nil, err
	}
	return scanConversations(rows, func(c *Conversation) []any { return []any{&c.Members} })
}

// countStates answers how many conversations wait, and how many staff have not read.
func countStates(ctx context.Context, q db.Q) (waiting, unread int64, err error) {
	err = q.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM chat_conversations WHERE state = 'waiting'), (SELECT count(*) FROM chat_conversations WHERE state = 'waiting' AND staff_read < last_seq)`).
		Scan(&waiting, &unread)
	return waiting, unread, err
}
