-- One row: how the business looks. Pictures are ids of blobs, '' for none.
CREATE TABLE brand (
	one BIGINT PRIMARY KEY CHECK (one = 1),
	version BIGINT NOT NULL,
	name TEXT NOT NULL,
	description TEXT NOT NULL,
	accent TEXT NOT NULL,
	accent_2 TEXT NOT NULL,
	support_email TEXT NOT NULL,
	copyright TEXT NOT NULL,
	logo TEXT NOT NULL,
	icon TEXT NOT NULL,
	cover TEXT NOT NULL,
	updated BIGINT NOT NULL
);
INSERT INTO brand (one, version, name, description, accent, accent_2, support_email, copyright, logo, icon, cover, updated)
VALUES (1, 1, '', '', '#0f766e', '', '', '', '', '', '', 0);
