CREATE TABLE contacts (
	id TEXT PRIMARY KEY,
	state TEXT NOT NULL CHECK (state IN ('active', 'archived', 'deleted')),
	name TEXT NOT NULL,
	name_key TEXT NOT NULL,
	emails TEXT NOT NULL,
	phones TEXT NOT NULL,
	company TEXT NOT NULL,
	address TEXT NOT NULL,
	language TEXT NOT NULL,
	time_zone TEXT NOT NULL,
	birthday TEXT NOT NULL,
	photo TEXT NOT NULL,
	theme TEXT NOT NULL,
	created BIGINT NOT NULL,
	updated BIGINT NOT NULL,
	deleted_from TEXT NOT NULL
);
CREATE INDEX contacts_by_name ON contacts (state, name_key, id);
CREATE INDEX contacts_by_created ON contacts (state, created, id);
CREATE INDEX contacts_by_updated ON contacts (state, updated, id);
CREATE INDEX contacts_by_photo ON contacts (photo) WHERE photo <> '';
-- Who has which address: an address belongs to one contact, so that a sign-in
-- never has to guess. Deleted contacts give theirs free.
CREATE TABLE contact_emails (
	email_key TEXT PRIMARY KEY,
	contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE
);
CREATE INDEX contact_emails_contact ON contact_emails (contact_id);
CREATE TABLE tags (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	name_key TEXT NOT NULL UNIQUE,
	color TEXT NOT NULL,
	uses BIGINT NOT NULL
);
CREATE TABLE contact_tags (
	contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
	tag_id TEXT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
	PRIMARY KEY (contact_id, tag_id)
);
CREATE INDEX contact_tags_tag ON contact_tags (tag_id, contact_id);
CREATE TABLE notes (
	id TEXT PRIMARY KEY,
	contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
	text TEXT NOT NULL,
	author TEXT NOT NULL,
	created BIGINT NOT NULL,
	updated BIGINT NOT NULL,
	deleted BOOLEAN NOT NULL
);
CREATE INDEX notes_contact ON notes (contact_id, deleted, id);
CREATE TABLE contact_views (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	data TEXT NOT NULL
);
-- @search contacts
