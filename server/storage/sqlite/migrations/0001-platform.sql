CREATE TABLE assistants (
  assistant_id TEXT PRIMARY KEY,
  graph_id     TEXT NOT NULL,
  version      INTEGER NOT NULL,
  name         TEXT NOT NULL,
  description  TEXT,
  config       TEXT NOT NULL,
  context      TEXT NOT NULL,
  metadata     TEXT NOT NULL,
  created_at   TEXT NOT NULL,
  updated_at   TEXT NOT NULL
) STRICT;
CREATE INDEX assistants_by_graph ON assistants (graph_id, created_at);

CREATE TABLE assistant_versions (
  assistant_id TEXT NOT NULL REFERENCES assistants ON DELETE CASCADE,
  version      INTEGER NOT NULL,
  graph_id     TEXT NOT NULL,
  name         TEXT NOT NULL,
  description  TEXT,
  config       TEXT NOT NULL,
  context      TEXT NOT NULL,
  metadata     TEXT NOT NULL,
  created_at   TEXT NOT NULL,
  PRIMARY KEY (assistant_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE threads (
  thread_id        TEXT PRIMARY KEY,
  title            TEXT,
  status           TEXT NOT NULL CHECK (status IN ('idle', 'busy', 'interrupted', 'error')),
  metadata         TEXT NOT NULL,
  config           TEXT NOT NULL,
  interrupts       TEXT NOT NULL,
  error            TEXT,
  -- Last sequence number of the thread's event log; never goes back, whatever retention removes.
  event_seq        INTEGER NOT NULL DEFAULT 0,
  created_at       TEXT NOT NULL,
  updated_at       TEXT NOT NULL,
  state_updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX threads_by_update ON threads (updated_at);
CREATE INDEX threads_by_creation ON threads (created_at);
CREATE INDEX threads_by_status ON threads (status, updated_at);
CREATE INDEX threads_by_graph ON threads (json_extract(metadata, '$.graph_id'), updated_at);

CREATE TABLE runs (
  seq                INTEGER PRIMARY KEY,
  run_id             TEXT NOT NULL UNIQUE,
  thread_id          TEXT NOT NULL REFERENCES threads ON DELETE CASCADE,
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
CREATE INDEX runs_pending ON runs (due_at, seq) WHERE status = 'pending';
CREATE INDEX runs_by_thread ON runs (thread_id, seq);
-- At most one live run per thread, whatever the code above believes.
CREATE UNIQUE INDEX runs_one_live ON runs (thread_id) WHERE status = 'running';

CREATE TABLE events (
  thread_id TEXT NOT NULL REFERENCES threads ON DELETE CASCADE,
  seq       INTEGER NOT NULL,
  run_id    TEXT NOT NULL,
  event     TEXT NOT NULL,
  data      BLOB NOT NULL,
  PRIMARY KEY (thread_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_run ON events (run_id, seq);

-- Parts of state values, each stored once by content (domain/encode-value.ts).
CREATE TABLE pieces (
  hash TEXT PRIMARY KEY,
  json BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
  thread_id            TEXT NOT NULL REFERENCES threads ON DELETE CASCADE,
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
  created_at           TEXT NOT NULL,
  PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id)
) STRICT;
CREATE INDEX checkpoints_by_run ON checkpoints (run_id) WHERE run_id IS NOT NULL;

CREATE TABLE checkpoint_writes (
  thread_id     TEXT NOT NULL REFERENCES threads ON DELETE CASCADE,
  checkpoint_ns TEXT NOT NULL,
  checkpoint_id TEXT NOT NULL,
  task_id       TEXT NOT NULL,
  idx           INTEGER NOT NULL,
  channel       TEXT NOT NULL,
  value         TEXT NOT NULL,
  run_id        TEXT,
  PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id, task_id, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
  -- JSON list of labels: a prefix of labels is a prefix of the text up to a comma or the bracket.
  namespace  TEXT NOT NULL,
  key        TEXT NOT NULL,
  value      TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (namespace, key)
) STRICT, WITHOUT ROWID;
