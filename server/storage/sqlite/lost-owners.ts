import { randomUUID } from 'node:crypto'
import type { Database as Connection } from 'better-sqlite3'
import { EVERYTHING } from './segments.ts'

export interface LostOwners {
  /** Threads that segments or runs are of, and that have no row. */
  readonly threads: readonly string[]
  /** Segments that rows are in, and that have no row. */
  readonly segments: readonly number[]
  /** Segments with rows that no thread sees, and that nobody is to remove. */
  readonly unseen: readonly number[]
}

const THREADS = `SELECT thread_id FROM (SELECT thread_id FROM thread_segments UNION SELECT thread_id FROM runs)
  WHERE thread_id NOT IN (SELECT thread_id FROM threads) AND thread_id NOT IN (SELECT key FROM chores WHERE kind = 'thread')`

const SEGMENTS = `SELECT segment FROM thread_segments UNION SELECT segment FROM checkpoints UNION SELECT segment FROM checkpoint_writes
  EXCEPT SELECT segment FROM segments`

const UNSEEN = `SELECT DISTINCT segment FROM (SELECT segment, max(epoch) AS epoch FROM checkpoints GROUP BY segment
    UNION ALL SELECT segment, max(epoch) FROM checkpoint_writes GROUP BY segment) r
  WHERE epoch > (SELECT coalesce(max(coalesce(upto, ${EVERYTHING})), -1) FROM thread_segments m WHERE m.segment = r.segment)
    AND CAST(segment AS TEXT) NOT IN (SELECT key FROM chores WHERE kind = 'segment')`

/** Whose rows are there without themselves. What is being removed in the background is none of it. */
export const lostOwners = (db: Connection): LostOwners => ({
  threads: db.prepare<[], string>(THREADS).pluck().all(),
  segments: db.prepare<[], number>(SEGMENTS).pluck().all(),
  unseen: db.prepare<[], number>(UNSEEN).pluck().all(),
})

// Rows of a segment are never of a later epoch than it, and copies see only earlier ones. Numbers that were used are not given again.
const REMAKE_SEGMENTS = `INSERT INTO segments (segment, epoch) SELECT segment, max(epoch) FROM (
    SELECT segment, coalesce(upto + 1, 0) AS epoch FROM thread_segments
    UNION ALL SELECT segment, epoch FROM checkpoints UNION ALL SELECT segment, epoch FROM checkpoint_writes
    UNION ALL SELECT CAST(key AS INTEGER), 0 FROM chores WHERE kind = 'segment')
  WHERE segment NOT IN (SELECT segment FROM segments) GROUP BY segment`

const NOBODYS = 'SELECT segment FROM segments WHERE segment NOT IN (SELECT segment FROM thread_segments)'

/** Whose runs wrote the newest of it; not a thread that has a segment of its own, or is being removed. */
const WRITER = `SELECT thread_id FROM checkpoints c JOIN runs USING (run_id) WHERE c.segment = ?
  AND thread_id NOT IN (SELECT thread_id FROM thread_segments WHERE upto IS NULL) AND thread_id NOT IN (SELECT key FROM chores WHERE kind = 'thread')
  ORDER BY c.seq DESC LIMIT 1`

const OWN = `INSERT INTO thread_segments (thread_id, rank, segment, upto)
  SELECT @id, coalesce((SELECT max(rank) FROM thread_segments WHERE thread_id = @id), -1) + 1, @segment, NULL`

const times = (aggregate: 'min' | 'max') => `coalesce((SELECT ${aggregate}(created_at) FROM checkpoints WHERE segment IN (SELECT segment FROM thread_segments WHERE thread_id = @id)),
  (SELECT ${aggregate}(created_at) FROM runs WHERE thread_id = @id), strftime('%Y-%m-%dT%H:%M:%fZ'))`

const REMAKE_THREAD = `INSERT INTO threads (thread_id, title, status, metadata, config, interrupts, error, event_seq, created_at, updated_at, state_updated_at)
  SELECT @id, 'Recovered', iif(EXISTS (SELECT 1 FROM runs WHERE thread_id = @id AND status IN ('pending', 'running')), 'busy', 'idle'),
    coalesce((SELECT json_object('graph_id', graph_id, 'assistant_id', assistant_id) FROM runs WHERE thread_id = @id ORDER BY seq DESC LIMIT 1), '{}'),
    '{}', '{}', NULL, coalesce((SELECT max(last_seq) FROM event_batches WHERE thread_id = @id), 0), ${times('min')}, ${times('max')}, ${times('max')}`

/**
 * Gives rows an owner again: what no thread sees goes to the thread whose runs wrote it, or to a new one; a thread whose
 * row was lost gets a plain one. Returns how many threads were made.
 */
export function mendOwners(db: Connection): number {
  db.prepare(REMAKE_SEGMENTS).run()
  const writer = db.prepare<[number], string>(WRITER).pluck()
  const hasCheckpoint = db.prepare<[number], 1>('SELECT 1 FROM checkpoints WHERE segment = ? LIMIT 1').pluck()
  const own = db.prepare(OWN)
  const discard = db.prepare(`INSERT INTO chores (kind, key) VALUES ('segment', ?) ON CONFLICT DO NOTHING`)
  for (const segment of lostOwners(db).unseen)
    if (hasCheckpoint.get(segment)) own.run({ id: writer.get(segment) ?? randomUUID(), segment })
    else discard.run(String(segment))
  for (const segment of db.prepare<[], number>(NOBODYS).pluck().all()) discard.run(String(segment))
  const { threads } = lostOwners(db)
  const remake = db.prepare(REMAKE_THREAD)
  for (const id of threads) remake.run({ id })
  return threads.length
}
