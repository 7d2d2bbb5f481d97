-- How long an item stays after it was last put or read.
ALTER TABLE items ADD COLUMN ttl_minutes REAL;
-- Milliseconds since 1970; null for ever. What is over is not seen by any reader, and removed some time later.
ALTER TABLE items ADD COLUMN expires_at INTEGER;
CREATE INDEX items_by_expiry ON items (expires_at) WHERE expires_at IS NOT NULL;
-- JSON: paths of the texts that it is found by, false for none; null for those of the configuration.
ALTER TABLE items ADD COLUMN index_paths TEXT;

-- What items are found by. Made from them again wherever it is missing or was made with something else.
CREATE TABLE item_vectors (
  namespace TEXT NOT NULL,
  key       TEXT NOT NULL,
  -- The configuration of the index, as text.
  made_with TEXT NOT NULL,
  -- Float32, little-endian, each vector one unit long, one after another; empty where there is no text.
  vectors   BLOB NOT NULL,
  UNIQUE (namespace, key),
  FOREIGN KEY (namespace, key) REFERENCES items (namespace, key) ON DELETE CASCADE
) STRICT;
