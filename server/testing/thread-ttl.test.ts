import { Client } from '@langchain/langgraph-sdk'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../engine/clock.ts'
import { startTestServer, type TestServer } from './start-test-server.ts'

const MINUTE = 60_000
let [server, client]: [TestServer, Client] = [null!, null!]
let passed = 0

async function start(change: Parameters<typeof startTestServer>[0] = {}): Promise<void> {
  passed = 0
  server = await startTestServer({ clock: { ...systemClock, now: () => Date.now() + passed }, ...change })
  client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
}
beforeEach(() => start())
afterEach(() => server.stop(0))

const ids = async () => (await client.threads.search()).map((thread) => thread.thread_id)
const body = async (path: string, init: RequestInit = {}) => (await fetch(`${server.url}${path}`, { ...init, headers: { 'content-type': 'application/json' } })).json() as Promise<Record<string, unknown>>
const put = (thread_id: string, n: number) => server.runtime.services.putCheckpoint({
  thread_id, checkpoint_ns: '', checkpoint_id: `0000000${n}-0000-6000-8000-000000000000`, parent_checkpoint_id: n > 1 ? `0000000${n - 1}-0000-6000-8000-000000000000` : null,
  run_id: null, metadata: { source: 'loop', step: n }, body: {}, channels: { n: String(n) },
}, new Map(), true)

