-- What stands behind the address to which a mail about messages is answered.
CREATE TABLE chat_reply_tokens (
	token TEXT PRIMARY KEY,
	conversation_id TEXT NOT NULL REFERENCES chat_conversations (id) ON DELETE CASCADE,
	contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE
);
CREATE INDEX chat_reply_tokens_conversation ON chat_reply_tokens (conversation_id);
CREATE INDEX chat_reply_tokens_contact ON chat_reply_tokens (contact_id);
-- Mails of which staff were told something, by what makes each the same again.
CREATE TABLE chat_inbound (
	key TEXT PRIMARY KEY,
	at BIGINT NOT NULL
);
