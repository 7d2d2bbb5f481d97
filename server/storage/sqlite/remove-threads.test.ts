import type { Database } from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeValue } from '../../domain/encode-value.ts'
import { jsonView } from '../../domain/json-view.ts'
import { pieceRefs, withAllPieces } from '../../domain/piece-refs.ts'
import type { CheckpointRow, RunRow, Storage } from '../storage.ts'
import { NOW, runRow as run, threadRow as thread } from '../testing/rows.ts'
import { openDatabase } from './open-database.ts'
import { createStorageOn } from './sqlite-storage.ts'

let db: Database
let storage: Storage
beforeEach(() => {
  db = openDatabase(':memory:')
  storage = createStorageOn(db)
})
afterEach(() => storage.close())

const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number
const createRun = (row: RunRow) => storage.runs.create({ run: row, newThread: thread(row.thread_id), onThread: (current) => current, decide: () => ({ kind: 'insert' }) })
const event = { event: 'values', data: Buffer.from('{}') }
const RUNS = 1000

/** With many runs that have ended. */
async function longThread(id: string): Promise<void> {
  await createRun(run(`run of ${id}`, id))
  await storage.runs.claimNext(1, NOW, false, () => [])
  await storage.events.append(id, `run of ${id}`, () => [event, event])
  await storage.runs.finish({ run_id: `run of ${id}`, status: 'success', error: null, thread: (current) => current, events: [], rollback: false, deleteThread: false, now: NOW })
  const columns = 'thread_id, assistant_id, graph_id, status, metadata, kwargs, multitask_strategy, temporary, due_at, created_at, updated_at, ended_at'
  db.prepare(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${RUNS}) INSERT INTO runs (run_id, ${columns}) SELECT 'old ' || i, ${columns} FROM n, runs WHERE run_id = ?`).run(`run of ${id}`)
}

async function put(threadId: string, checkpoint_id: string, value: unknown): Promise<CheckpointRow> {
  const pieces = new Map<string, Uint8Array>()
  const text = encodeValue(value, (hash, json) => pieces.set(hash, Buffer.from(json)))
  const row: CheckpointRow = {
    thread_id: threadId, checkpoint_ns: '', checkpoint_id, parent_checkpoint_id: null, run_id: null, metadata: {}, body: {}, channels: { v: text },
    keys: null, overrides: null, root: null, next: null, tasks: null, created_at: NOW,
  }
  await storage.checkpoints.put(row, pieces)
  return row
}

describe('a long thread that is deleted', () => {
  test('can be seen nowhere, before its rows are gone', async () => {
    await longThread('t')
    expect(await storage.threads.delete('t')).toEqual({ activeRunIds: [] })
    expect(count('runs')).toBeGreaterThan(RUNS / 2)
    expect(storage.runs.get(`old ${RUNS}`)).toBeNull()
    while (await storage.maintain(0));
    expect([count('runs'), count('chores')]).toEqual([0, 0])
    expect(await storage.events.expire(NOW)).toBe(1)
    expect([count('event_batches'), count('ended_logs')]).toEqual([0, 0])
  })

  test('leaves nothing to a new one of its id, which waits until it is gone', async () => {
    await longThread('t')
    await storage.threads.delete('t')
    const [inserted] = await Promise.all([storage.threads.insert(thread('t')), createRun(run('new', 't'))])
    expect(inserted).toBe(true)
    expect(storage.runs.list('t', { status: null, newestFirst: true }, null).map((row) => row.run_id)).toEqual(['new'])
    expect(await storage.events.append('t', 'new', () => [event])).toMatchObject({ first: 1, last: 1 })
  })

  test('no longer takes what a worker still sends', async () => {
    await put('t', '1', 'x').catch(() => {})
    await storage.threads.insert(thread('t'))
    await put('t', '1', 'x')
    await storage.threads.delete('t')
    await expect(put('t', '2', 'x')).rejects.toMatchObject({ code: 'thread_not_found' })
    expect(storage.checkpoints.list('t', '', { before: null, limit: null, metadata: null })).toEqual([])
  })
})

test('the background work can be cut off anywhere: what is there is whole, and the next server goes on', async () => {
  const notes = (n: number) => Array.from({ length: n }, (_, i) => `${i} `.repeat(200))
  for (const id of ['stays', 'goes']) await storage.threads.insert(thread(id))
  const kept = await put('stays', '1', notes(200))
  await put('goes', '1', [notes(230), notes(150).map((text) => `only here ${text}`)])
  await storage.threads.delete('goes')
  const isWhole = () => db.prepare<[], { json: Uint8Array }>('SELECT json FROM pieces').all().every(({ json }) => withAllPieces(pieceRefs(Buffer.from(json).toString()), storage.checkpoints.piece))
  const before = count('pieces')
  let left = before
  let restarts = 0
  for (let more = true; more;) {
    more = await storage.maintain(0)
    expect(isWhole()).toBe(true)
    if (count('pieces') === left) continue
    left = count('pieces')
    restarts++
    // Another server on the same file: it knows nothing of marks and places.
    storage = createStorageOn(db)
    more = true
  }
  expect(restarts).toBeGreaterThan(1)
  expect(count('pieces')).toBeLessThan(before)
  expect(JSON.stringify(jsonView(kept.channels['v']!, storage.checkpoints.piece))).toContain('199 199')
  expect(count('chores')).toBe(0)
})
