import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { encodeBatch, eventsIn, pickEvents, type EventBatch, type NewEvent } from '../domain/event-batch.ts'
import { createSqliteStorage } from '../storage/sqlite/sqlite-storage.ts'
import type { LogKey, Storage } from '../storage/storage.ts'
import { NOW, runRow, threadRow } from '../storage/testing/rows.ts'
import { createEventLog, type EventLog } from './event-log.ts'

const insertThread = (storage: Storage, thread_id = 't') => storage.threads.insert(threadRow(thread_id))
const pendingRun = (run_id: string) => runRow(run_id, 't')
const keyOf = (run_id: string): LogKey => ({ thread_id: 't', run_id })
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')
const sized = (size: number): NewEvent => ({ event: `custom|${size}`, data: Buffer.from(JSON.stringify('x'.repeat(size))) })
const never = () => new AbortController().signal

/** A client: what it has, over all its connections. */
interface Client { text: string, last: number }

/** One connection; leaves in the midst of batch number `stop`, as a broken one does. Tells whether the stream came to its end. */
async function connect(client: Client, { log, key, stop, signal }: { log: EventLog, key: LogKey, stop: number, signal: AbortSignal }): Promise<boolean> {
  let batches = 0
  for await (const batch of log.read(key, client.last, signal)) {
    const leaves = ++batches === stop
    const upTo = leaves ? middleOf(batch) : batch.last
    client.text += text(pickEvents(batch, (_event, seq) => seq <= upTo))
    client.last = upTo
    if (leaves) return false
    // Slower than the writer, so that it falls behind what is kept in memory.
    await turn()
  }
  return !signal.aborted
}

function middleOf(batch: EventBatch): number {
  const seqs = [...eventsIn(batch)].map(({ seq }) => seq)
  return seqs[Math.floor(seqs.length / 2)]!
}

async function follow(client: Client, { stops, ...connection }: { log: EventLog, key: LogKey, stops: readonly number[], signal: AbortSignal }): Promise<void> {
  for (let i = 0; !connection.signal.aborted; i++) if (await connect(client, { ...connection, stop: stops[i] ?? Infinity })) return
}

const size = fc.oneof({ weight: 9, arbitrary: fc.nat(60) }, { weight: 1, arbitrary: fc.constant(90_000) })
const append = fc.record({ run: fc.constantFrom('a', 'b'), sizes: fc.array(size, { minLength: 1, maxLength: 8 }), isAwaited: fc.boolean() })
const lives = fc.array(fc.array(append, { maxLength: 12 }), { minLength: 1, maxLength: 4 })
const clients = fc.array(fc.record({ run: fc.constantFrom('a', 'b'), stops: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 8 }) }), { minLength: 1, maxLength: 5 })

test('whoever reads, leaves and comes back has the log, byte for byte, over restarts of the storage', async () => {
  await fc.assert(fc.asyncProperty(lives, clients, async (appendsOfLives, readers) => {
    const folder = mkdtempSync(join(tmpdir(), 'superstep-log-'))
    const expected: Record<string, string> = { a: '', b: '' }
    const all = readers.map(({ run, stops }) => ({ run, stops, client: { text: '', last: -1 } }))
    let seq = 0
    for (const [life, appends] of appendsOfLives.entries()) {
      const storage = createSqliteStorage(join(folder, 'x.db'))
      if (life === 0) await insertThread(storage)
      const log = createEventLog(storage)
      const crash = new AbortController()
      for (const run of ['a', 'b']) log.open(keyOf(run))
      const following = all.map(({ client, run, stops }) => follow(client, { log, key: keyOf(run), stops, signal: crash.signal }))
      const writing: Promise<void>[] = []
      for (const { run, sizes, isAwaited } of appends) {
        const events = sizes.map(sized)
        expected[run] += text(encodeBatch(seq + 1, events).bytes)
        seq += events.length
        writing.push(log.append(keyOf(run), () => events))
        if (isAwaited) await writing.at(-1)
      }
      await Promise.all(writing)
      if (life < appendsOfLives.length - 1) crash.abort()
      else for (const run of ['a', 'b']) log.close(run)
      await Promise.all(following)
      await storage.close()
    }
    for (const { client, run } of all) expect(client.text === expected[run]).toBe(true)
    rmSync(folder, { recursive: true })
  }), { numRuns: 30 })
})

