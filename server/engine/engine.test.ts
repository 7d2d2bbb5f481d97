import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Client } from '@langchain/langgraph-sdk'
import type { FakeJob } from '../testing/fake-runtime.ts'
import { systemClock } from './clock.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'

let server: TestServer
let client: Client
beforeEach(async () => {
  server = await startTestServer()
  client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
})
afterEach(() => server.stop(0))

const lost = (job: FakeJob, blame: 'own' | 'shared' | 'none' = 'own') => job.end({ status: 'lost', error: { error: 'WorkerLostError', message: 'The worker died.' }, blame })
const succeed = (job: FakeJob) => job.end({ status: 'success' })
const statusOf = async (thread_id: string, run_id: string) => (await client.runs.get(thread_id, run_id)).status

/** Puts a checkpoint as a worker would. */
async function checkpoint({ job }: FakeJob, checkpoint_id: string, values: Record<string, unknown>, next: string[] = []) {
  const at = { thread_id: job.thread_id, checkpoint_ns: '', checkpoint_id }
  const channels = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, JSON.stringify(value)]))
  await server.runtime.services.putCheckpoint({ ...at, parent_checkpoint_id: null, run_id: job.run_id, metadata: { source: 'loop', step: 1 }, body: {}, channels }, new Map(), true)
  await server.runtime.services.describeCheckpoint({ ...at, keys: Object.keys(values), next, tasks: next.map((name) => ({ id: name, name })) }, new Map(), true)
}

async function collect(stream: AsyncIterable<{ event: string, data: unknown, id?: string | undefined }>) {
  const events: { event: string, data: unknown, id?: string | undefined }[] = []
  for await (const event of stream) events.push(event)
  return events
}

describe('a clock that goes back', () => {
  test('delays no run that was to start at once', async () => {
    await server.stop(0)
    let offset = 0
    server = await startTestServer({ clock: { ...systemClock, now: () => Date.now() + offset } })
    client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
    const { thread_id } = await client.threads.create()
    await client.runs.create(thread_id, 'agent', { input: {} })
    const second = await client.runs.create(thread_id, 'agent', { input: {} })
    const first = await server.runtime.nextJob()
    offset = -3_600_000
    succeed(first)
    expect((await server.runtime.nextJob()).job.run_id).toBe(second.run_id)
  })
})

