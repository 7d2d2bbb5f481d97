// What must hold of the file alone, whatever moment the server died at.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'

/** Rows of any of these are a violation. */
const ALWAYS = {
  'Threads with two running runs': `SELECT thread_id FROM runs WHERE status = 'running' GROUP BY thread_id HAVING count(*) > 1`,
  'Checkpoints whose parent is missing': `SELECT m.thread_id, c.checkpoint_id FROM thread_segments m JOIN checkpoints c ON c.segment = m.segment AND (m.upto IS NULL OR c.epoch <= m.upto)
    WHERE c.parent_checkpoint_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM thread_segments o JOIN checkpoints p ON p.segment = o.segment
      WHERE o.thread_id = m.thread_id AND p.checkpoint_ns = c.checkpoint_ns AND p.checkpoint_id = c.parent_checkpoint_id)`,
  'Rows of segments that nobody sees and nobody removes': `SELECT DISTINCT segment FROM checkpoints WHERE segment NOT IN (SELECT segment FROM thread_segments)
    AND CAST(segment AS TEXT) NOT IN (SELECT key FROM chores WHERE kind = 'segment')`,
  'Ended runs without an end': `SELECT run_id FROM runs WHERE status NOT IN ('pending', 'running') AND ended_at IS NULL`,
  'Runs tried more than three times': 'SELECT run_id, attempt FROM runs WHERE attempt > 3',
  'Events beyond the thread\'s last number': 'SELECT e.thread_id, e.last_seq FROM event_batches e JOIN runs r USING (run_id) JOIN threads t ON t.thread_id = e.thread_id WHERE e.last_seq > t.event_seq',
}
const SETTLED = {
  'Busy threads without a run': `SELECT thread_id FROM threads t WHERE status = 'busy' AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.thread_id = t.thread_id AND r.status IN ('pending', 'running'))`,
  'Runs that have not ended': `SELECT run_id, status FROM runs WHERE status IN ('pending', 'running')`,
}

/** Looks at a copy of a dead server's files: opening them would recover them before the next server does. */
export function checkDatabase(dataDir, ledger, { isSettled }) {
  const folder = mkdtempSync(join(tmpdir(), 'superstep-faults-db-'))
  try {
    const file = join(folder, 'superstep.db')
    for (const end of ['', '-wal']) if (existsSync(join(dataDir, `superstep.db${end}`))) copyFileSync(join(dataDir, `superstep.db${end}`), file + end)
    const db = new Database(file)
    const integrity = db.pragma('integrity_check')
    if (integrity[0].integrity_check !== 'ok') ledger.violate('The database is damaged', { integrity })
    const dangling = db.pragma('foreign_key_check')
    if (dangling.length) ledger.violate('Rows refer to rows that are gone', { dangling: dangling.slice(0, 5) })
    // A server killed in its first moments has made no tables yet.
    if (db.pragma('user_version', { simple: true }) > 0)
      for (const [what, sql] of Object.entries({ ...ALWAYS, ...isSettled ? SETTLED : {} })) {
        const rows = db.prepare(sql).all()
        if (rows.length) ledger.violate(what, { rows: rows.slice(0, 5) })
      }
    db.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
