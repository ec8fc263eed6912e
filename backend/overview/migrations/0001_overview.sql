-- What a client has seen (mark "seen", value the newest fact then) or put away
-- (mark "dismissed:<card>").
CREATE TABLE client_marks (
	contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
	mark TEXT NOT NULL,
	value TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (contact_id, mark)
);