describe('a run', () => {
  test('streams what its worker emits, and a later reader gets the same with the same ids', async () => {
    const { thread_id } = await client.threads.create()
    const reading = collect(client.runs.stream(thread_id, 'agent', { input: { a: 1 }, streamMode: ['values'] }))
    const job = await server.runtime.nextJob()
    expect(job.job).toMatchObject({ input: { a: 1 }, attempt: 1, graph_id: 'agent', durability: 'async' })
    job.emit('values', { a: 1 })
    job.emit('values', { a: 2 })
    await checkpoint(job, '1', { a: 2 })
    succeed(job)
    const events = await reading
    expect(events.map(({ event }) => event)).toEqual(['metadata', 'values', 'values'])
    expect(await collect(client.runs.joinStream(thread_id, job.job.run_id, { lastEventId: '-1' }))).toEqual(events)
    expect(await collect(client.runs.joinStream(thread_id, job.job.run_id, { lastEventId: events[1]!.id! }))).toEqual(events.slice(2))
    expect(await client.threads.get(thread_id)).toMatchObject({ status: 'idle', values: { a: 2 } })
  })

  test('ends its wait with the last values, or with the error', async () => {
    const waiting = client.runs.wait(null, 'agent', { input: {} })
    const job = await server.runtime.nextJob()
    job.emit('values', { n: 1 })
    job.emit('values', { n: 2 })
    succeed(job)
    expect(await waiting).toEqual({ n: 2 })
    const failing = client.runs.wait(null, 'agent', { input: {}, raiseError: false })
    ;(await server.runtime.nextJob()).end({ status: 'error', error: { error: 'GraphRecursionError', message: 'too deep' } })
    expect(await failing).toEqual({ __error__: { error: 'GraphRecursionError', message: 'too deep' } })
  })

  test('a stateless one leaves no thread behind', async () => {
    const run = await client.runs.create(null, 'agent', { input: {} })
    succeed(await server.runtime.nextJob())
    await vi.waitFor(async () => expect(await client.threads.search({ ids: [run.thread_id] })).toEqual([]))
  })

  test('a failed one leaves the thread in error with the reason', async () => {
    const { thread_id } = await client.threads.create()
    const events = collect(client.runs.stream(thread_id, 'agent', { input: {} }))
    ;(await server.runtime.nextJob()).end({ status: 'error', error: { error: 'TypeError', message: 'no' } })
    expect((await events).at(-1)).toMatchObject({ event: 'error', data: { error: 'TypeError', message: 'no' } })
    expect(await client.threads.get(thread_id)).toMatchObject({ status: 'error', error: 'TypeError: no' })
  })

  test('waits for one on the same thread, and not for one on another', async () => {
    const [{ thread_id: one }, { thread_id: two }] = await Promise.all([client.threads.create(), client.threads.create()])
    const first = await client.runs.create(one, 'agent', { input: {} })
    const second = await client.runs.create(one, 'agent', { input: {} })
    await client.runs.create(two, 'agent', { input: {} })
    const jobs = [await server.runtime.nextJob(), await server.runtime.nextJob()]
    expect(jobs.map(({ job }) => job.thread_id)).toEqual([one, two])
    expect(await statusOf(one, second.run_id)).toBe('pending')
    succeed(jobs[0]!)
    expect((await server.runtime.nextJob()).job.run_id).toBe(second.run_id)
    expect(await statusOf(one, first.run_id)).toBe('success')
  })
})

