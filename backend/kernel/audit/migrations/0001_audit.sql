-- The chain: one row a deed, never changed. Personal values stand beside it, so
-- that they can be erased while the chain still verifies. No index but the chain's own
-- order: every write of the program ends here, and the log is read from its end.
CREATE TABLE audit_log (
	seq BIGINT PRIMARY KEY,
	id TEXT NOT NULL,
	at BIGINT NOT NULL,
	actor_kind TEXT NOT NULL,
	actor_id TEXT NOT NULL,
	via TEXT NOT NULL,
	action TEXT NOT NULL,
	subject TEXT NOT NULL,
	detail TEXT NOT NULL,
	commitment TEXT NOT NULL,
	hash TEXT NOT NULL
);
-- @append-only audit_log
CREATE TABLE audit_personal (
	seq BIGINT PRIMARY KEY REFERENCES audit_log (seq),
	salt TEXT NOT NULL,
	data TEXT NOT NULL
);
-- Addresses up to the seq in forgotten are gone, so that nobody looks there again.
CREATE TABLE audit_head (
	one BIGINT PRIMARY KEY,
	seq BIGINT NOT NULL,
	hash TEXT NOT NULL,
	forgotten BIGINT NOT NULL
);
INSERT INTO audit_head (one, seq, hash, forgotten) VALUES (1, 0, '', 0);
