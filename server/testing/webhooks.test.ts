import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { WebhookDelivery, WebhookPage } from '../contract/webhook.ts'
import { DEFAULT_WEBHOOK_RULES, type WebhookRules } from '../domain/webhook-rules.ts'
import type { FakeJob } from './fake-runtime.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import { startReceiver, type Receiver } from './start-receiver.ts'
import { startTestServer, type TestServer } from './start-test-server.ts'

const [SECOND, HOUR, DAY] = [1000, 3_600_000, 86_400_000]
let [server, client, receiver, clock]: [TestServer, Client, Receiver, ManualClock] = [null!, null!, null!, null!]

async function start(rules: Partial<WebhookRules> = {}, headers: Record<string, string> = {}, dataFile = ':memory:'): Promise<void> {
  server = await startTestServer({ clock, dataFile, webhooks: { rules: { ...DEFAULT_WEBHOOK_RULES, ...rules }, headers } })
  client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
}
beforeEach(async () => {
  clock = createManualClock('2026-01-01T00:00:00.000Z')
  receiver = await startReceiver()
  await start()
})
afterEach(async () => {
  await server.stop(0)
  await receiver.stop()
})

async function restart(...args: Parameters<typeof start>): Promise<void> {
  await server.stop(0)
  await start(...args)
}

const ask = async <T>(path: string, init: RequestInit = {}) => (await fetch(`${server.url}/studio/api/webhooks${path}`, init)).json() as Promise<T>
const deliveries = async (query = '') => (await ask<WebhookPage>(query)).deliveries
const only = async (): Promise<WebhookDelivery> => {
  const all = await deliveries()
  expect(all).toHaveLength(1)
  return all[0]!
}
const until = (expected: object) => vi.waitFor(async () => expect(await only()).toMatchObject(expected))
const received = (count: number) => vi.waitFor(() => expect(receiver.received).toHaveLength(count))

/** Puts a checkpoint as a worker would; a node that is next may ask something. */
async function checkpoint({ job }: Pick<FakeJob, 'job'>, n: number, values: Record<string, unknown>, question?: unknown): Promise<void> {
  const at = { thread_id: job.thread_id, checkpoint_ns: '', checkpoint_id: `0000000${n}-0000-6000-8000-000000000000` }
  const channels = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, JSON.stringify(value)]))
  const next = question === undefined ? [] : ['ask']
  await server.runtime.services.putCheckpoint({ ...at, parent_checkpoint_id: null, run_id: job.run_id, metadata: { source: 'loop', step: n }, body: {}, channels }, new Map(), true)
  await server.runtime.services.describeCheckpoint({ ...at, keys: Object.keys(values), next, tasks: next.map((name) => ({ id: name, name })) }, new Map(), true)
  if (question !== undefined) await server.runtime.services.putWrites({ ...at, task_id: 'ask', run_id: job.run_id }, [{ idx: -3, channel: '__interrupt__', value: JSON.stringify([{ id: 'i', value: question }]) }], new Map(), true)
}

async function runOn(thread_id: string | null, extra: object = {}) {
  const run = await client.runs.create(thread_id as string, 'agent', { input: { topic: 'tides' }, metadata: { from: 'test' }, webhook: receiver.url, ...extra })
  const job = await server.runtime.nextJob()
  return { run, job }
}