describe('cancelling', () => {
  test('a running one stops its worker and ends interrupted', async () => {
    const { thread_id } = await client.threads.create()
    const { run_id } = await client.runs.create(thread_id, 'agent', { input: {} })
    const { signal } = await server.runtime.nextJob()
    await client.runs.cancel(thread_id, run_id, true)
    expect(signal.aborted).toBe(true)
    expect(await statusOf(thread_id, run_id)).toBe('interrupted')
    expect((await client.threads.get(thread_id)).status).toBe('idle')
    await expect(client.runs.cancel(thread_id, run_id)).rejects.toThrow(/404.*No runs found to cancel/)
  })

  test('a delayed one ends at once, its readers too, and the state can be changed again', async () => {
    const { thread_id } = await client.threads.create()
    const { run_id } = await client.runs.create(thread_id, 'agent', { input: {}, afterSeconds: 3600 })
    await expect(client.threads.updateState(thread_id, { values: {} })).rejects.toThrow(/409/)
    const joined = client.runs.join(thread_id, run_id)
    await client.runs.cancel(thread_id, run_id)
    await joined
    expect(await statusOf(thread_id, run_id)).toBe('interrupted')
    expect((await client.threads.get(thread_id)).status).toBe('idle')
  })

  test('rollback takes the run and its checkpoints away', async () => {
    const { thread_id } = await client.threads.create()
    const { run_id } = await client.runs.create(thread_id, 'agent', { input: {} })
    const job = await server.runtime.nextJob()
    await checkpoint(job, '1', { gone: true })
    await client.runs.cancel(thread_id, run_id, true, 'rollback')
    await expect(client.runs.get(thread_id, run_id)).rejects.toThrow(/404/)
    expect((await client.threads.getState(thread_id)).checkpoint.checkpoint_id).toBeNull()
  })

  test('a worker that finishes all the same does not undo it', async () => {
    const { thread_id } = await client.threads.create()
    server.runtime.stubborn = true
    const { run_id } = await client.runs.create(thread_id, 'agent', { input: {} })
    const job = await server.runtime.nextJob()
    await client.runs.cancel(thread_id, run_id)
    expect(await statusOf(thread_id, run_id)).toBe('interrupted')
    succeed(job)
    await client.runs.join(thread_id, run_id)
    expect(await statusOf(thread_id, run_id)).toBe('interrupted')
  })

  test.each([['reject', /409/], ['interrupt', null], ['rollback', null]] as const)('multitask %s', async (multitaskStrategy, refusal) => {
    const { thread_id } = await client.threads.create()
    const first = await client.runs.create(thread_id, 'agent', { input: {} })
    await server.runtime.nextJob()
    const second = client.runs.create(thread_id, 'agent', { input: {}, multitaskStrategy })
    if (refusal) return expect(second).rejects.toThrow(refusal)
    expect((await server.runtime.nextJob()).job.run_id).toBe((await second).run_id)
    if (multitaskStrategy === 'interrupt') expect(await statusOf(thread_id, first.run_id)).toBe('interrupted')
    else await expect(client.runs.get(thread_id, first.run_id)).rejects.toThrow(/404/)
  })

  test('a deleted thread takes its runs along: workers stop, readers end', async () => {
    for (const remove of ['thread', 'assistant'] as const) {
      const { assistant_id } = await client.assistants.create({ graphId: 'agent' })
      const { thread_id } = await client.threads.create()
      await client.runs.create(thread_id, assistant_id, { input: {} })
      const live = await server.runtime.nextJob()
      const reading = collect(client.runs.stream(thread_id, assistant_id, { input: {} })).catch(() => [])
      await vi.waitFor(async () => expect(await client.runs.list(thread_id)).toHaveLength(2))
      if (remove === 'thread') await client.threads.delete(thread_id)
      else await client.assistants.delete(assistant_id, { deleteThreads: true })
      expect(live.signal.aborted).toBe(true)
      await reading
      await expect(client.threads.get(thread_id)).rejects.toThrow(/404/)
    }
  })

  test('a reader that leaves takes the run along only when it asked to', async () => {
    const { thread_id } = await client.threads.create()
    for (const onDisconnect of ['continue', 'cancel'] as const) {
      const leaving = new AbortController()
      const reading = collect(client.runs.stream(thread_id, 'agent', { input: {}, onDisconnect, signal: leaving.signal })).catch(() => {})
      const job = await server.runtime.nextJob()
      leaving.abort()
      await reading
      if (onDisconnect === 'cancel') await vi.waitFor(() => expect(job.signal.aborted).toBe(true))
      else {
        succeed(job)
        await vi.waitFor(async () => expect(await statusOf(thread_id, job.job.run_id)).toBe('success'))
      }
    }
  })
})

