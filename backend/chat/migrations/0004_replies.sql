-- Texts that staff use again and again.
CREATE TABLE chat_replies (
	id TEXT PRIMARY KEY,
	title TEXT NOT NULL,
	text TEXT NOT NULL,
	created BIGINT NOT NULL
);
-- Messages of the business that are to be sent at a time. Taken ones are being
-- sent and cannot be called back.
CREATE TABLE chat_scheduled (
	id TEXT PRIMARY KEY,
	conversation_id TEXT NOT NULL REFERENCES chat_conversations (id) ON DELETE CASCADE,
	client_msg_id TEXT NOT NULL,
	text TEXT NOT NULL,
	author TEXT NOT NULL,
	at BIGINT NOT NULL,
	created BIGINT NOT NULL,
	taken BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX chat_scheduled_sent ON chat_scheduled (conversation_id, client_msg_id);
