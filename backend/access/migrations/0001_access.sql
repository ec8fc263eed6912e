-- How each contact stands with the portal; a row appears with the first
-- invitation, link or sign-in.
CREATE TABLE portal_members (
	contact_id TEXT PRIMARY KEY REFERENCES contacts (id) ON DELETE CASCADE,
	epoch BIGINT NOT NULL,
	invited_at BIGINT,
	invite_link TEXT NOT NULL,
	invite_mail TEXT NOT NULL,
	accepted_at BIGINT,
	failed_at BIGINT,
	opened_at BIGINT,
	given_at BIGINT,
	joined_at BIGINT,
	last_seen BIGINT,
	suspended_at BIGINT,
	gone BOOLEAN NOT NULL
) WITHOUT ROWID;
CREATE INDEX portal_members_invited ON portal_members (invited_at DESC, contact_id) WHERE invited_at IS NOT NULL;
CREATE INDEX portal_members_joined ON portal_members (joined_at DESC, contact_id) WHERE joined_at IS NOT NULL;
-- A link as it is kept: no token, no verifier, no address. The token is made
-- again from the selector and the key in the keychain when a mail is sent.
CREATE TABLE links (
	id TEXT PRIMARY KEY,
	selector TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL CHECK (kind IN ('login', 'login_mail', 'staff_link', 'invite')),
	contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
	email_hash TEXT NOT NULL,
	request_id TEXT NOT NULL,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	used_at BIGINT,
	used_session TEXT NOT NULL,
	used_browser TEXT NOT NULL,
	used_network TEXT NOT NULL,
	revoked_at BIGINT,
	attempts BIGINT NOT NULL,
	opens BIGINT NOT NULL,
	opened_at BIGINT,
	openers TEXT NOT NULL,
	target TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX links_contact ON links (contact_id, created);
CREATE INDEX links_request ON links (request_id);
CREATE INDEX links_expires ON links (expires);
CREATE TABLE login_requests (
	id TEXT PRIMARY KEY,
	cookie_hash TEXT NOT NULL UNIQUE,
	browser TEXT NOT NULL,
	created BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX login_requests_created ON login_requests (created);
-- A session is asked for by its cookie, or together with whose it is.
CREATE TABLE sessions (
	id TEXT NOT NULL,
	token_hash TEXT NOT NULL UNIQUE,
	contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
	epoch BIGINT NOT NULL,
	link_id TEXT NOT NULL,
	browser TEXT NOT NULL,
	created BIGINT NOT NULL,
	last_seen BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	PRIMARY KEY (contact_id, id)
) WITHOUT ROWID;
CREATE INDEX sessions_expires ON sessions (expires);
CREATE TABLE staff_sessions (
	id TEXT PRIMARY KEY,
	token_hash TEXT NOT NULL UNIQUE,
	browser TEXT NOT NULL,
	created BIGINT NOT NULL,
	last_seen BIGINT NOT NULL,
	expires BIGINT NOT NULL
);
CREATE TABLE staff_links (
	token_hash TEXT PRIMARY KEY,
	expires BIGINT NOT NULL
);
CREATE TABLE api_tokens (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	token_hash TEXT NOT NULL UNIQUE,
	created BIGINT NOT NULL,
	last_used BIGINT,
	revoked_at BIGINT
);