describe('a reader', () => {
  async function open() {
    const storage = createSqliteStorage(':memory:')
    onTestFinished(() => storage.close())
    await insertThread(storage)
    const log = createEventLog(storage)
    log.open(keyOf('a'))
    return { storage, log }
  }

  test('that stands still costs a page, whatever is logged meanwhile, and then gets all of it', async () => {
    const { storage } = await open()
    const pages: number[] = []
    const watched = createEventLog({ events: { ...storage.events, after: (...args) => {
      const page = storage.events.after(...args)
      pages.push(page?.bytes.byteLength ?? 0)
      return page
    } } })
    watched.open(keyOf('a'))
    const reader = watched.read(keyOf('a'), -1, never())
    const first = reader.next()
    for (let i = 0; i < 100; i++) await watched.append(keyOf('a'), () => [sized(50_000)])
    watched.close('a')
    let bytes = (await first).value!.bytes.byteLength
    for await (const batch of reader) bytes += batch.bytes.byteLength
    expect(bytes).toBeGreaterThan(100 * 50_000)
    expect(pages.length).toBeGreaterThan(10)
    expect(Math.max(...pages)).toBeLessThan(320 * 1024)
  })

  test('has no gap and no double, in whatever order batches are told of, and when one never is', async () => {
    const { storage, log } = await open()
    const store = async (...sizes: number[]) => (await storage.events.append('t', 'a', () => sizes.map(sized)))!
    const client: Client = { text: '', last: -1 }
    const following = follow(client, { log, key: keyOf('a'), stops: [], signal: never() })
    await log.append(keyOf('a'), () => [sized(1)])
    const [late, early, untold] = [await store(2), await store(3, 4), await store(5)]
    log.publish('a', early)
    await turn()
    log.publish('a', late)
    await turn()
    await log.append(keyOf('a'), () => [sized(6)])
    log.close('a')
    await following
    expect([...client.text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))).toEqual([1, 2, 3, 4, 5, 6])
    expect(untold.first).toBe(5)
  })

  test('that wants what comes from now on gets nothing older, also after a restart', async () => {
    const { storage, log } = await open()
    await log.append(keyOf('a'), () => [sized(1)])
    for (const each of [log, createEventLog(storage)]) {
      each.open(keyOf('a'))
      const next = each.read(keyOf('a'), 'live', never()).next()
      await each.append(keyOf('a'), () => [sized(2)])
      expect([...eventsIn((await next).value!)].map(({ event }) => event)).toEqual(['custom|2'])
    }
  })

  test('of a run that has ended gets what is kept, and of an unknown one nothing', async () => {
    const { log } = await open()
    await log.append(keyOf('a'), () => [sized(1), sized(2)])
    log.close('a')
    const got: number[] = []
    for await (const batch of log.read(keyOf('a'), 1, never())) got.push(...[...eventsIn(batch)].map(({ seq }) => seq))
    expect(got).toEqual([2])
    expect((await log.read(keyOf('?'), -1, never()).next()).done).toBe(true)
  })

  test('whose events are removed before it had them fails, so that nobody takes a part for the whole', async () => {
    const { storage, log } = await open()
    await storage.runs.create({ run: pendingRun('a'), newThread: null, onThread: (thread) => thread, decide: () => ({ kind: 'insert' }) })
    for (let i = 0; i < 20; i++) await log.append(keyOf('a'), () => [sized(50_000)])
    const reader = log.read(keyOf('a'), -1, never())
    expect((await reader.next()).value).toMatchObject({ first: 1 })
    await storage.threads.delete('t')
    expect(await storage.events.expire(NOW)).toBe(20)
    await expect(reader.next()).rejects.toThrow('removed before they were read')
  })
})
