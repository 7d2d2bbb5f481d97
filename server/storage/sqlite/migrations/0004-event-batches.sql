-- The event log in batches: what one transaction logs of a run is one row, as the bytes that go over the wire.
CREATE TABLE event_batches (
  thread_id TEXT NOT NULL,
  run_id    TEXT NOT NULL,
  -- Sequence numbers of its first and last event.
  first_seq INTEGER NOT NULL,
  last_seq  INTEGER NOT NULL,
  data      BLOB NOT NULL,
  PRIMARY KEY (thread_id, run_id, last_seq)
) STRICT, WITHOUT ROWID;

INSERT INTO event_batches
  SELECT thread_id, run_id, seq, seq, CAST('id: ' || seq || char(10)
    || 'event: ' || replace(replace(event, char(10), ' '), char(13), ' ') || char(10)
    || 'data: ' || CAST(data AS TEXT) || char(10) || char(10) AS BLOB)
  FROM events ORDER BY thread_id, run_id, seq;
DROP TABLE events;

-- Runs whose log may go: what expires is found without reading the runs or the log. No foreign keys to the thread: the
-- log of a temporary run outlives its rows for as long as any other's, since a slow reader may not have all of it yet.
CREATE TABLE ended_logs (
  run_id    TEXT PRIMARY KEY,
  thread_id TEXT NOT NULL,
  -- When the run ended; empty when it was deleted, so that its log goes next.
  ended_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_logs_by_time ON ended_logs (ended_at);

INSERT INTO ended_logs
  SELECT DISTINCT run_id, thread_id, coalesce((SELECT ended_at FROM runs WHERE runs.run_id = event_batches.run_id), '')
  FROM event_batches WHERE run_id NOT IN (SELECT run_id FROM runs WHERE ended_at IS NULL);

CREATE TRIGGER log_of_ended_run AFTER UPDATE OF ended_at ON runs WHEN NEW.ended_at IS NOT NULL BEGIN
  INSERT INTO ended_logs VALUES (NEW.run_id, NEW.thread_id, NEW.ended_at) ON CONFLICT DO UPDATE SET ended_at = NEW.ended_at;
END;
CREATE TRIGGER log_of_deleted_run AFTER DELETE ON runs BEGIN
  INSERT INTO ended_logs VALUES (OLD.run_id, OLD.thread_id, '') ON CONFLICT DO UPDATE SET ended_at = '' WHERE NOT OLD.temporary;
END;