describe('a run that has a webhook', () => {
  test('tells it of its success: what it was, when it began and ended, and the state it left', async () => {
    const { thread_id } = await client.threads.create()
    const { run, job } = await runOn(thread_id)
    await clock.pass(5 * SECOND)
    await checkpoint(job, 1, { answer: 42 })
    job.end({ status: 'success' })
    await received(1)
    const [{ headers, body, path }] = receiver.received as [typeof receiver.received[0]]
    expect(path).toBe('/hook')
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'superstep/0.0.0', 'webhook-timestamp': String(clock.now() / 1000) })
    expect(body).toMatchObject({
      run_id: run.run_id, thread_id, assistant_id: run.assistant_id, status: 'success', metadata: { from: 'test' }, multitask_strategy: 'enqueue', created_at: run.created_at,
      kwargs: { input: { topic: 'tides' }, webhook: receiver.url }, values: { answer: 42 }, error: null, interrupts: {},
      run_started_at: '2026-01-01T00:00:00.000Z', run_ended_at: '2026-01-01T00:00:05.000Z', webhook_sent_at: '2026-01-01T00:00:05.000Z',
    })
    await until({ delivery_id: headers['webhook-id'], run_id: run.run_id, thread_id, run_status: 'success', url: receiver.url, status: 'delivered', attempts: [{ at: '2026-01-01T00:00:05.000Z', status: 200, error: null }], next_attempt_at: null, ended_at: '2026-01-01T00:00:05.000Z' })
    const { payload } = await ask<{ payload: object }>(`/${headers['webhook-id'] as string}`)
    expect({ ...payload, webhook_sent_at: body['webhook_sent_at'] }).toEqual(body)
  })

  test('tells it of a failure', async () => {
    const { job } = await runOn((await client.threads.create()).thread_id)
    job.end({ status: 'error', error: { error: 'TypeError', message: 'no', stack: 'secret' } })
    await received(1)
    expect(receiver.received[0]!.body).toMatchObject({ status: 'error', error: { error: 'TypeError', message: 'no' }, values: null })
    expect(receiver.received[0]!.body['error']).not.toHaveProperty('stack')
  })

  test('tells it of a timeout', async () => {
    await runOn((await client.threads.create()).thread_id)
    await clock.pass(HOUR)
    await received(1)
    expect(receiver.received[0]!.body).toMatchObject({ status: 'timeout', error: { error: 'TimeoutError' } })
  })

  test('tells it that it waits for a person, and what it asks', async () => {
    const { job } = await runOn((await client.threads.create()).thread_id)
    await checkpoint(job, 1, { draft: 'x' }, 'Publish?')
    job.end({ status: 'success' })
    await received(1)
    expect(receiver.received[0]!.body).toMatchObject({ status: 'success', values: { draft: 'x' }, interrupts: { ask: [{ id: 'i', value: 'Publish?' }] } })
  })

  test.each(['interrupt', 'rollback'] as const)('tells it that it was cancelled (%s), running or waiting', async (action) => {
    const { thread_id } = await client.threads.create()
    const { run } = await runOn(thread_id)
    const waiting = await client.runs.create(thread_id, 'agent', { input: {}, webhook: receiver.url })
    await client.runs.cancel(thread_id, waiting.run_id, true, action)
    await received(1)
    await client.runs.cancel(thread_id, run.run_id, true, action)
    await received(2)
    expect(receiver.received.map(({ body }) => [body['run_id'], body['status'], body['error']])).toEqual([[waiting.run_id, 'interrupted', null], [run.run_id, 'interrupted', null]])
  })

  test.each(['interrupt', 'rollback'] as const)('tells it that another run took its place (%s), running or waiting', async (multitaskStrategy) => {
    const { thread_id } = await client.threads.create()
    const { run } = await runOn(thread_id)
    const waiting = await client.runs.create(thread_id, 'agent', { input: {}, webhook: receiver.url })
    await client.runs.create(thread_id, 'agent', { input: {}, multitaskStrategy })
    await received(2)
    expect(new Set(receiver.received.map(({ body }) => body['run_id']))).toEqual(new Set([waiting.run_id, run.run_id]))
    expect(receiver.received.map(({ body }) => body['status'])).toEqual(['interrupted', 'interrupted'])
  })

  test('tells it that its thread was deleted under it', async () => {
    const { thread_id } = await client.threads.create()
    await runOn(thread_id)
    await client.threads.delete(thread_id)
    await received(1)
    expect(receiver.received[0]!.body).toMatchObject({ status: 'interrupted', thread_id })
  })

  test('without a thread of its own tells it the values that are gone by then', async () => {
    const { run, job } = await runOn(null)
    await checkpoint(job, 1, { answer: 42 })
    job.end({ status: 'success' })
    await received(1)
    expect(receiver.received[0]!.body).toMatchObject({ run_id: run.run_id, status: 'success', values: { answer: 42 } })
    await expect(client.threads.get(run.thread_id)).rejects.toMatchObject({ status: 404 })
    await until({ status: 'delivered' })
  })

  test('and megabytes of state leaves that out and says so', async () => {
    const { job } = await runOn((await client.threads.create()).thread_id)
    await checkpoint(job, 1, { text: 'x'.repeat(5_000_000) })
    job.end({ status: 'success' })
    await received(1)
    expect(receiver.received[0]!.body).toMatchObject({ status: 'success', values: null, omitted: ['values'], kwargs: { input: { topic: 'tides' } } })
  })

  test('of a batch each has its own', async () => {
    await client.runs.createBatch(['a', 'b'].map((topic) => ({ assistantId: 'agent', input: { topic }, webhook: `${receiver.url}/${topic}` })))
    for (let i = 0; i < 2; i++) (await server.runtime.nextJob()).end({ status: 'success' })
    await received(2)
    expect(receiver.received.map(({ path }) => path).sort()).toEqual(['/hook/a', '/hook/b'])
  })
})

