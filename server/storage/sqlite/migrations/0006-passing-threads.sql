-- Threads of stateless runs come and go: nobody searches for them, so they are in no index of what is searched.
ALTER TABLE threads ADD COLUMN temporary INTEGER NOT NULL DEFAULT 0;
DROP INDEX threads_by_update;
DROP INDEX threads_by_creation;
DROP INDEX threads_by_status;
DROP INDEX threads_by_state_update;
CREATE INDEX threads_by_update ON threads (updated_at) WHERE temporary = 0;
CREATE INDEX threads_by_creation ON threads (created_at) WHERE temporary = 0;
CREATE INDEX threads_by_status ON threads (status) WHERE temporary = 0;
CREATE INDEX threads_by_state_update ON threads (state_updated_at) WHERE temporary = 0;

-- Who waits for a later time is the head of its line or behind it, and the heads are indexed already.
DROP INDEX runs_pending;
-- What is left of a stateless run's log expires with the run's end, which is known by the time the run is deleted.
DROP TRIGGER log_of_deleted_run;
CREATE TRIGGER log_of_deleted_run AFTER DELETE ON runs WHEN NOT OLD.temporary OR OLD.ended_at IS NULL BEGIN
  INSERT INTO ended_logs VALUES (OLD.run_id, OLD.thread_id, '') ON CONFLICT DO UPDATE SET ended_at = '' WHERE NOT OLD.temporary;
END;
