import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import type { SpanRow } from '../spans.ts'
import { createSpanStore } from './span-store.ts'
import type { WriteQueue } from './write-queue.ts'

const span = (n: number): SpanRow => ({ span_id: `s${n}`, parent_id: null, name: 'a', kind: 'node', node: 'a', checkpoint_ns: '', step: 1, started_at: n, ended_at: n + 2, error: null, model: null, input_tokens: null, output_tokens: null, payload: `"${n}"` })

test('the oldest lose what went in and out first, and then go; spans of runs that are gone are dropped', async () => {
  const db = new Database(':memory:')
  db.exec(`CREATE TABLE runs (run_id TEXT PRIMARY KEY, graph_id TEXT); INSERT INTO runs VALUES ('r', 'g');
    CREATE TABLE spans (seq INTEGER PRIMARY KEY, run_id TEXT, span_id TEXT, parent_id TEXT, name TEXT, kind TEXT, node TEXT, checkpoint_ns TEXT, step INTEGER, started_at REAL, ended_at REAL, error TEXT, model TEXT, input_tokens INTEGER, output_tokens INTEGER, payload TEXT)`)
  const queue = { write: async <T>(work: () => T) => work() } as unknown as WriteQueue
  const store = createSpanStore(db, queue, { spans: 30, payloads: 10 })
  await store.add('gone', [span(0)])
  for (let n = 1; n <= 99; n++) await store.add('r', [span(n)])
  const kept = store.list('r')
  expect([kept.length, kept.at(-1)!.span_id, kept[0]]).toEqual([30, 's99', expect.not.objectContaining({ payload: expect.anything() as unknown })])
  expect(kept.map(({ span_id }) => store.payload('r', span_id)).filter((payload) => payload !== null)).toHaveLength(10)
  expect(store.payload('r', 's99')).toBe('"99"')
  expect(store.nodeTimes('g', 5)).toEqual(Array.from({ length: 5 }, () => ({ node: 'a', ms: 2 })))
  db.close()
})