describe('a receiver', () => {
  const finish = async () => (await runOn((await client.threads.create()).thread_id)).job.end({ status: 'success' })

  test('that fails is asked again, later and later, with the same id, until it takes it', async () => {
    receiver.answer = (response) => response.writeHead(503).end()
    await finish()
    for (const [count, most] of [[1, 5], [2, 15], [3, 45]] as const) {
      await vi.waitFor(async () => expect((await only()).attempts).toHaveLength(count))
      const pause = Date.parse((await only()).next_attempt_at!) - clock.now()
      expect(pause).toBeGreaterThanOrEqual(most * SECOND / 2)
      expect(pause).toBeLessThanOrEqual(most * SECOND)
      await clock.pass(pause - 1)
      expect(receiver.received).toHaveLength(count)
      if (count === 3) receiver.answer = (response) => response.end()
      await clock.pass(1)
      await received(count + 1)
    }
    await until({ status: 'delivered', attempts: [{ status: 503 }, { status: 503 }, { status: 503 }, { status: 200 }] })
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(receiver.received.map(({ body }) => body['webhook_sent_at'])).size).toBe(4)
    expect(new Set(receiver.received.map(({ body }) => body['run_ended_at'])).size).toBe(1)
  })

  test('that never takes it is given up on, and asked again when somebody wants that', async () => {
    receiver.answer = (response) => response.writeHead(500).end()
    await finish()
    for (let count = 1; count <= 8; count++) {
      await vi.waitFor(async () => expect((await only()).attempts).toHaveLength(count))
      const { next_attempt_at } = await only()
      if (next_attempt_at) await clock.pass(Date.parse(next_attempt_at) - clock.now())
    }
    const { delivery_id, ended_at } = await only()
    expect(await only()).toMatchObject({ status: 'failed', next_attempt_at: null })
    expect(ended_at).not.toBeNull()
    await clock.pass(HOUR)
    expect(receiver.received).toHaveLength(8)
    receiver.answer = (response) => response.end()
    expect(await ask(`/${delivery_id}/resend`, { method: 'POST' })).toMatchObject({ delivery_id, status: 'pending', ended_at: null })
    await until({ status: 'delivered' })
    expect((await only()).attempts.map(({ status }) => status)).toEqual([500, 500, 500, 500, 500, 500, 500, 500, 200])
    await ask(`/${delivery_id}/resend`, { method: 'POST' })
    await received(10)
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery_id]))
  })

  test('that is gone for good is not asked again', async () => {
    receiver.answer = (response) => response.writeHead(410).end()
    await finish()
    await until({ status: 'failed', attempts: [{ status: 410 }] })
  })

  test('that redirects is not followed', async () => {
    receiver.answer = (response) => response.writeHead(307, { location: `${receiver.url}/elsewhere` }).end()
    await finish()
    await until({ status: 'pending', attempts: [{ status: 307 }] })
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook'])
  })

  test('that says nothing is waited for ten seconds', async () => {
    receiver.answer = () => {}
    await finish()
    await received(1)
    await clock.pass(10 * SECOND - 1)
    expect((await only()).attempts).toEqual([])
    await clock.pass(1)
    await until({ status: 'pending', attempts: [{ status: null, error: 'There was no answer within 10 s.', duration_ms: 10 * SECOND }] })
  })

  test('that hangs up, or is not there, has failed', async () => {
    receiver.answer = (response) => response.destroy()
    await finish()
    await until({ status: 'pending', attempts: [{ status: null, error: 'socket hang up' }] })
    await receiver.stop()
    await clock.pass(5 * SECOND)
    await until({ status: 'pending', attempts: [{}, { status: null, error: expect.stringContaining('ECONNREFUSED') as string }] })
  })

  test('that talks without end, or breaks off, has taken it once its status is there', async () => {
    receiver.answer = (response) => response.writeHead(200).write('x'.repeat(100_000))
    await finish()
    await until({ status: 'delivered', attempts: [{ status: 200 }] })
  })

  test('is spared when a forty runs end at once: four are sent at a time', async () => {
    const waiting: (() => void)[] = []
    receiver.answer = (response) => void waiting.push(() => response.end())
    server.runtime.capacity = 100
    await client.runs.createBatch(Array.from({ length: 40 }, () => ({ assistantId: 'agent', input: {}, webhook: receiver.url })))
    for (let i = 0; i < 40; i++) (await server.runtime.nextJob()).end({ status: 'success' })
    await vi.waitFor(async () => expect(await deliveries()).toHaveLength(40))
    await received(4)
    for (let i = 0; i < 40; i++) {
      await vi.waitFor(() => expect(waiting.length).toBeGreaterThan(0))
      expect(waiting.length).toBeLessThanOrEqual(4)
      waiting.shift()!()
    }
    await vi.waitFor(async () => expect(await deliveries('?status=delivered')).toHaveLength(40))
    expect(new Set(receiver.received.map(({ body }) => body['run_id'])).size).toBe(40)
  })

  test('that says nothing holds up no other one', async () => {
    receiver.answer = () => {}
    const other = await startReceiver()
    await client.runs.createBatch([...Array.from({ length: 9 }, () => receiver.url), other.url].map((webhook) => ({ assistantId: 'agent', input: {}, webhook })))
    for (let i = 0; i < 10; i++) (await server.runtime.nextJob()).end({ status: 'success' })
    await vi.waitFor(async () => expect(await deliveries('?status=delivered')).toMatchObject([{ url: other.url }]))
    expect(receiver.received).toHaveLength(4)
    await other.stop()
  })

  test('gets configured headers, which are not in what is listed', async () => {
    await restart({}, { authorization: 'Bearer secret' })
    await finish()
    await until({ status: 'delivered' })
    expect(receiver.received[0]!.headers['authorization']).toBe('Bearer secret')
    expect(JSON.stringify(await ask(`/${(await only()).delivery_id}`))).not.toContain('secret')
  })
})