describe('a worker that dies', () => {
  test('costs an attempt: the next goes on from the last checkpoint', async () => {
    const { thread_id } = await client.threads.create()
    const reading = collect(client.runs.stream(thread_id, 'agent', { input: { a: 1 } }))
    const first = await server.runtime.nextJob()
    await checkpoint(first, '1', { a: 1 }, ['b'])
    lost(first)
    const second = await server.runtime.nextJob()
    expect(second.job).toMatchObject({ attempt: 2, input: null, run_id: first.job.run_id })
    succeed(second)
    expect((await reading).filter(({ event }) => event === 'metadata').map(({ data }) => (data as { attempt: number }).attempt)).toEqual([1, 2])
  })

  test('before its first checkpoint the input is given again', async () => {
    await client.runs.create(null, 'agent', { input: { a: 1 } })
    lost(await server.runtime.nextJob())
    expect((await server.runtime.nextJob()).job).toMatchObject({ attempt: 2, input: { a: 1 } })
  })

  test('together with others costs no attempt, and from then on each is alone', async () => {
    await client.runs.create(null, 'agent', { input: { a: 1 } })
    await client.runs.create(null, 'agent', { input: { a: 2 } })
    const [first, second] = [await server.runtime.nextJob(), await server.runtime.nextJob()]
    lost(first, 'shared')
    const busy = await client.runs.create(null, 'agent', { input: { a: 3 } })
    lost(second, 'shared')
    const alone = await server.runtime.nextJob()
    expect(alone.job).toMatchObject({ run_id: first.job.run_id, attempt: 1, alone: true })
    succeed(alone)
    const next = await server.runtime.nextJob()
    expect(next.job).toMatchObject({ run_id: second.job.run_id, attempt: 1, alone: true })
    succeed(next)
    expect((await server.runtime.nextJob()).job).toMatchObject({ run_id: busy.run_id, alone: false })
  })

  test('three times in a row ends the run with the reason', async () => {
    const { thread_id } = await client.threads.create()
    const { run_id } = await client.runs.create(thread_id, 'agent', { input: {} })
    for (let attempt = 0; attempt < 3; attempt++) lost(await server.runtime.nextJob())
    await vi.waitFor(async () => expect(await statusOf(thread_id, run_id)).toBe('error'))
    expect(await client.threads.get(thread_id)).toMatchObject({ status: 'error', error: expect.stringContaining('The worker died.') as string })
  })
})

test('events that can not be stored stop their run, and none after them are logged', async () => {
  await server.stop(0)
  const folder = mkdtempSync(join(tmpdir(), 'superstep-gap-'))
  const dataFile = join(folder, 'superstep.db')
  server = await startTestServer({ dataFile })
  server.runtime.stubborn = true
  client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
  const { thread_id } = await client.threads.create()
  const { run_id } = await client.runs.create(thread_id, 'agent', { input: {} })
  const job = await server.runtime.nextJob()
  job.emit('custom', 'stored')
  await vi.waitFor(async () => expect(await statusOf(thread_id, run_id)).toBe('running'))
  const other = new Database(dataFile)
  other.exec('BEGIN IMMEDIATE')
  job.emit('custom', 'lost')
  await vi.waitFor(() => expect(job.signal.aborted).toBe(true), { timeout: 20_000 })
  other.exec('ROLLBACK')
  other.close()
  job.emit('custom', 'later')
  succeed(job)
  await vi.waitFor(async () => expect(await statusOf(thread_id, run_id)).toBe('error'), { timeout: 20_000 })
  const events = await collect(client.runs.joinStream(thread_id, run_id, { lastEventId: '-1' }))
  expect(events.map(({ data }) => data)).toEqual([expect.objectContaining({ run_id }), 'stored', expect.objectContaining({ error: 'StorageError' })])
  rmSync(folder, { recursive: true, force: true })
})

test('a database that another program holds for a while delays what is written, and costs no run', async () => {
  await server.stop(0)
  const folder = mkdtempSync(join(tmpdir(), 'superstep-locked-'))
  const dataFile = join(folder, 'superstep.db')
  server = await startTestServer({ dataFile })
  client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
  const { thread_id } = await client.threads.create()
  const { run_id } = await client.runs.create(thread_id, 'agent', { input: {} })
  const job = await server.runtime.nextJob()
  const other = new Database(dataFile)
  other.exec('BEGIN IMMEDIATE')
  succeed(job)
  const created = client.threads.create()
  // Reads are answered meanwhile: the event loop does not wait for the lock.
  expect(await statusOf(thread_id, run_id)).toBe('running')
  other.exec('ROLLBACK')
  other.close()
  expect(await created).toHaveProperty('thread_id')
  await vi.waitFor(async () => expect(await statusOf(thread_id, run_id)).toBe('success'))
  await client.runs.create(thread_id, 'agent', { input: {} })
  succeed(await server.runtime.nextJob())
  await vi.waitFor(async () => expect((await client.threads.get(thread_id)).status).toBe('idle'))
  rmSync(folder, { recursive: true, force: true })
})
