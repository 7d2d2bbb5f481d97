import type { Database } from 'better-sqlite3'
import type { LoggedEvent } from '../../contract/run.ts'
import type { EventStore } from '../storage.ts'
import { createEventExpiry } from './expire-events.ts'
import type { WriteQueue } from './write-queue.ts'

export type AppendEvents = (threadId: string, runId: string, events: readonly { event: string, data: Uint8Array }[]) => LoggedEvent[]

/** Appends inside whatever transaction is open. */
export function prepareAppend(db: Database): AppendEvents {
  const advance = db.prepare<[number, string], { event_seq: number }>('UPDATE threads SET event_seq = event_seq + ? WHERE thread_id = ? RETURNING event_seq')
  const insert = db.prepare('INSERT INTO events (thread_id, seq, run_id, event, data) VALUES (?, ?, ?, ?, ?)')
  return (threadId, runId, events) => {
    const last = events.length ? advance.get(events.length, threadId)?.event_seq : undefined
    if (last === undefined) return []
    return events.map(({ event, data }, i) => {
      const seq = last - events.length + 1 + i
      insert.run(threadId, seq, runId, event, data)
      return { seq, run_id: runId, event, data }
    })
  }
}

export function createEventStore(db: Database, { write }: WriteQueue): EventStore {
  const append = prepareAppend(db)
  const ofRun = db.prepare<unknown[], LoggedEvent>(
    // Of a thread that is gone, whose rows may still be waiting to be removed, nothing is told.
    `SELECT seq, run_id, event, data FROM events WHERE run_id = @runId AND seq > @after
      AND EXISTS (SELECT 1 FROM threads WHERE thread_id = (SELECT thread_id FROM events WHERE run_id = @runId LIMIT 1)) ORDER BY seq LIMIT @limit`)
  const expire = createEventExpiry(db)
  return {
    append: (threadId, runId, events) => write(() => append(threadId, runId, events)),
    ofRun: (runId, after, limit) => ofRun.all({ runId, after, limit }),
    expire: async (endedBefore) => {
      let removed = 0
      for (let after: string | null = ''; after !== null;) {
        const place: string = after
        const step = await write(() => expire(endedBefore, place))
        removed += step.removed
        after = step.after
      }
      return removed
    },
  }
}
