CREATE TABLE limit_counters (
	id TEXT PRIMARY KEY,
	started BIGINT NOT NULL,
	hits BIGINT NOT NULL,
	last_hit BIGINT NOT NULL,
	earlier_hits BIGINT NOT NULL,
	earlier_last BIGINT NOT NULL,
	expires BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX limit_counters_expires ON limit_counters (expires);
