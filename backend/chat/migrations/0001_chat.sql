-- last_seq counts messages, rev counts changes to them; both without gaps, because
-- whoever writes takes the row of the conversation first.
CREATE TABLE chat_conversations (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('direct', 'group', 'broadcast')),
	contact_id TEXT UNIQUE REFERENCES contacts (id) ON DELETE CASCADE,
	title TEXT NOT NULL,
	last_seq BIGINT NOT NULL,
	rev BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'snoozed')),
	snoozed_until BIGINT,
	staff_read BIGINT NOT NULL,
	created BIGINT NOT NULL
);
CREATE INDEX chat_conversations_activity ON chat_conversations (last_at, id);
CREATE INDEX chat_conversations_state ON chat_conversations (state, last_at, id);
-- Who takes part, and from which message on.
CREATE TABLE chat_members (
	conversation_id TEXT NOT NULL REFERENCES chat_conversations (id) ON DELETE CASCADE,
	contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
	since BIGINT NOT NULL,
	joined BIGINT NOT NULL,
	PRIMARY KEY (conversation_id, contact_id)
) WITHOUT ROWID;
CREATE INDEX chat_members_contact ON chat_members (contact_id, conversation_id);
-- How far a member has read, and how far a device of theirs has come. Apart from
-- the members, which change seldom and are kept in memory.
CREATE TABLE chat_marks (
	conversation_id TEXT NOT NULL REFERENCES chat_conversations (id) ON DELETE CASCADE,
	contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
	read BIGINT NOT NULL,
	delivered BIGINT NOT NULL,
	PRIMARY KEY (conversation_id, contact_id)
) WITHOUT ROWID;
CREATE INDEX chat_marks_contact ON chat_marks (contact_id);
-- author_id is the contact, or '' for staff; author is their name at that time.
CREATE TABLE chat_messages (
	conversation_id TEXT NOT NULL REFERENCES chat_conversations (id) ON DELETE CASCADE,
	seq BIGINT NOT NULL,
	id TEXT NOT NULL UNIQUE,
	rev BIGINT NOT NULL,
	author_id TEXT NOT NULL,
	author TEXT NOT NULL,
	client_msg_id TEXT NOT NULL,
	text TEXT NOT NULL,
	reply_to BIGINT NOT NULL,
	reactions TEXT NOT NULL,
	created BIGINT NOT NULL,
	edited BIGINT,
	deleted BIGINT,
	PRIMARY KEY (conversation_id, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX chat_messages_rev ON chat_messages (conversation_id, rev);
CREATE UNIQUE INDEX chat_messages_sent ON chat_messages (conversation_id, author_id, client_msg_id);
CREATE INDEX chat_messages_author ON chat_messages (author_id) WHERE author_id <> '';
-- What a message said before it was changed or deleted; staff see it.
CREATE TABLE chat_edits (
	conversation_id TEXT NOT NULL REFERENCES chat_conversations (id) ON DELETE CASCADE,
	message_id TEXT NOT NULL,
	rev BIGINT NOT NULL,
	at BIGINT NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (message_id, rev)
) WITHOUT ROWID;
CREATE INDEX chat_edits_conversation ON chat_edits (conversation_id);
-- Internal notes stand in a table of their own: no statement for clients asks it.
CREATE TABLE chat_notes (
	id TEXT PRIMARY KEY,
	conversation_id TEXT NOT NULL REFERENCES chat_conversations (id) ON DELETE CASCADE,
	after_seq BIGINT NOT NULL,
	text TEXT NOT NULL,
	author TEXT NOT NULL,
	created BIGINT NOT NULL,
	edited BIGINT,
	deleted BIGINT
);
CREATE INDEX chat_notes_conversation ON chat_notes (conversation_id, id);
