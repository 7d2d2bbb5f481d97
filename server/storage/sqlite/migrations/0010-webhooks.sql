-- Whom to tell of a run's end; in a column of its own, so that ending a run that tells nobody reads nothing more.
ALTER TABLE runs ADD COLUMN webhook TEXT;
UPDATE runs SET webhook = json_extract(kwargs, '$.webhook') WHERE status IN ('pending', 'running');

-- Written in the transaction that ends the run. It outlives the run and its thread, so it refers to neither.
CREATE TABLE webhook_deliveries (
  seq         INTEGER PRIMARY KEY,
  delivery_id TEXT NOT NULL UNIQUE,
  run_id      TEXT NOT NULL,
  thread_id   TEXT NOT NULL,
  run_status  TEXT NOT NULL,
  url         TEXT NOT NULL,
  -- Of the URL: who gets many must not keep others waiting.
  origin      TEXT NOT NULL,
  status      TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
  -- Attempts since it was made, or asked for again.
  tries       INTEGER NOT NULL DEFAULT 0,
  -- Milliseconds since 1970; 0 is at once, whatever the clock says.
  due_at      INTEGER NOT NULL DEFAULT 0,
  -- JSON list, oldest first.
  attempts    TEXT NOT NULL DEFAULT '[]',
  created_at  TEXT NOT NULL,
  ended_at    TEXT,
  -- JSON text of what is sent; last, since it is long and lists don't read it.
  payload     TEXT NOT NULL
) STRICT;
CREATE INDEX webhooks_due ON webhook_deliveries (due_at, seq, origin, delivery_id) WHERE status = 'pending';
CREATE INDEX webhooks_ended ON webhook_deliveries (status, ended_at) WHERE status <> 'pending';
CREATE INDEX webhooks_by_thread ON webhook_deliveries (thread_id);
CREATE INDEX webhooks_by_run ON webhook_deliveries (run_id);
