-- What happened inside runs: nodes, model calls, tools. They go with their run.
CREATE TABLE spans (
  seq           INTEGER PRIMARY KEY,
  run_id        TEXT NOT NULL,
  span_id       TEXT NOT NULL,
  parent_id     TEXT,
  name          TEXT NOT NULL,
  kind          TEXT NOT NULL,
  node          TEXT,
  checkpoint_ns TEXT NOT NULL,
  step          INTEGER,
  -- Milliseconds since 1970, with fractions.
  started_at    REAL NOT NULL,
  ended_at      REAL NOT NULL,
  error         TEXT,
  model         TEXT,
  input_tokens  INTEGER,
  output_tokens INTEGER,
  -- JSON text of what went in and came out; last, since it is long and lists don't read it.
  payload       TEXT
) STRICT;
CREATE INDEX spans_by_run ON spans (run_id, seq);
CREATE TRIGGER spans_go_with_their_run AFTER DELETE ON runs BEGIN
  DELETE FROM spans WHERE run_id = old.run_id;
END;
