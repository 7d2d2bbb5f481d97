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
