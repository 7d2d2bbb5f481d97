import type { Database } from 'better-sqlite3'
import type { Chores } from './chores.ts'
import type { Segments } from './segments.ts'
import type { WriteQueue } from './write-queue.ts'

/** Checkpoints removed, and writes looked at, in one write. */
const CHECKPOINTS = 100
const WRITES = 500

interface CheckpointAt { seq: number, segment: number, epoch: number }
interface WriteAt { checkpoint_ns: string, checkpoint_id: string, task_id: string, idx: number, epoch: number }
type Shared = { segment: number, upto: number } | null

/**
 * Takes back what a run wrote, in bounded writes, while it still holds its thread. Copies that were made meanwhile keep
 * what they see: those rows move to a segment that only they have.
 */
export function createRunEraser(db: Database, { write }: WriteQueue, segments: Segments, chores: Chores): (threadId: string, runId: string) => Promise<void> {
  const ofRun = db.prepare<[string], CheckpointAt>(`SELECT seq, segment, epoch FROM checkpoints WHERE run_id = ? ORDER BY seq DESC LIMIT ${CHECKPOINTS}`)
  const moveCheckpoint = db.prepare('UPDATE checkpoints SET segment = ?, run_id = NULL WHERE seq = ?')
  const removeCheckpoint = db.prepare('DELETE FROM checkpoints WHERE seq = ?')
  const KEY = 'checkpoint_ns, checkpoint_id, task_id, idx, epoch'
  const VALUES = '@checkpoint_ns, @checkpoint_id, @task_id, @idx, @epoch'
  const someWrites = db.prepare<unknown[], WriteAt & { run_id: string | null }>(
    `SELECT ${KEY}, run_id FROM checkpoint_writes WHERE segment = @segment AND (${KEY}) > (${VALUES}) ORDER BY ${KEY} LIMIT ${WRITES}`)
  const moveWrite = db.prepare(`UPDATE checkpoint_writes SET segment = @to, run_id = NULL WHERE segment = @segment AND (${KEY}) = (${VALUES})`)
  const removeWrite = db.prepare(`DELETE FROM checkpoint_writes WHERE segment = @segment AND (${KEY}) = (${VALUES})`)

  const ownSegment = (threadId: string) => segments.hasOwn(threadId) ? segments.ownOf(threadId).segment : null

  /** Newest first, so that what stays is always a whole history. */
  function eraseCheckpoints(runId: string, own: number, shared: Shared): boolean {
    const rows = ofRun.all(runId)
    for (const row of rows) {
      // In another segment than its thread's it is what a thread left behind that lost its checkpoints: trimmed, or a copy's.
      if (row.segment !== own) moveCheckpoint.run(row.segment, row.seq)
      else if (shared && row.epoch <= shared.upto) moveCheckpoint.run(shared.segment, row.seq)
      else removeCheckpoint.run(row.seq)
    }
    return rows.length < CHECKPOINTS
  }

  function eraseWrites(runId: string, segment: number, shared: Shared, after: WriteAt): WriteAt | null {
    const rows = someWrites.all({ ...after, segment })
    for (const row of rows) {
      if (row.run_id !== runId) continue
      if (shared && row.epoch <= shared.upto) moveWrite.run({ ...row, segment, to: shared.segment })
      else removeWrite.run({ ...row, segment })
    }
    return rows.length < WRITES ? null : rows.at(-1)!
  }

  /** Between two writes a copy may be made, which keeps what is left by then, or removed, and then nobody sees what it did. */
  function sharedNow(own: number, before: Shared): Shared {
    const upto = segments.sharedUpTo(own)
    if (upto === null) return null
    return before && before.upto >= upto ? { ...before, upto } : segments.extend(own)
  }

  return async (threadId, runId) => {
    const own = ownSegment(threadId)
    if (own === null) return
    let shared: Shared = null
    for (let isDone = false; !isDone;)
      [shared, isDone] = await write(() => {
        const now = sharedNow(own, shared)
        segments.forget(threadId)
        return [now, eraseCheckpoints(runId, own, now)] as const
      })
    for (let after: WriteAt | null = { checkpoint_ns: '', checkpoint_id: '', task_id: '', idx: Number.MIN_SAFE_INTEGER, epoch: -1 }; after;) {
      const from: WriteAt = after;
      [shared, after] = await write(() => {
        const now = sharedNow(own, shared)
        return [now, eraseWrites(runId, own, now, from)] as const
      })
    }
    await write(() => chores.add('pieces', ''))
  }
}
