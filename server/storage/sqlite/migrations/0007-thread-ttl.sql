-- How long a thread stays after it was last touched, and what becomes of it then.
ALTER TABLE threads ADD COLUMN ttl_minutes REAL;
ALTER TABLE threads ADD COLUMN ttl_strategy TEXT CHECK (ttl_strategy IN ('delete', 'keep_latest'));
-- Milliseconds since 1970, made with every write of the row; null while a run holds the thread, and where nothing is left to do.
ALTER TABLE threads ADD COLUMN expires_at INTEGER;
CREATE INDEX threads_by_expiry ON threads (expires_at) WHERE expires_at IS NOT NULL;