describe('a server that stops', () => {
  let file: string
  beforeEach(async () => {
    file = join(mkdtempSync(join(tmpdir(), 'superstep-webhooks-')), 'superstep.db')
    await restart({}, {}, file)
  })
  afterEach(() => rmSync(dirname(file), { recursive: true }))

  test('while an attempt is under way makes it again when it starts, and does not count the first', async () => {
    receiver.answer = () => {}
    const { job } = await runOn(null)
    await checkpoint(job, 1, { answer: 42 })
    job.end({ status: 'success' })
    await received(1)
    receiver.answer = (response) => response.end()
    await restart({}, {}, file)
    await until({ status: 'delivered', attempts: [{ status: 200 }] })
    const [first, second] = receiver.received
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id'])
    expect(second!.body).toEqual(first!.body)
  })

  test('between two attempts goes on with the pause', async () => {
    receiver.answer = (response) => response.writeHead(500).end()
    const { job } = await runOn(null)
    job.end({ status: 'success' })
    await until({ attempts: [{ status: 500 }] })
    const due = Date.parse((await only()).next_attempt_at!)
    await restart({}, {}, file)
    expect((await only()).attempts).toHaveLength(1)
    receiver.answer = (response) => response.end()
    await clock.pass(due - clock.now())
    await until({ status: 'delivered', attempts: [{ status: 500 }, { status: 200 }] })
  })

  test('and forbids webhooks when it starts again sends nothing more, and says why', async () => {
    receiver.answer = (response) => response.writeHead(500).end()
    const { job } = await runOn(null)
    job.end({ status: 'success' })
    await until({ attempts: [{ status: 500 }] })
    await restart({ isDisabled: true }, {}, file)
    await clock.pass(5 * SECOND)
    await until({ status: 'failed', attempts: [{ status: 500 }, { status: null, error: expect.stringContaining('disabled') as string }] })
    expect(receiver.received).toHaveLength(1)
  })
})

describe('the list of deliveries', () => {
  test('is newest first, filtered and in pages', async () => {
    const [one, two] = [await client.threads.create(), await client.threads.create()]
    const runs: string[] = []
    for (const { thread_id } of [one, two, one]) {
      const { run, job } = await runOn(thread_id)
      runs.push(run.run_id)
      job.end({ status: 'success' })
      await vi.waitFor(async () => expect(await deliveries('?status=delivered')).toHaveLength(runs.length))
    }
    const ids = async (query: string) => (await deliveries(query)).map(({ run_id }) => run_id)
    expect(await ids('')).toEqual(runs.toReversed())
    expect(await ids(`?thread_id=${one.thread_id}`)).toEqual([runs[2], runs[0]])
    expect(await ids(`?run_id=${runs[1]}&status=delivered`)).toEqual([runs[1]])
    expect(await ids('?status=failed')).toEqual([])
    expect(await ask('?limit=1&offset=1')).toMatchObject({ total: 3, deliveries: [{ run_id: runs[1] }] })
  })

  test('forgets those of a thread with it, and others in time: what failed later than what was delivered', async () => {
    const { thread_id } = await client.threads.create()
    ;(await runOn(thread_id)).job.end({ status: 'success' })
    await until({ status: 'delivered' })
    await client.threads.delete(thread_id)
    expect(await deliveries()).toEqual([])
    ;(await runOn(null)).job.end({ status: 'success' })
    await until({ status: 'delivered' })
    receiver.answer = (response) => response.writeHead(410).end()
    ;(await runOn(null)).job.end({ status: 'success' })
    await vi.waitFor(async () => expect(await deliveries('?status=failed')).toHaveLength(1))
    const age = async (ms: number) => {
      clock.set(new Date(clock.now() + ms).toISOString())
      await clock.pass(60 * SECOND)
    }
    await age(DAY)
    await vi.waitFor(async () => expect((await deliveries()).map(({ status }) => status)).toEqual(['failed']))
    await age(6 * DAY)
    await vi.waitFor(async () => expect(await deliveries()).toEqual([]))
  })
})
