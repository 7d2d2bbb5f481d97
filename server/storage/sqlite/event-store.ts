import type { Database } from 'better-sqlite3'
import { encodeBatch, joinBatches, type EventBatch, type NewEvent } from '../../domain/event-batch.ts'
import type { EventStore, LogPart } from '../storage.ts'
import type { WriteQueue } from './write-queue.ts'

/** Rows that one transaction of retention removes: others write in between. */
const EXPIRED_AT_A_TIME = 200

export type AppendEvents = (threadId: string, runId: string, events: readonly NewEvent[]) => EventBatch | null

/** Appends inside whatever transaction is open. */
export function prepareAppend(db: Database): AppendEvents {
  const advance = db.prepare<[number, string], { event_seq: number }>('UPDATE threads SET event_seq = event_seq + ? WHERE thread_id = ? RETURNING event_seq')
  const insert = db.prepare('INSERT INTO event_batches (thread_id, run_id, first_seq, last_seq, data) VALUES (?, ?, ?, ?, ?)')
  return (threadId, runId, events) => {
    const last = events.length ? advance.get(events.length, threadId)?.event_seq : undefined
    if (last === undefined) return null
    const batch = encodeBatch(last - events.length + 1, events)
    insert.run(threadId, runId, batch.first, batch.last, batch.bytes)
    return batch
  }
}

export function createEventStore(db: Database, { write }: WriteQueue): EventStore {
  const append = prepareAppend(db)
  const page = db.prepare<[string, string, number], EventBatch>(`SELECT first_seq AS first, last_seq AS last, data AS bytes
    FROM event_batches WHERE thread_id = ? AND run_id = ? AND last_seq > ? ORDER BY last_seq`)
  const last = db.prepare<[string, string], { last: number }>('SELECT coalesce(max(last_seq), 0) AS last FROM event_batches WHERE thread_id = ? AND run_id = ?')
  const first = db.prepare<[string, string], { first: number }>('SELECT first_seq AS first FROM event_batches WHERE thread_id = ? AND run_id = ? ORDER BY last_seq LIMIT 1')
  const markEnded = db.prepare('INSERT INTO ended_logs VALUES (@run_id, @thread_id, @now)')
  return {
    ...createPartReads(db),
    first: ({ thread_id, run_id }) => first.get(thread_id, run_id)?.first ?? 0,
    appendUpdate: ({ thread_id, run_id }, event, now) => write(() => {
      if (!append(thread_id, run_id, [event])) return false
      markEnded.run({ thread_id, run_id, now })
      return true
    }),
    append: (threadId, runId, take) => write(() => append(threadId, runId, take())),
    after: ({ thread_id, run_id }, seq, size) => {
      const batches: EventBatch[] = []
      let bytes = 0
      for (const batch of page.iterate(thread_id, run_id, seq)) {
        batches.push(batch)
        bytes += batch.bytes.byteLength
        if (bytes >= size) break
      }
      const [first, ...others] = batches
      return first ? joinBatches([first, ...others]) : null
    },
    last: ({ thread_id, run_id }) => last.get(thread_id, run_id)!.last,
    expire: createExpire(db, write),
  }
}

/** The condition is the index's own (0011), or it would not be used. */
const BEGINS = `(instr(substr(data, 1, 60), X'0A6576656E743A206D657461646174610A') > 0
  OR instr(substr(data, 1, 60), X'0A6576656E743A2073746174655F7570646174650A') > 0)`
const PART = `SELECT thread_id, run_id, first_seq AS first, iif(instr(substr(data, 1, 60), X'0A6576656E743A206D657461646174610A') > 0, 'run', 'update') AS kind
  FROM event_batches INDEXED BY event_batches_by_start WHERE thread_id = ? AND ${BEGINS}`

function createPartReads(db: Database): Pick<EventStore, 'partAfter' | 'partAt'> {
  const after = db.prepare<[string, number], LogPart>(`${PART} AND first_seq > ? ORDER BY first_seq LIMIT 1`)
  const at = db.prepare<[string, number], LogPart>(`${PART} AND first_seq <= ? ORDER BY first_seq DESC LIMIT 1`)
  return {
    partAfter: (threadId, seq) => after.get(threadId, seq) ?? null,
    partAt: (threadId, seq) => at.get(threadId, seq) ?? null,
  }
}

/** The newest rows of a log go first: who still reads it comes to an early end, never over a gap. */
function createExpire(db: Database, write: WriteQueue['write']): EventStore['expire'] {
  const oldest = db.prepare<[string], { run_id: string, thread_id: string }>('SELECT run_id, thread_id FROM ended_logs WHERE ended_at < ? ORDER BY ended_at LIMIT 1')
  const shorten = db.prepare(`DELETE FROM event_batches WHERE thread_id = @thread_id AND run_id = @run_id AND last_seq >= (
    SELECT min(last_seq) FROM (SELECT last_seq FROM event_batches WHERE thread_id = @thread_id AND run_id = @run_id ORDER BY last_seq DESC LIMIT @rows))`)
  const forget = db.prepare('DELETE FROM ended_logs WHERE run_id = ?')

  /** Null when nothing more has expired; a log without rows counts as one step. */
  const step = (endedBefore: string, rows: number): number | null => {
    const log = oldest.get(endedBefore)
    if (!log) return null
    const { changes } = shorten.run({ ...log, rows })
    if (changes < rows) forget.run(log.run_id)
    return changes
  }

  /** Whether there may be more. */
  const portion = (endedBefore: string): { removed: number, isDone: boolean } => {
    let removed = 0
    for (let steps = 0; steps + removed < EXPIRED_AT_A_TIME; steps++) {
      const changes = step(endedBefore, EXPIRED_AT_A_TIME - removed)
      if (changes === null) return { removed, isDone: true }
      removed += changes
    }
    return { removed, isDone: false }
  }

  return async (endedBefore) => {
    for (let total = 0; ;) {
      const { removed, isDone } = await write(() => portion(endedBefore))
      total += removed
      if (isDone) return total
    }
  }
}
