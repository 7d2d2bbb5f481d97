import type { Database } from 'better-sqlite3'
import type { TraceSpan } from '../../contract/studio.ts'
import type { SpanStore } from '../spans.ts'
import type { WriteQueue } from './write-queue.ts'

const FIELDS = 'span_id, parent_id, name, kind, node, checkpoint_ns, step, started_at, ended_at, error, model, input_tokens, output_tokens'
/** Spans that are kept, and those of them that keep what went in and came out. */
export const MOST_SPANS = 200_000
export const MOST_PAYLOADS = 20_000
/** So many rows between two looks at how many there are. */
const LOOK_EVERY = 500

export function createSpanStore(db: Database, { write }: WriteQueue, most = { spans: MOST_SPANS, payloads: MOST_PAYLOADS }): SpanStore {
  const insert = db.prepare<unknown[]>(`INSERT INTO spans (run_id, ${FIELDS}, payload) SELECT @run_id, ${FIELDS.replaceAll(/\w+/g, '@$&')}, @payload WHERE EXISTS (SELECT 1 FROM runs WHERE run_id = @run_id)`)
  const list = db.prepare<[string], TraceSpan>(`SELECT ${FIELDS} FROM spans WHERE run_id = ? ORDER BY seq`)
  const payload = db.prepare<[string, string], string | null>('SELECT payload FROM spans WHERE run_id = ? AND span_id = ?').pluck()
  const nodeTimes = db.prepare<[string, number], { node: string, ms: number }>(`SELECT s.node, s.ended_at - s.started_at AS ms FROM spans s JOIN runs r USING (run_id)
    WHERE s.kind = 'node' AND s.node IS NOT NULL AND r.graph_id = ? ORDER BY s.seq DESC LIMIT ?`)
  const newest = db.prepare<[], number | null>('SELECT max(seq) FROM spans').pluck()
  const forget = db.prepare<[number]>('DELETE FROM spans WHERE seq <= ?')
  const lighten = db.prepare<[number, number]>('UPDATE spans SET payload = NULL WHERE seq <= ? AND seq > ? AND payload IS NOT NULL')
  let added = 0
  let lightened = 0

  function keepBounds(): void {
    const last = newest.get() ?? 0
    forget.run(last - most.spans)
    lighten.run(last - most.payloads, lightened)
    lightened = Math.max(0, last - most.payloads)
  }

  return {
    add: (runId, spans) => write(() => {
      for (const span of spans) insert.run({ ...span, run_id: runId })
      added += spans.length
      if (added < Math.min(LOOK_EVERY, most.payloads)) return
      added = 0
      keepBounds()
    }),
    list: (runId) => list.all(runId),
    payload: (runId, spanId) => payload.get(runId, spanId) ?? null,
    nodeTimes: (graphId, limit) => nodeTimes.all(graphId, limit),
  }
}

