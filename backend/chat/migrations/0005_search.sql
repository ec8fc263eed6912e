-- Messages and internal notes are found by their words: chat_found says what an
-- entry of the index is and where; it outlives the conversation, so that what is
-- erased can be taken out of the index. How far a conversation is in the index
-- stands in chat_indexed.
-- @search-text chat
CREATE TABLE chat_found (
	id TEXT PRIMARY KEY,
	conversation_id TEXT NOT NULL,
	note BOOLEAN NOT NULL,
	created BIGINT NOT NULL
);
CREATE INDEX chat_found_order ON chat_found (created, id);
CREATE INDEX chat_found_conversation ON chat_found (conversation_id, created, id);
CREATE TABLE chat_indexed (
	conversation_id TEXT PRIMARY KEY REFERENCES chat_conversations (id) ON DELETE CASCADE,
	rev BIGINT NOT NULL
);