describe('a thread with a time to live', () => {
  test('is gone at its time for every reader, and its id is free', async () => {
    const [kept, { thread_id }] = [await client.threads.create(), await client.threads.create({ ttl: 10, metadata: { user: 'ada' } })]
    await put(thread_id, 1)
    passed = 10 * MINUTE - 1000
    expect(await ids()).toEqual([thread_id, kept.thread_id])
    passed = 10 * MINUTE + 1000
    expect(await ids()).toEqual([kept.thread_id])
    const { threads, runs } = client
    for (const ask of [() => threads.get(thread_id), () => threads.getState(thread_id), () => threads.getHistory(thread_id), () => threads.copy(thread_id), () => runs.create(thread_id, 'agent')])
      await expect(ask()).rejects.toMatchObject({ status: 404 })
    expect(await client.threads.count({ metadata: { user: 'ada' } })).toBe(0)
    expect((await client.threads.create({ threadId: thread_id })).thread_id).toBe(thread_id)
    expect(await client.threads.getHistory(thread_id)).toEqual([])
  })

  test('says how long it stays where that is asked for', async () => {
    const { thread_id, updated_at } = await client.threads.create({ ttl: { ttl: 1.5, strategy: 'delete' } })
    expect(await client.threads.get(thread_id)).not.toHaveProperty('ttl')
    expect(await client.threads.get(thread_id, { include: ['ttl'] })).toMatchObject({ ttl: { strategy: 'delete', ttl_minutes: 1.5, expires_at: new Date(Date.parse(updated_at) + 1.5 * MINUTE).toISOString() } })
    expect(await body(`/threads/${thread_id}?include=ttl`)).toHaveProperty('ttl')
    const { thread_id: other } = await client.threads.create()
    expect(await client.threads.get(other, { include: ['ttl'] })).toMatchObject({ ttl: null })
  })

  test('has its time again with every change, and for ever when that is taken away', async () => {
    const { thread_id } = await client.threads.create({ ttl: 10 })
    passed = 9 * MINUTE
    await client.threads.update(thread_id, { metadata: { touched: true } })
    passed = 18 * MINUTE
    expect((await client.threads.get(thread_id)).metadata).toEqual({ touched: true })
    await client.threads.update(thread_id, { ttl: 60 })
    passed = 77 * MINUTE
    expect(await ids()).toEqual([thread_id])
    await body(`/threads/${thread_id}`, { method: 'PATCH', body: '{"ttl": null}' })
    passed = 1e6 * MINUTE
    expect(await ids()).toEqual([thread_id])
  })

  test('stays while a run has it, and counts from the end of that', async () => {
    const { thread_id } = await client.threads.create({ ttl: 1 })
    const { run_id } = await client.runs.create(thread_id, 'agent', { input: {} })
    const job = await server.runtime.nextJob()
    passed = 5 * MINUTE
    expect(await ids()).toEqual([thread_id])
    job.end({ status: 'success' })
    await client.runs.join(thread_id, run_id)
    expect(await client.threads.get(thread_id)).toMatchObject({ status: 'idle' })
    passed = 6 * MINUTE + 2000
    expect(await ids()).toEqual([])
  })

  test('can keep its newest state', async () => {
    const { thread_id } = await client.threads.create({ ttl: { ttl: 1, strategy: 'keep_latest' } as never })
    for (const n of [1, 2, 3]) await put(thread_id, n)
    expect(await client.threads.getHistory(thread_id)).toHaveLength(3)
    passed = 2 * MINUTE
    expect((await client.threads.getHistory(thread_id)).map(({ metadata }) => metadata?.step)).toEqual([3])
    await put(thread_id, 4)
    await client.threads.update(thread_id, { metadata: {} })
    expect(await client.threads.getHistory(thread_id)).toHaveLength(2)
    passed = 4 * MINUTE
    expect(await client.threads.getHistory(thread_id)).toHaveLength(1)
  })

  test('takes its copies along in their own time', async () => {
    const { thread_id } = await client.threads.create({ ttl: 10 })
    await put(thread_id, 1)
    passed = 5 * MINUTE
    const { thread_id: copy } = await client.threads.copy(thread_id) as unknown as { thread_id: string }
    passed = 11 * MINUTE
    expect(await ids()).toEqual([copy])
    expect(await client.threads.getHistory(copy)).toHaveLength(1)
    passed = 16 * MINUTE
    expect(await ids()).toEqual([])
  })

  test('goes with a thousand others', async () => {
    await Promise.all(Array.from({ length: 1000 }, () => client.threads.create({ ttl: 1 })))
    passed = 2 * MINUTE
    expect(await client.threads.count()).toBe(0)
  })

  test.each([[0], [-1], ['10'], [1e300], [{}], [{ ttl: 10, strategy: 'burn' }], [true]])('of %j is refused, and nothing is made', async (ttl) => {
    expect(await body('/threads', { method: 'POST', body: JSON.stringify({ ttl }) })).toMatchObject({ detail: expect.stringContaining('ttl') as string })
    expect(await ids()).toEqual([])
  })

  test('whatever else it is given, is served', async () => {
    await fc.assert(fc.asyncProperty(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), fc.constantFrom('delete', 'keep_latest'), async (ttl, strategy) => {
      const { thread_id } = await body('/threads', { method: 'POST', body: JSON.stringify({ ttl: { ttl, strategy } }) }) as { thread_id: string }
      const { ttl: shown } = await body(`/threads/${thread_id}?include=ttl`) as { ttl?: { ttl_minutes: number } }
      expect(shown === undefined ? ttl < 1 && strategy === 'delete' : shown.ttl_minutes === ttl).toBe(true)
    }), { numRuns: 50 })
  })
})

describe('a default time to live', () => {
  beforeEach(async () => {
    await server.stop(0)
    await start({ threadTtl: { strategy: 'delete', ttl_minutes: 5 } })
  })

  test('is for threads that say nothing else, however they are made', async () => {
    const said = await client.threads.create({ ttl: 60 })
    const plain = await client.threads.create()
    const { thread_id } = await body('/runs', { method: 'POST', body: JSON.stringify({ assistant_id: 'agent', input: {}, on_completion: 'keep' }) }) as { thread_id: string }
    ;(await server.runtime.nextJob()).end({ status: 'success' })
    await client.runs.join(thread_id, (await client.runs.list(thread_id))[0]!.run_id)
    expect(await ids()).toHaveLength(3)
    expect(await client.threads.get(plain.thread_id, { include: ['ttl'] })).toMatchObject({ ttl: { strategy: 'delete', ttl_minutes: 5 } })
    passed = 6 * MINUTE
    expect(await ids()).toEqual([said.thread_id])
  })
})
