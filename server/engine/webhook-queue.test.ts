import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PlatformError } from '../errors.ts'
import { createSqliteStorage } from '../storage/sqlite/sqlite-storage.ts'
import type { Storage } from '../storage/storage.ts'
import { NOW, runRow, threadRow } from '../storage/testing/rows.ts'
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts'
import { createWebhookQueue, type PostWebhook, type WebhookQueue } from './webhook-queue.ts'

const SECOND = 1000
let [storage, clock]: [Storage, ManualClock] = [null!, null!]
let queue: WebhookQueue | null
beforeEach(async () => {
  queue = null
  storage = createSqliteStorage(':memory:')
  clock = createManualClock('2026-01-01T00:00:00.000Z')
  await storage.threads.insert(threadRow('t'))
  await endRun('r', 'http://example.com')
})
afterEach(async () => {
  await queue?.stop()
  await storage.close()
})

async function endRun(run_id: string, webhook: string): Promise<void> {
  await storage.runs.create({ run: runRow(run_id, 't', { status: 'running', kwargs: { webhook } as never }), newThread: null, onThread: (thread) => thread, decide: () => ({ kind: 'insert' }) })
  await storage.runs.finish({ run_id, status: 'success', error: null, thread: (thread) => thread, events: [], rollback: false, deleteThread: false, now: NOW })
}

function start(webhooks: Partial<Storage['webhooks']>, post: PostWebhook = async () => ({ kind: 'answered', status: 200 })): { post: ReturnType<typeof vi.fn<PostWebhook>>, reported: unknown[] } {
  const reported: unknown[] = []
  const spy = vi.fn(post)
  queue = createWebhookQueue({ storage: { ...storage, webhooks: { ...storage.webhooks, ...webhooks } }, clock, post: spy, reportBug: (error) => void reported.push(error) })
  queue.wake()
  return { post: spy, reported }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))
const only = () => storage.webhooks.list({ status: null, run_id: null, thread_id: null }, { limit: 10, offset: 0 }).rows[0]!

test('what was sent and can\'t be recorded is not sent again: recording it is tried until it holds', async () => {
  let isFull = true
  const { post, reported } = start({ record: async (...args) => isFull ? Promise.reject(new PlatformError('storage_full', 'full')) : storage.webhooks.record(...args) })
  for (let failed = 1; failed <= 3; failed++) {
    await vi.waitFor(() => expect(reported).toHaveLength(failed))
    queue!.wake()
    await clock.pass(SECOND)
  }
  isFull = false
  await vi.waitFor(async () => {
    await clock.pass(SECOND)
    expect(only()).toMatchObject({ status: 'delivered', attempts: [{ status: 200 }] })
  })
  expect(post).toHaveBeenCalledTimes(1)
})

test('what can\'t be read is left alone for a second', async () => {
  const { post, reported } = start({ payload: () => { throw new PlatformError('storage_failed', 'damaged') } })
  await turn()
  await turn()
  expect(reported).toHaveLength(1)
  await clock.pass(SECOND)
  await vi.waitFor(() => expect(reported).toHaveLength(2))
  expect(post).not.toHaveBeenCalled()
})

test('a list of what is due that can\'t be read is asked for again', async () => {
  let isBroken = true
  const { post } = start({ due: (...args) => { if (isBroken) throw new PlatformError('storage_failed', 'damaged'); return storage.webhooks.due(...args) } })
  expect(post).not.toHaveBeenCalled()
  isBroken = false
  await clock.pass(SECOND)
  await vi.waitFor(() => expect(only().status).toBe('delivered'))
})

test('four at a time go to one origin, sixteen to all, the oldest first', async () => {
  for (let i = 0; i < 50; i++) await endRun(`r${i}`, `http://${['a', 'b', 'c', 'd', 'e'][Math.floor(i / 10)]}.com/${i}`)
  const answers: (() => void)[] = []
  const { post } = start({}, async () => new Promise((resolve) => answers.push(() => resolve({ kind: 'answered', status: 200 }))))
  const sent = () => post.mock.calls.map(([{ url }]) => url.replace('http://', '').replace('.com', ''))
  expect(sent()).toEqual(['example', 'a/0', 'a/1', 'a/2', 'a/3', 'b/10', 'b/11', 'b/12', 'b/13', 'c/20', 'c/21', 'c/22', 'c/23', 'd/30', 'd/31', 'd/32'])
  for (let i = 0; i < 51; i++) {
    await vi.waitFor(() => expect(answers.length).toBeGreaterThan(0))
    answers.shift()!()
  }
  await vi.waitFor(() => expect(storage.webhooks.list({ status: 'delivered', run_id: null, thread_id: null }, { limit: 1, offset: 0 }).total).toBe(51))
  expect(new Set(sent()).size).toBe(51)
})

test('a clock that is set back delays nothing that is due at once', async () => {
  clock = createManualClock('1970-01-01T00:00:00.000Z')
  start({})
  await vi.waitFor(() => expect(only().status).toBe('delivered'))
})

test('an answer that comes as the server stops counts', async () => {
  start({}, async (_message, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'answered', status: 200 }))))
  await queue!.stop()
  expect(only()).toMatchObject({ status: 'delivered', attempts: [{ status: 200 }] })
})

test('an attempt that ended since the server stopped is none', async () => {
  start({}, async (_message, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'failed', error: 'ended' }))))
  await queue!.stop()
  expect(only()).toMatchObject({ status: 'pending', tries: 0, attempts: [] })
})
