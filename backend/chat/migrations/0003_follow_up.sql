-- How clients want to be told of messages; who has no row takes the usual.
CREATE TABLE chat_preferences (
	contact_id TEXT PRIMARY KEY REFERENCES contacts (id) ON DELETE CASCADE,
	mail TEXT NOT NULL CHECK (mail IN ('soon', 'daily', 'never')),
	quiet_from TEXT NOT NULL,
	quiet_to TEXT NOT NULL
);
-- Up to which message a member was written to by mail; the mail that does so is
-- called back as long as it waits, when they read or the text goes.
CREATE TABLE chat_mailed (
	conversation_id TEXT NOT NULL REFERENCES chat_conversations (id) ON DELETE CASCADE,
	contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
	seq BIGINT NOT NULL,
	before BIGINT NOT NULL,
	mail_id TEXT NOT NULL,
	link TEXT NOT NULL,
	PRIMARY KEY (conversation_id, contact_id)
);
CREATE INDEX chat_mailed_contact ON chat_mailed (contact_id);
