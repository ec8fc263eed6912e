-- A file on its way, of a contact or of staff (''). It becomes an attachment with
-- the message that carries it; one that nobody sends is swept after a day.
CREATE TABLE chat_uploads (
	id TEXT PRIMARY KEY,
	owner_id TEXT NOT NULL,
	name TEXT NOT NULL,
	size BIGINT NOT NULL,
	part TEXT NOT NULL,
	type TEXT NOT NULL,
	kind TEXT NOT NULL,
	width BIGINT NOT NULL,
	height BIGINT NOT NULL,
	thumb TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	done BOOLEAN NOT NULL,
	created BIGINT NOT NULL
);
CREATE INDEX chat_uploads_owner ON chat_uploads (owner_id, created);
CREATE INDEX chat_uploads_part ON chat_uploads (part);
CREATE INDEX chat_uploads_thumb ON chat_uploads (thumb) WHERE thumb <> '';
CREATE TABLE chat_attachments (
	id TEXT PRIMARY KEY,
	conversation_id TEXT NOT NULL REFERENCES chat_conversations (id) ON DELETE CASCADE,
	seq BIGINT NOT NULL,
	place BIGINT NOT NULL,
	author_id TEXT NOT NULL,
	name TEXT NOT NULL,
	size BIGINT NOT NULL,
	type TEXT NOT NULL,
	kind TEXT NOT NULL,
	width BIGINT NOT NULL,
	height BIGINT NOT NULL,
	blob TEXT NOT NULL,
	thumb TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	created BIGINT NOT NULL
);
CREATE INDEX chat_attachments_message ON chat_attachments (conversation_id, seq, place);
CREATE INDEX chat_attachments_author ON chat_attachments (author_id, created);
CREATE INDEX chat_attachments_blob ON chat_attachments (blob);
CREATE INDEX chat_attachments_thumb ON chat_attachments (thumb) WHERE thumb <> '';
-- 'files' says that a message has attachments, so that the others are not asked for.
ALTER TABLE chat_messages ADD COLUMN files BIGINT NOT NULL DEFAULT 0;
