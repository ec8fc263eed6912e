CREATE TABLE events (
	id TEXT PRIMARY KEY,
	at BIGINT NOT NULL,
	name TEXT NOT NULL,
	subject TEXT NOT NULL,
	actor_kind TEXT NOT NULL,
	actor_name TEXT NOT NULL,
	data TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX events_subject ON events (subject, id);
CREATE INDEX events_name ON events (name, id);
