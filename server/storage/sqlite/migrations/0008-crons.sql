CREATE TABLE crons (
  cron_id          TEXT PRIMARY KEY,
  assistant_id     TEXT NOT NULL,
  -- Null: each due time makes a thread of its own.
  thread_id        TEXT REFERENCES threads ON DELETE CASCADE,
  schedule         TEXT NOT NULL,
  timezone         TEXT,
  end_time         TEXT,
  enabled          INTEGER NOT NULL,
  on_run_completed TEXT CHECK (on_run_completed IN ('delete', 'keep')),
  payload          TEXT NOT NULL,
  metadata         TEXT NOT NULL,
  -- Milliseconds since 1970; changed in the transaction that makes the run of that time. Null when no run will come.
  next_due         INTEGER,
  error            TEXT,
  -- Grows with every change by a client: a run is made of what the row says when it is made.
  revision         INTEGER NOT NULL,
  created_at       TEXT NOT NULL,
  updated_at       TEXT NOT NULL
) STRICT;
CREATE INDEX crons_by_due ON crons (next_due) WHERE next_due IS NOT NULL;
CREATE INDEX crons_by_thread ON crons (thread_id);
CREATE INDEX crons_by_creation ON crons (created_at);
