-- What certmagic keeps: accounts, keys, certificates, challenges. Sealed; size is
-- that of the plain value.
CREATE TABLE certs_value (
	key TEXT PRIMARY KEY,
	value BLOB NOT NULL,
	size BIGINT NOT NULL,
	modified BIGINT NOT NULL
);

-- Who works on what, until when unless he says again that he is alive.
CREATE TABLE certs_lock (
	name TEXT PRIMARY KEY,
	owner TEXT NOT NULL,
	expires BIGINT NOT NULL
);

-- What is known about a name, as JSON.
CREATE TABLE certs_name (
	name TEXT PRIMARY KEY,
	memo TEXT NOT NULL
);

-- Attempts, written down before they begin: the limiter counts them. hold is the
-- time before which the authority wants to hear nothing.
CREATE TABLE certs_attempt (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	directory TEXT NOT NULL,
	challenge TEXT NOT NULL,
	began BIGINT NOT NULL,
	ended BIGINT NOT NULL,
	outcome TEXT NOT NULL,
	ordered BOOLEAN NOT NULL,
	failed BOOLEAN NOT NULL,
	hold BIGINT NOT NULL
);
CREATE INDEX certs_attempt_recent ON certs_attempt (name, directory, began);
CREATE INDEX certs_attempt_hold ON certs_attempt (directory, hold);

CREATE TABLE certs_history (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	entry TEXT NOT NULL
);
CREATE INDEX certs_history_name ON certs_history (name, id);
