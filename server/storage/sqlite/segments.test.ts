import type { Database } from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeValue } from '../../domain/encode-value.ts'
import { pieceRefs, withAllPieces } from '../../domain/piece-refs.ts'
import type { CheckpointRow, PieceMap, Storage } from '../storage.ts'
import { NOW, runRow as run, threadRow as thread } from '../testing/rows.ts'
import { checkDatabase } from './check-database.ts'
import { openDatabase } from './open-database.ts'
import { createStorageOn } from './sqlite-storage.ts'

/** What each thread has to show: values by checkpoint, and writes by checkpoint, task and index. */
interface Shown { values: Map<string, string>, writes: Map<string, string> }
const copyOf = (shown: Shown): Shown => ({ values: new Map(shown.values), writes: new Map(shown.writes) })

const TASKS = ['t1', 't2']
type Op =
  | { kind: 'put' | 'write' | 'mark', thread: number, at: number, size: number }
  | { kind: 'rollback', thread: number, at: number, size: number, copyMeanwhile: boolean }
  | { kind: 'copy' | 'delete' | 'clear' | 'prune', thread: number }
  | { kind: 'maintain', steps: number }

const number = fc.nat({ max: 1000 })
const ops = fc.array(fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('put' as const, 'put' as const, 'write' as const, 'mark' as const), thread: number, at: number, size: fc.integer({ min: 1, max: 45 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rollback' as const), thread: number, at: number, size: fc.integer({ min: 1, max: 45 }), copyMeanwhile: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('copy' as const, 'copy' as const, 'delete' as const, 'clear' as const, 'prune' as const), thread: number }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('maintain' as const), steps: fc.integer({ min: 1, max: 12 }) }) },
), { minLength: 10, maxLength: 60 })

/** Lists of these begin alike: their trees share pieces. */
const valueOf = (size: number) => Array.from({ length: size }, (_, i) => ({ text: `${i % 30} `.repeat(80), list: i % 7 === 0 ? Array.from({ length: 20 }, (_, j) => `${j}-`.repeat(100)) : [] }))

function createPlayer(storage: Storage) {
  const threads = new Map<string, Shown>()
  let ids = 0
  const nextId = () => String(++ids).padStart(6, '0')

  /** As a worker does: sends a piece only when it is told that it is missing, while the background work goes on. */
  async function send(text: string, pieces: PieceMap, write: (sent: PieceMap) => Promise<{ missing: string[] }>): Promise<string> {
    const sent = new Map<string, Uint8Array>()
    for (let round = 0; round < 20; round++) {
      const [{ missing }] = await Promise.all([write(new Map(sent)), storage.maintain(0)])
      if (missing.length === 0) return text
      for (const hash of missing) sent.set(hash, pieces.get(hash)!)
    }
    throw new Error('A piece stays missing.')
  }

  function encoded(size: number) {
    const pieces = new Map<string, Uint8Array>()
    return { text: encodeValue(valueOf(size), (hash, json) => pieces.set(hash, Buffer.from(json))), pieces }
  }

  async function put(threadId: string, size: number, run_id: string | null, at = -1): Promise<string> {
    const { text, pieces } = encoded(size)
    const parent = [...threads.get(threadId)!.values.keys()].at(at) ?? null
    const row: CheckpointRow = {
      thread_id: threadId, checkpoint_ns: '', checkpoint_id: nextId(), parent_checkpoint_id: parent, run_id, metadata: {}, body: {}, channels: { v: text },
      keys: null, overrides: null, root: null, next: null, tasks: null, created_at: NOW,
    }
    await send(text, pieces, (sent) => storage.checkpoints.put(row, sent))
    threads.get(threadId)!.values.set(row.checkpoint_id, text)
    return row.checkpoint_id
  }

  async function write(threadId: string, checkpoint_id: string, task_id: string, idx: number, size: number, run_id: string | null): Promise<void> {
    const { text, pieces } = encoded(size)
    await send(text, pieces, (sent) => storage.checkpoints.putWrites({ thread_id: threadId, checkpoint_ns: '', checkpoint_id }, [{ task_id, idx, channel: 'c', value: text, run_id }], sent))
    const shown = threads.get(threadId)!.writes
    const key = `${checkpoint_id} ${task_id} ${idx}`
    if (idx < 0 || !shown.has(key)) shown.set(key, text)
  }

  async function copy(from: string): Promise<void> {
    const id = `thread-${nextId()}`
    expect(await storage.threads.copy(from, thread(id))).toBe(true)
    threads.set(id, copyOf(threads.get(from)!))
  }

  async function rollback(threadId: string, op: { at: number, size: number, copyMeanwhile: boolean }): Promise<void> {
    const before = copyOf(threads.get(threadId)!)
    const runId = `run-${nextId()}`
    await storage.runs.create({ run: run(runId, threadId), newThread: null, onThread: (current) => current, decide: () => ({ kind: 'insert' }) })
    await storage.runs.claimNext(1, NOW, false, () => [])
    const head = await put(threadId, op.size, runId)
    await write(threadId, head, 't1', 0, op.size, runId)
    if (op.copyMeanwhile) await copy(threadId)
    await put(threadId, op.size + 1, runId)
    // On what was there before: a write that is new is taken back as well.
    const old = [...before.values.keys()][op.at % (before.values.size || 1)]
    if (old && !before.writes.has(`${old} late 5`)) await write(threadId, old, 'late', 5, 2, runId)
    // Whatever is remembered of this is wrong once it is taken back.
    expect(storage.threads.counts(threadId)).toEqual(countsOf(storage, threadId))
    await storage.runs.finish({ run_id: runId, status: 'interrupted', error: null, thread: (current) => ({ ...current, status: 'idle' }), events: [], rollback: true, deleteThread: false, now: NOW })
    threads.set(threadId, before)
  }

  const pick = (n: number) => [...threads.keys()][n % threads.size]!

  async function play(op: Op): Promise<void> {
    if (op.kind === 'maintain') {
      for (let i = 0; i < op.steps; i++) await storage.maintain(0)
      return
    }
    const id = pick(op.thread)
    const at = 'at' in op ? [...threads.get(id)!.values.keys()][op.at % (threads.get(id)!.values.size || 1)] : undefined
    // Mostly on what is newest; a small number is an older checkpoint, and now and then one that begins anew.
    if (op.kind === 'put') await put(id, op.size, null, op.at > 30 ? -1 : op.at)
    else if (op.kind === 'write' && at) await write(id, at, TASKS[op.size % 2]!, op.size % 3, op.size, null)
    else if (op.kind === 'mark' && at) await write(id, at, TASKS[op.size % 2]!, -1 - op.size % 2, op.size, null)
    else if (op.kind === 'copy') await copy(id)
    else if (op.kind === 'rollback') await rollback(id, op)
    else if (op.kind === 'clear') {
      await storage.checkpoints.deleteOfThread(id)
      threads.set(id, { values: new Map(), writes: new Map() })
    } else if (op.kind === 'prune') {
      const { values, writes } = threads.get(id)!
      const newest = [...values.keys()].sort().at(-1)
      expect(await storage.checkpoints.keepLatest(id)).toBe(newest !== undefined)
      if (newest) threads.set(id, { values: new Map([[newest, values.get(newest)!]]), writes: new Map([...writes].filter(([key]) => key.startsWith(`${newest} `))) })
    } else if (op.kind === 'delete' && threads.size > 1) {
      expect(await storage.threads.delete(id)).not.toBeNull()
      threads.delete(id)
    }
  }

  return {
    threads, play,
    begin: async () => {
      await storage.threads.insert(thread('first'))
      threads.set('first', { values: new Map(), writes: new Map() })
    },
  }
}

/** Reads all of a thread, every piece included. */
function shownBy(storage: Storage, threadId: string): { values: [string, string][], writes: [string, string][] } {
  const { checkpoints } = storage
  const rows = checkpoints.list(threadId, '', { before: null, limit: null, metadata: null })
  expect(checkpoints.get(threadId, '', null)?.checkpoint_id).toBe(rows[0]?.checkpoint_id)
  return {
    values: rows.map((row) => {
      withAllPieces(pieceRefs(row.channels['v']!), checkpoints.piece)
      expect(checkpoints.get(threadId, '', row.checkpoint_id)).toEqual(row)
      return [row.checkpoint_id, row.channels['v']!]
    }),
    writes: rows.flatMap((row) => checkpoints.writes(threadId, '', row.checkpoint_id).map((one): [string, string] => {
      withAllPieces(pieceRefs(one.value), checkpoints.piece)
      return [`${row.checkpoint_id} ${one.task_id} ${one.idx}`, one.value]
    })),
  }
}

function countsOf({ checkpoints }: Storage, threadId: string) {
  const parents = checkpoints.list(threadId, '', { before: null, limit: null, metadata: null }).map((row) => row.parent_checkpoint_id)
  return { checkpoints: parents.length, branches: parents.length - new Set(parents).size + 1 }
}

const sorted = (map: Map<string, string>) => [...map].sort(([a], [b]) => a < b ? -1 : 1)
const count = (db: Database, table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()

async function tidy(storage: Storage): Promise<void> {
  while (await storage.maintain(5));
}

test('whatever threads write, copy, roll back and delete while the background work goes on, each shows exactly its own, and nothing is left in the end', async () => {
  await fc.assert(fc.asyncProperty(ops, async (list) => {
    const db = openDatabase(':memory:')
    const storage = createStorageOn(db)
    const player = createPlayer(storage)
    await player.begin()
    for (const op of list) {
      await player.play(op)
      for (const id of player.threads.keys()) expect(storage.threads.counts(id)).toEqual(countsOf(storage, id))
    }
    const check = () => {
      expect(checkDatabase(db)).toEqual([])
      for (const [id, shown] of player.threads) {
        const seen = shownBy(storage, id)
        expect(seen.values).toEqual(sorted(shown.values).toReversed())
        expect(seen.writes.toSorted(([a], [b]) => a < b ? -1 : 1)).toEqual(sorted(shown.writes))
      }
    }
    check()
    await tidy(storage)
    check()
    for (const id of player.threads.keys()) await storage.threads.delete(id)
    await tidy(storage)
    expect(['threads', 'thread_segments', 'segments', 'checkpoints', 'checkpoint_writes', 'pieces', 'runs', 'chores'].map((table) => [table, count(db, table)]).filter(([, n]) => n !== 0)).toEqual([])
    await storage.close()
  }), { numRuns: 60 })
}, 120_000)

test('figures count each value once, and what a copy has from its source as shared', async () => {
  const storage = createStorageOn(openDatabase(':memory:'))
  const player = createPlayer(storage)
  await player.begin()
  for (const size of [20, 20, 21]) await player.play({ kind: 'put', thread: 0, at: 0, size })
  await player.play({ kind: 'write', thread: 0, at: 0, size: 3 })
  const figures = await storage.threads.storage('first')
  const pieces = new Map<string, string>()
  const texts = [20, 21, 3].map((size) => encodeValue(valueOf(size), (hash, json) => pieces.set(hash, json)))
  const bytes = [...texts, ...pieces.values()].reduce((sum, text) => sum + text.length, 0)
  expect(figures).toMatchObject({ checkpoints: { count: 3 }, channel_values: { count: 2, by_channel: { v: { versions: 2 } } }, pending_writes: { count: 1 }, shared_bytes: 0 })
  expect(figures.channel_values.bytes + figures.pending_writes.bytes).toBe(bytes)
  await player.play({ kind: 'copy', thread: 0 })
  const copied = [...player.threads.keys()].at(-1)!
  const total = figures.checkpoints.bytes + bytes
  expect(await storage.threads.storage(copied)).toEqual({ ...figures, shared_bytes: total })
  await storage.close()
})
