-- What threads are searched by, kept by triggers of the connection (thread-index.ts). `thread` is the rowid of `threads`.
CREATE TABLE thread_labels (
  -- Hash of one fact of the metadata (domain/metadata-labels.ts).
  label  INTEGER NOT NULL,
  thread INTEGER NOT NULL,
  PRIMARY KEY (label, thread)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE thread_titles USING fts5(title, tokenize = 'trigram');
-- The schema version of the file when both were last made from the threads; no row: never.
CREATE TABLE thread_index (schema INTEGER NOT NULL) STRICT;

-- Labels answer what this one did, and need no work when a run only changes a thread's times.
DROP INDEX threads_by_graph;
DROP INDEX threads_by_status;
CREATE INDEX threads_by_status ON threads (status);
CREATE INDEX threads_by_state_update ON threads (state_updated_at);
