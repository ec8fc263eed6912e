CREATE TABLE jobs (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	key TEXT NOT NULL,
	payload TEXT NOT NULL,
	priority BIGINT NOT NULL,
	run_at BIGINT NOT NULL,
	lease_until BIGINT NOT NULL,
	lease_owner TEXT NOT NULL,
	attempts BIGINT NOT NULL,
	last_error TEXT NOT NULL,
	dead BOOLEAN NOT NULL,
	created BIGINT NOT NULL,
	UNIQUE (kind, key)
);
CREATE INDEX jobs_due ON jobs (kind, dead, priority, run_at, id);
CREATE INDEX jobs_next ON jobs (kind, dead, lease_until, run_at);
