-- Checkpoints and writes belong to segments that threads may share, so that a copy costs a few rows
-- (docs/adr/0015-checkpoints-in-shared-segments.md).
CREATE TABLE segments (
  -- Never used again: what still waits to be removed from an old one can't turn up in a new one.
  segment INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Grows when a copy is made; rows carry the epoch they were written in, and a copy sees those up to its own.
  epoch   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE thread_segments (
  thread_id TEXT NOT NULL,
  -- What a segment of higher rank says is newer.
  rank      INTEGER NOT NULL,
  segment   INTEGER NOT NULL,
  -- Last epoch the thread sees; null in its own segment, where it sees everything and writes.
  upto      INTEGER,
  PRIMARY KEY (thread_id, rank, segment)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_segments_by_segment ON thread_segments (segment, upto);

INSERT INTO segments (segment) SELECT t.rowid FROM threads t
  WHERE EXISTS (SELECT 1 FROM checkpoints c WHERE c.thread_id = t.thread_id) OR EXISTS (SELECT 1 FROM checkpoint_writes w WHERE w.thread_id = t.thread_id);
INSERT INTO thread_segments (thread_id, rank, segment, upto) SELECT t.thread_id, 0, t.rowid, NULL FROM threads t JOIN segments s ON s.segment = t.rowid;

-- What is left to do in the background, kept until it is done: rows of a deleted 'thread' by its id, rows that nobody
-- sees in a 'segment', 'pieces' that nothing may refer to any more.
CREATE TABLE chores (
  kind TEXT NOT NULL CHECK (kind IN ('thread', 'segment', 'pieces')),
  key  TEXT NOT NULL,
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

ALTER TABLE checkpoints RENAME TO old_checkpoints;
DROP INDEX checkpoints_by_run;
CREATE TABLE checkpoints (
  seq                  INTEGER PRIMARY KEY,
  segment              INTEGER NOT NULL,
  epoch                INTEGER NOT NULL,
  checkpoint_ns        TEXT NOT NULL,
  checkpoint_id        TEXT NOT NULL,
  parent_checkpoint_id TEXT,
  run_id               TEXT,
  metadata             TEXT NOT NULL,
  body                 TEXT NOT NULL,
  -- {channel: stored form}
  channels             TEXT NOT NULL,
  -- What readers need and only the graph's code can tell; null until the worker has described it.
  keys                 TEXT,
  overrides            TEXT,
  root                 TEXT,
  next                 TEXT,
  tasks                TEXT,
  created_at           TEXT NOT NULL
) STRICT;
INSERT INTO checkpoints (segment, epoch, checkpoint_ns, checkpoint_id, parent_checkpoint_id, run_id, metadata, body, channels, keys, overrides, root, next, tasks, created_at)
  SELECT s.segment, 0, checkpoint_ns, checkpoint_id, parent_checkpoint_id, run_id, metadata, body, channels, keys, overrides, root, next, tasks, created_at
  FROM old_checkpoints c JOIN thread_segments s ON s.thread_id = c.thread_id ORDER BY c.rowid;
DROP TABLE old_checkpoints;
CREATE UNIQUE INDEX checkpoints_by_place ON checkpoints (segment, checkpoint_ns, checkpoint_id, epoch);
CREATE INDEX checkpoints_by_run ON checkpoints (run_id) WHERE run_id IS NOT NULL;
-- Newest is what was put last: ids are made from a clock that may go back.
CREATE INDEX checkpoints_by_age ON checkpoints (segment, checkpoint_ns, seq);

ALTER TABLE checkpoint_writes RENAME TO old_writes;
CREATE TABLE checkpoint_writes (
  segment       INTEGER NOT NULL,
  checkpoint_ns TEXT NOT NULL,
  checkpoint_id TEXT NOT NULL,
  task_id       TEXT NOT NULL,
  idx           INTEGER NOT NULL,
  epoch         INTEGER NOT NULL,
  channel       TEXT NOT NULL,
  value         TEXT NOT NULL,
  run_id        TEXT,
  PRIMARY KEY (segment, checkpoint_ns, checkpoint_id, task_id, idx, epoch)
) STRICT, WITHOUT ROWID;
INSERT INTO checkpoint_writes (segment, checkpoint_ns, checkpoint_id, task_id, idx, epoch, channel, value, run_id)
  SELECT s.segment, checkpoint_ns, checkpoint_id, task_id, idx, 0, channel, value, run_id
  FROM old_writes w JOIN thread_segments s ON s.thread_id = w.thread_id ORDER BY 1, 2, 3, 4, 5;
DROP TABLE old_writes;

-- A piece's id is higher than the ids of all pieces it refers to: removing the highest first never leaves one with a part missing.
ALTER TABLE pieces RENAME TO old_pieces;
CREATE TABLE pieces (
  id       INTEGER PRIMARY KEY,
  hash     TEXT NOT NULL,
  -- Whether it refers to others: those that don't need not be read to know what is alive.
  has_refs INTEGER NOT NULL,
  json     BLOB NOT NULL
) STRICT;
INSERT INTO pieces (hash, has_refs, json)
  WITH RECURSIVE
    edges (parent, child) AS MATERIALIZED (
      SELECT DISTINCT p.hash, t.value FROM old_pieces p, json_tree(CAST(p.json AS TEXT)) t
      WHERE instr(CAST(p.json AS TEXT), '"$":"p"') AND t.key = 'h' AND t.type = 'text'),
    heights (hash, height) AS (
      SELECT hash, 0 FROM old_pieces
      UNION SELECT e.parent, height + 1 FROM heights h JOIN edges e ON e.child = h.hash)
  SELECT p.hash, instr(CAST(p.json AS TEXT), '"$":"p"') > 0, p.json
  FROM old_pieces p JOIN (SELECT hash, max(height) AS height FROM heights GROUP BY hash) h ON h.hash = p.hash ORDER BY h.height;
DROP TABLE old_pieces;
CREATE UNIQUE INDEX pieces_by_hash ON pieces (hash);

-- Runs and events of a deleted thread go in the background: no cascade.
ALTER TABLE runs RENAME TO old_runs;
DROP INDEX runs_pending;
DROP INDEX runs_by_thread;
DROP INDEX runs_one_live;
CREATE TABLE runs (
  seq                INTEGER PRIMARY KEY,
  run_id             TEXT NOT NULL UNIQUE,
  thread_id          TEXT NOT NULL,
  assistant_id       TEXT NOT NULL,
  graph_id           TEXT NOT NULL,
  status             TEXT NOT NULL CHECK (status IN ('pending', 'running', 'error', 'success', 'timeout', 'interrupted')),
  -- Asked to stop while a worker still has it: readers see `interrupted`, the thread stays taken until it has stopped.
  cancel             TEXT CHECK (cancel IN ('interrupt', 'rollback')),
  metadata           TEXT NOT NULL,
  kwargs             TEXT NOT NULL,
  multitask_strategy TEXT NOT NULL,
  temporary          INTEGER NOT NULL,
  attempt            INTEGER NOT NULL DEFAULT 0,
  -- Milliseconds since 1970; a delayed run is not claimed before.
  due_at             INTEGER NOT NULL,
  error              TEXT,
  created_at         TEXT NOT NULL,
  updated_at         TEXT NOT NULL,
  started_at         TEXT,
  ended_at           TEXT
) STRICT;
INSERT INTO runs SELECT * FROM old_runs;
DROP TABLE old_runs;
CREATE INDEX runs_pending ON runs (due_at, seq) WHERE status = 'pending';
CREATE INDEX runs_by_thread ON runs (thread_id, seq);
-- At most one live run per thread, whatever the code above believes.
CREATE UNIQUE INDEX runs_one_live ON runs (thread_id) WHERE status = 'running';

ALTER TABLE events RENAME TO old_events;
DROP INDEX events_by_run;
CREATE TABLE events (
  thread_id TEXT NOT NULL,
  seq       INTEGER NOT NULL,
  run_id    TEXT NOT NULL,
  event     TEXT NOT NULL,
  data      BLOB NOT NULL,
  PRIMARY KEY (thread_id, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO events SELECT * FROM old_events;
DROP TABLE old_events;
CREATE INDEX events_by_run ON events (run_id, seq);

INSERT INTO chores (kind, key) SELECT 'pieces', '' WHERE EXISTS (SELECT 1 FROM pieces);
