-- One row: the name that the owner set up, or is setting up. name is '' for none.
-- told is the instant at which the owner was told that it is time for Update Domain.
CREATE TABLE domain_plan (
	one BIGINT PRIMARY KEY CHECK (one = 1),
	name TEXT NOT NULL,
	record TEXT NOT NULL CHECK (record IN ('address', 'alias')),
	alias TEXT NOT NULL,
	chosen BIGINT NOT NULL,
	told BIGINT NOT NULL
);
INSERT INTO domain_plan (one, name, record, alias, chosen, told) VALUES (1, '', 'address', '', 0, 0);

-- The names under which the portal answers besides its default address: the
-- canonical one, and those it had before, so that links in old mails go on working.
CREATE TABLE domain_names (
	name TEXT PRIMARY KEY,
	role TEXT NOT NULL CHECK (role IN ('active', 'former')),
	since BIGINT NOT NULL
);
CREATE UNIQUE INDEX domain_names_active ON domain_names (role) WHERE role = 'active';

-- The newest check of a name, for the screen and the health page. settled is when
-- the caches of the world have forgotten what stood there before, kept for how
-- many milliseconds they may have kept it.
CREATE TABLE domain_checks (
	name TEXT PRIMARY KEY,
	at BIGINT NOT NULL,
	ready BOOLEAN NOT NULL,
	settled BIGINT NOT NULL,
	kept BIGINT NOT NULL,
	findings TEXT NOT NULL,
	lookups TEXT NOT NULL,
	host TEXT NOT NULL,
	apex TEXT NOT NULL
);

-- Every press of Update Domain, with how far its steps have come.
CREATE TABLE domain_updates (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('running', 'waiting', 'done', 'failed', 'cancelled')),
	steps TEXT NOT NULL,
	turn BIGINT NOT NULL,
	started BIGINT NOT NULL,
	ended BIGINT NOT NULL
);
CREATE INDEX domain_updates_started ON domain_updates (started);
CREATE UNIQUE INDEX domain_updates_open ON domain_updates (name) WHERE ended = 0;

-- What the owner was told without having asked: alarms, and that it is time.
CREATE TABLE domain_notices (
	id TEXT PRIMARY KEY,
	at BIGINT NOT NULL,
	level TEXT NOT NULL CHECK (level IN ('info', 'warning', 'error')),
	code TEXT NOT NULL,
	about TEXT NOT NULL,
	params TEXT NOT NULL
);
CREATE UNIQUE INDEX domain_notices_once ON domain_notices (code, about);

-- Forwards in the router, so that those of a program that died are still removed.
CREATE TABLE domain_mappings (
	gateway TEXT NOT NULL,
	method TEXT NOT NULL,
	external BIGINT NOT NULL,
	mapping TEXT NOT NULL,
	PRIMARY KEY (gateway, method, external)
);
