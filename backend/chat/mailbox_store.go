package chat

import (
	"context"

	"portico/backend/kernel/db"
)

// replyTarget is whose answer a mail is, and to which conversation.
type replyTarget struct{ conversationID, contactID string }

func insertReplyToken(ctx context.Context, tx *db.Tx, token string, to replyTarget) error {
	_, err := tx.Exec(ctx, `INSERT INTO chat_reply_tokens (token, conversation_id, contact_id) VALUES ($1, $2, $3) ON CONFLICT (token) DO NOTHING`,
		token, to.conversationID, to.contactID)
	return err
}

func replyTargetOf(ctx context.Context, q db.Q, token string) (to replyTarget, err error) {
	err = q.QueryRow(ctx, `SELECT conversation_id, contact_id FROM chat_reply_tokens WHERE token = $1`, token).Scan(&to.conversationID, &to.contactID)
	return to, err
}

// insertInbound answers 0 when staff were told of this mail before.
func insertInbound(ctx context.Context, tx *db.Tx, key string) (int64, error) {
	return tx.Exec(ctx, `INSERT INTO chat_inbound (key, at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`, key, tx.Now.UnixMilli())
}
