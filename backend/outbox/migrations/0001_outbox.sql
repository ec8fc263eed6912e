CREATE TABLE mails (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	contact_id TEXT NOT NULL,
	to_address TEXT NOT NULL,
	to_key TEXT NOT NULL,
	language TEXT NOT NULL,
	template TEXT NOT NULL,
	link TEXT NOT NULL,
	data TEXT NOT NULL,
	subject TEXT NOT NULL,
	subject_key TEXT NOT NULL,
	message_id TEXT NOT NULL UNIQUE,
	idem_key TEXT UNIQUE,
	priority BIGINT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'accepted', 'retry', 'unknown', 'failed', 'cancelled')),
	attempts BIGINT NOT NULL,
	unknowns BIGINT NOT NULL,
	next_at BIGINT,
	first_at BIGINT,
	code BIGINT NOT NULL,
	enhanced TEXT NOT NULL,
	reply TEXT NOT NULL,
	problem TEXT NOT NULL,
	created BIGINT NOT NULL,
	updated BIGINT NOT NULL,
	accepted_at BIGINT
);
CREATE INDEX mails_state ON mails (state, id);
CREATE INDEX mails_contact ON mails (contact_id, id);

-- How many mails are in a state that only grows; the others are few and counted.
CREATE TABLE mail_totals (
	state TEXT PRIMARY KEY,
	n BIGINT NOT NULL
);
INSERT INTO mail_totals (state, n) VALUES ('accepted', 0);

-- One row: the account and what is the matter with it.
CREATE TABLE mail_account (
	id BIGINT PRIMARY KEY CHECK (id = 1),
	version BIGINT NOT NULL,
	kind TEXT NOT NULL,
	host TEXT NOT NULL,
	port BIGINT NOT NULL,
	security TEXT NOT NULL,
	username TEXT NOT NULL,
	password_ref TEXT NOT NULL,
	from_name TEXT NOT NULL,
	from_address TEXT NOT NULL,
	preset TEXT NOT NULL,
	per_minute BIGINT NOT NULL,
	per_day BIGINT NOT NULL,
	per_connection BIGINT NOT NULL,
	connections BIGINT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('ok', 'unset', 'paused', 'offline')),
	problem TEXT NOT NULL,
	reply TEXT NOT NULL,
	since BIGINT,
	probes BIGINT NOT NULL,
	probe_at BIGINT,
	hold_until BIGINT,
	hold_problem TEXT NOT NULL
);
INSERT INTO mail_account (id, version, kind, host, port, security, username, password_ref, from_name, from_address, preset,
	per_minute, per_day, per_connection, connections, state, problem, reply, probes, hold_problem)
VALUES (1, 0, '', '', 0, '', '', '', '', '', '', 0, 0, 50, 2, 'unset', '', '', 0, '');

-- Mails handed to the provider, by minute since 1970, for its limits.
CREATE TABLE mail_usage (
	minute BIGINT PRIMARY KEY,
	n BIGINT NOT NULL
);

-- Texts that staff wrote. A mail names the row it was sent with, so rows stay.
CREATE TABLE mail_templates (
	id TEXT PRIMARY KEY,
	key TEXT NOT NULL,
	language TEXT NOT NULL,
	subject TEXT NOT NULL,
	heading TEXT NOT NULL,
	body TEXT NOT NULL,
	button TEXT NOT NULL,
	current BOOLEAN NOT NULL,
	created BIGINT NOT NULL
);
CREATE INDEX mail_templates_current ON mail_templates (current, key, language);

CREATE TABLE mail_suppressions (
	email_key TEXT PRIMARY KEY,
	email TEXT NOT NULL,
	reason TEXT NOT NULL CHECK (reason IN ('bounced', 'manual')),
	detail TEXT NOT NULL,
	since BIGINT NOT NULL
);
CREATE INDEX mail_suppressions_since ON mail_suppressions (since, email_key);
