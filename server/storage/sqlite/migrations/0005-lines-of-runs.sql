-- Of the runs that wait on one thread only the first is offered to workers; the others are `parked` behind it, so that
-- a claim never walks a long line. A parked run has a pending run before it or a live one on its thread.
ALTER TABLE runs ADD COLUMN parked INTEGER NOT NULL DEFAULT 0;
-- Its worker died, and it may have been the reason: from then on it shares no worker.
ALTER TABLE runs ADD COLUMN alone INTEGER NOT NULL DEFAULT 0;

UPDATE runs SET parked = 1 WHERE status = 'pending' AND EXISTS (
  SELECT 1 FROM runs other WHERE other.thread_id = runs.thread_id AND (other.status = 'running'
    OR other.status = 'pending' AND (other.due_at, other.seq) < (runs.due_at, runs.seq)));

DROP INDEX runs_pending;
CREATE INDEX runs_offered ON runs (alone, due_at, seq) WHERE status = 'pending' AND parked = 0;
CREATE INDEX runs_pending ON runs (due_at) WHERE status = 'pending';
CREATE INDEX runs_in_line ON runs (thread_id, due_at, seq) WHERE status = 'pending';

CREATE TRIGGER run_joins_its_line AFTER INSERT ON runs
WHEN new.status = 'pending' AND (
  EXISTS (SELECT 1 FROM runs WHERE thread_id = new.thread_id AND status = 'running')
  OR EXISTS (SELECT 1 FROM runs WHERE thread_id = new.thread_id AND status = 'pending' AND due_at <= new.due_at AND seq <> new.seq))
BEGIN
  UPDATE runs SET parked = 1 WHERE seq = new.seq;
END;

-- Whoever leaves the head of a line, or the thread, lets the next one be offered.
CREATE TRIGGER run_leaves_its_line AFTER UPDATE OF status ON runs
WHEN old.status = 'running' OR old.status = 'pending' AND new.status <> 'running' AND old.parked = 0
BEGIN
  UPDATE runs SET parked = 0 WHERE seq = (SELECT seq FROM runs WHERE thread_id = new.thread_id AND status = 'pending' ORDER BY due_at, seq LIMIT 1);
END;

CREATE TRIGGER run_is_gone AFTER DELETE ON runs
WHEN old.status = 'running' OR old.status = 'pending' AND old.parked = 0
BEGIN
  UPDATE runs SET parked = 0 WHERE seq = (SELECT seq FROM runs WHERE thread_id = old.thread_id AND status = 'pending' ORDER BY due_at, seq LIMIT 1);
END;
