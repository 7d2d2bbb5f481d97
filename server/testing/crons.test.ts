import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, type Cron } from '@langchain/langgraph-sdk'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { FakeJob } from './fake-runtime.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import { startTestServer, type TestServer } from './start-test-server.ts'

const [MINUTE, HOUR] = [60_000, 3_600_000]
const NOBODY = '11111111-1111-4111-8111-111111111111'
let [server, client, clock]: [TestServer, Client, ManualClock] = [null!, null!, null!]

async function start(change: Parameters<typeof startTestServer>[0] = {}): Promise<void> {
  server = await startTestServer({ clock, ...change })
  client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
}
beforeEach(() => {
  clock = createManualClock('2026-01-01T00:00:00.000Z')
  return start()
})
afterEach(() => server.stop(0))

/** As older types of the SDK have it, some fields are missing. */
const create = (schedule: string, more: object = {}) => client.crons.create('agent', { schedule, ...more } as never) as unknown as Promise<Cron & { error: string | null }>
const createFor = (thread_id: string, schedule: string, more: object = {}) => client.crons.createForThread(thread_id, 'agent', { schedule, ...more } as never) as unknown as Promise<Cron>
const ask = (method: string, path: string, body?: unknown) => fetch(`${server.url}${path}`, { method, headers: { 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
const get = async (id: string) => (await ask('GET', `/runs/crons/${id}`)).json() as Promise<Cron & { error: string | null }>
const nextOf = async (id: string) => (await get(id)).next_run_date
const end = async ({ job, end }: FakeJob) => {
  end({ status: 'success' })
  await client.runs.join(job.thread_id, job.run_id).catch(() => {})
}
const runOf = ({ job }: FakeJob) => client.runs.get(job.thread_id, job.run_id)
/** The run that a cron makes by then, and no other; it has ended when this resolves. */
async function fired(ms: number) {
  await clock.pass(ms)
  const job = await server.runtime.nextJob()
  const run = await runOf(job)
  await end(job)
  return run
}
/** A busy machine takes its time. */
const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 20_000 })
const cronOf = (run: { metadata?: unknown }) => (run.metadata as Record<string, unknown>)['cron_id']

describe('the official client', () => {
  test('makes, reads, changes, finds, counts and deletes crons', async () => {
    const cron = await create('*/5 * * * *', {
      input: { q: 1 }, metadata: { team: 'a' }, config: { tags: ['t'], configurable: { tone: 'warm' } }, webhook: 'http://127.0.0.1:9/hook', interruptBefore: ['x'], interruptAfter: '*',
      multitaskStrategy: 'interrupt', streamMode: ['updates'], streamSubgraphs: true, streamResumable: true, durability: 'sync', endTime: '2027-01-01T00:00:00+01:00', timezone: 'Europe/Berlin',
    })
    expect(cron).toEqual({
      cron_id: expect.stringMatching(/^[\da-f-]{36}$/) as string, assistant_id: (await client.assistants.get('agent')).assistant_id, thread_id: null,
      schedule: '*/5 * * * *', timezone: 'Europe/Berlin', end_time: '2026-12-31T23:00:00.000Z', enabled: true, on_run_completed: 'delete', user_id: null, error: null,
      metadata: { team: 'a' }, next_run_date: '2026-01-01T00:05:00.000Z', created_at: '2026-01-01T00:00:00.000Z', updated_at: '2026-01-01T00:00:00.000Z',
      payload: {
        assistant_id: cron.assistant_id, input: { q: 1 }, config: { tags: ['t'], configurable: { tone: 'warm' } }, webhook: 'http://127.0.0.1:9/hook', interrupt_before: ['x'], interrupt_after: '*',
        multitask_strategy: 'interrupt', stream_mode: ['updates'], stream_subgraphs: true, stream_resumable: true, durability: 'sync', metadata: { team: 'a', cron_id: cron.cron_id }, on_completion: 'delete',
      },
    })
    expect(await get(cron.cron_id)).toEqual(cron)

    const { thread_id } = await client.threads.create()
    const other = await createFor(thread_id, '0 0 * * *', { metadata: { team: 'b' }, enabled: false })
    expect(other).toMatchObject({ thread_id, enabled: false, next_run_date: null, on_run_completed: null })

    await clock.pass(1000)
    expect(await client.crons.update(cron.cron_id, { schedule: '0 12 * * *', endTime: null, metadata: { more: true }, input: { q: 2 }, onRunCompleted: 'keep' })).toMatchObject({
      schedule: '0 12 * * *', timezone: 'Europe/Berlin', end_time: null, next_run_date: '2026-01-01T11:00:00.000Z', metadata: { team: 'a', more: true }, on_run_completed: 'keep',
      updated_at: '2026-01-01T00:00:01.000Z', payload: { input: { q: 2 }, durability: 'sync' },
    })

    const found = async (query: Parameters<Client['crons']['search']>[0]) => (await client.crons.search(query)).map((one) => one.cron_id)
    expect(await found({})).toEqual([other.cron_id, cron.cron_id])
    expect(await found({ sortBy: 'updated_at', sortOrder: 'asc' })).toEqual([other.cron_id, cron.cron_id])
    expect(await found({ sortBy: 'next_run_date', limit: 1 })).toEqual([cron.cron_id])
    expect(await found({ threadId: thread_id })).toEqual([other.cron_id])
    expect(await found({ enabled: true, assistantId: 'agent' })).toEqual([cron.cron_id])
    expect(await found({ metadata: { more: true } })).toEqual([cron.cron_id])
    expect(await found({ assistantId: NOBODY })).toEqual([])
    expect(await client.crons.search({ select: ['cron_id', 'schedule'], offset: 1 })).toEqual([{ cron_id: cron.cron_id, schedule: '0 12 * * *' }])
    expect(await client.crons.count()).toBe(2)
    expect(await client.crons.count({ metadata: { team: 'b' } })).toBe(1)
    expect((await ask('POST', '/runs/crons/search', { limit: 1 })).headers.get('x-pagination-next')).toBe('1')

    await client.crons.delete(cron.cron_id)
    expect(await client.crons.count()).toBe(1)
    await expect(client.crons.delete(cron.cron_id)).rejects.toThrow(/404.*Cron with ID/)
    await expect(client.crons.update(cron.cron_id, { enabled: false })).rejects.toThrow(/404/)
    expect((await ask('GET', `/runs/crons/${cron.cron_id}`)).status).toBe(404)
  })

  test.each([
    ['POST', '/runs/crons', { assistant_id: 'agent' }, 422, /schedule/],
    ['POST', '/runs/crons', { schedule: '* * * * *' }, 422, /assistant_id/],
    ['POST', '/runs/crons', { assistant_id: 'nobody', schedule: '* * * * *' }, 404, /Assistant not found/],
    ['POST', '/runs/crons', { assistant_id: 'agent', schedule: 'soon' }, 422, /body\/schedule/],
    ['POST', '/runs/crons', { assistant_id: 'agent', schedule: '0 0 31 4 *' }, 422, /body\/schedule.*never/],
    ['POST', '/runs/crons', { assistant_id: 'agent', schedule: '* * * * *', timezone: 'Mars/Olympus' }, 422, /body\/timezone/],
    ['POST', '/runs/crons', { assistant_id: 'agent', schedule: '* * * * *', end_time: 'never' }, 422, /body\/end_time/],
    ['POST', '/runs/crons', { assistant_id: 'agent', schedule: '* * * * *', end_time: '2026-12-31T23:59:60Z' }, 422, /body\/end_time/],
    ['POST', '/runs/crons', { assistant_id: 'agent', schedule: '* * * * *', on_run_completed: 'burn' }, 422, /on_run_completed/],
    ['POST', '/runs/crons', { assistant_id: 'agent', schedule: '* * * * *', stream_mode: 'holograms' }, 422, /stream_mode/],
    ['POST', '/runs/crons', { assistant_id: 'agent', schedule: '* * * * *', config: { configurable: { a: 1 } }, context: { a: 1 } }, 400, /both/],
    ['POST', `/threads/${NOBODY}/runs/crons`, { assistant_id: 'agent', schedule: '* * * * *' }, 404, /Thread with ID/],
    ['POST', '/threads/nope/runs/crons', { assistant_id: 'agent', schedule: '* * * * *' }, 422, /thread_id/],
    ['POST', '/runs/crons/search', { sort_by: 'color' }, 422, /sort_by/],
    ['POST', '/runs/crons/search', { limit: 0 }, 422, /limit/],
    ['POST', '/runs/crons/count', { thread_id: 'nope' }, 422, /thread_id/],
    ['GET', '/runs/crons/nope', undefined, 422, /cron_id/],
    ['PATCH', `/runs/crons/${NOBODY}`, { enabled: true }, 404, /Cron with ID/],
    ['PATCH', `/runs/crons/${NOBODY}`, {}, 400, /nothing/],
    ['DELETE', `/runs/crons/${NOBODY}`, undefined, 404, /Cron with ID/],
  ])('%s %s %j gets %i', async (method, path, body, status, detail) => {
    const answer = await ask(method, path, body)
    expect([answer.status, (await answer.json() as { detail: string }).detail]).toEqual([status, expect.stringMatching(detail)])
    expect(await client.crons.count()).toBe(0)
  })

  test('is refused a change that can\'t be, and the cron stays as it is', async () => {
    const cron = await create('* * * * *')
    for (const change of [{ schedule: '* *' }, { timezone: 'Nowhere' }, { context: { a: 1 }, config: { configurable: { a: 1 } } }])
      expect((await ask('PATCH', `/runs/crons/${cron.cron_id}`, change)).status).toBeGreaterThanOrEqual(400)
    expect(await get(cron.cron_id)).toEqual(cron)
  })

  test('gets no 5xx, whatever it says', async () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.object({ maxDepth: 1 }), fc.constantFrom('* * * * *', '0 0 30 2 *', 'UTC', 'Europe/Berlin', '2026-02-30T00:00:00', '0001-01-01T00:00:00+23:59', 'keep'))
    const fields = fc.dictionary(fc.constantFrom('schedule', 'timezone', 'end_time', 'enabled', 'metadata', 'on_run_completed', 'config', 'context', 'input', 'webhook', 'select', 'sort_by', 'limit', 'thread_id', '__proto__'), value)
    const { cron_id } = await create('0 0 1 1 *')
    await fc.assert(fc.asyncProperty(fields, async (body) => {
      for (const [method, path] of [['POST', '/runs/crons'], ['PATCH', `/runs/crons/${cron_id}`], ['POST', '/runs/crons/search'], ['POST', '/runs/crons/count']] as const) {
        const { status } = await ask(method, path, { schedule: '0 0 1 1 *', assistant_id: 'agent', ...body })
        expect([200, 400, 422]).toContain(status)
      }
    }), { numRuns: 150 })
  })
})

describe('a cron', () => {
  test('makes a run with all that it says, on a thread of its own that goes with it', async () => {
    const cron = await create('*/10 * * * *', { input: { q: 1 }, context: { tone: 'dry' }, metadata: { team: 'a' }, streamMode: 'updates', interruptBefore: ['x'], durability: 'exit' })
    await clock.pass(10 * MINUTE)
    const job = await server.runtime.nextJob()
    expect(job.job).toMatchObject({ input: { q: 1 }, context: { tone: 'dry' }, stream_mode: ['updates'], interrupt_before: ['x'], durability: 'exit', config: { metadata: { team: 'a', cron_id: cron.cron_id } } })
    expect(await runOf(job)).toMatchObject({ created_at: '2026-01-01T00:10:00.000Z', metadata: { team: 'a', cron_id: cron.cron_id } })
    expect(await nextOf(cron.cron_id)).toBe('2026-01-01T00:20:00.000Z')
    await end(job)
    await expect(client.threads.get(job.job.thread_id)).rejects.toThrow(/404/)
    expect((await fired(10 * MINUTE)).thread_id).not.toBe(job.job.thread_id)
  })

  test('keeps the threads it makes where that is asked for, and they say whose they are', async () => {
    const { cron_id } = await create('0 * * * *', { onRunCompleted: 'keep' })
    const runs = [await fired(HOUR), await fired(HOUR)]
    expect((await client.threads.search({ metadata: { cron_id } })).map(({ thread_id }) => thread_id).toSorted()).toEqual(runs.map(({ thread_id }) => thread_id).toSorted())
    expect(runs.map(({ created_at }) => created_at)).toEqual(['2026-01-01T01:00:00.000Z', '2026-01-01T02:00:00.000Z'])
  })

  test('of a thread runs there, one after the other', async () => {
    const { thread_id } = await client.threads.create()
    await createFor(thread_id, '* * * * *', { onRunCompleted: 'delete' })
    await clock.pass(2 * MINUTE)
    await until(async () => expect(await client.runs.list(thread_id)).toHaveLength(2))
    const [second, first] = await client.runs.list(thread_id)
    expect([first!.created_at, second!.created_at]).toEqual(['2026-01-01T00:01:00.000Z', '2026-01-01T00:02:00.000Z'])
    for (const run of [first, second]) {
      const job = await server.runtime.nextJob()
      expect(job.job.run_id).toBe(run!.run_id)
      await end(job)
    }
    expect(await client.threads.get(thread_id)).toMatchObject({ status: 'idle' })
  })

  test('keeps to the clock of its time zone when that is put forward', async () => {
    clock.set('2026-03-07T00:00:00Z')
    const { cron_id } = await create('0 9 * * *', { timezone: 'America/New_York' })
    const made: string[] = []
    for (const ms of [14 * HOUR, 23 * HOUR, 24 * HOUR]) made.push((await fired(ms)).created_at)
    expect(made).toEqual(['2026-03-07T14:00:00.000Z', '2026-03-08T13:00:00.000Z', '2026-03-09T13:00:00.000Z'])
    await client.crons.update(cron_id, { timezone: 'Asia/Tokyo' })
    expect(await nextOf(cron_id)).toBe('2026-03-10T00:00:00.000Z')
  })

  test('fires no more after its end', async () => {
    const { cron_id } = await create('* * * * *', { endTime: '2026-01-01T00:02:30Z' })
    const beside = await create('*/3 * * * *')
    expect([cronOf(await fired(MINUTE)), cronOf(await fired(MINUTE)), cronOf(await fired(MINUTE))]).toEqual([cron_id, cron_id, beside.cron_id])
    expect(await get(cron_id)).toMatchObject({ next_run_date: null, enabled: true, error: null })
    await client.crons.update(cron_id, { endTime: null })
    expect(cronOf(await fired(MINUTE))).toBe(cron_id)
  })

  test('does not fire while it is disabled, and makes up for nothing when it is enabled again', async () => {
    const { cron_id } = await create('*/2 * * * *')
    const beside = await create('0 * * * *')
    expect(await client.crons.update(cron_id, { enabled: false })).toMatchObject({ next_run_date: null })
    expect(cronOf(await fired(HOUR))).toBe(beside.cron_id)
    expect(await client.crons.update(cron_id, { enabled: true })).toMatchObject({ next_run_date: '2026-01-01T01:02:00.000Z' })
    expect(await fired(2 * MINUTE)).toMatchObject({ created_at: '2026-01-01T01:02:00.000Z', metadata: { cron_id } })
  })

  test('that is changed in what it runs is due when it was, with what it says now', async () => {
    const { cron_id, next_run_date } = await create('0 * * * *', { input: 1 })
    await clock.pass(HOUR / 2)
    expect(await client.crons.update(cron_id, { schedule: '0 * * * *', input: 2 as never })).toMatchObject({ next_run_date })
    expect(await fired(HOUR / 2)).toMatchObject({ kwargs: { input: 2 } })
  })

  test('is fired with hundreds of others, each once', async () => {
    server.runtime.capacity = 0
    await Promise.all(Array.from({ length: 300 }, () => create('0 * * * *', { onRunCompleted: 'keep' })))
    await clock.pass(HOUR)
    await until(async () => expect(await client.threads.count({ status: 'busy' })).toBe(300))
    expect((await client.crons.search({ limit: 1000 })).every(({ next_run_date }) => next_run_date === '2026-01-01T02:00:00.000Z')).toBe(true)
  })
})

describe('the cron of a thread', () => {
  test.each([
    ['is deleted', (id: string) => client.threads.delete(id)],
    ['is pruned', (id: string) => client.threads.prune([id])],
  ])('goes when the thread %s', async (_how, remove) => {
    const { thread_id } = await client.threads.create()
    const { cron_id } = await createFor(thread_id, '* * * * *')
    const beside = await create('* * * * *')
    await remove(thread_id)
    expect((await ask('GET', `/runs/crons/${cron_id}`)).status).toBe(404)
    expect(await client.crons.count()).toBe(1)
    expect(cronOf(await fired(MINUTE))).toBe(beside.cron_id)
  })

  test('goes when the time of the thread is over, before it is due again', async () => {
    const { thread_id } = await client.threads.create({ ttl: 30 })
    await createFor(thread_id, '0 * * * *')
    const beside = await create('0 * * * *')
    expect(cronOf(await fired(HOUR))).toBe(beside.cron_id)
    expect(await client.crons.count()).toBe(1)
  })

  test('does not travel with a copy or a file', async () => {
    const { thread_id } = await client.threads.create()
    await createFor(thread_id, '0 * * * *')
    await client.threads.copy(thread_id)
    const file = await (await fetch(`${server.url}/studio/api/threads/${thread_id}/export`)).text()
    const imported = await fetch(`${server.url}/studio/api/threads/import`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: file })
    expect(imported.status).toBe(200)
    expect([await client.threads.count(), await client.crons.count()]).toEqual([3, 1])
  })
})

describe('a due time without a run', () => {
  test('is told where the assistant is gone, and the cron goes on when it is back', async () => {
    const { assistant_id } = await client.assistants.create({ graphId: 'agent' })
    const cron = await client.crons.create(assistant_id, { schedule: '* * * * *' }) as unknown as Cron
    const beside = await create('* * * * *')
    await client.assistants.delete(assistant_id)
    expect(cronOf(await fired(MINUTE))).toBe(beside.cron_id)
    expect(await get(cron.cron_id)).toMatchObject({ enabled: true, next_run_date: '2026-01-01T00:02:00.000Z', error: expect.stringContaining('Assistant not found') as string })
    expect(await client.crons.count({ assistantId: assistant_id })).toBe(1)
    await client.crons.delete(beside.cron_id)
    await ask('PATCH', `/runs/crons/${cron.cron_id}`, { assistant_id: 'agent' })
    expect(cronOf(await fired(MINUTE))).toBe(cron.cron_id)
    expect((await get(cron.cron_id)).error).toBeNull()
  })

  test('is told where the thread is busy and the strategy is to reject', async () => {
    const { thread_id } = await client.threads.create()
    const { cron_id } = await createFor(thread_id, '* * * * *', { multitaskStrategy: 'reject' })
    const { run_id } = await client.runs.create(thread_id, 'agent', { input: {} })
    const busy = await server.runtime.nextJob()
    await clock.pass(MINUTE)
    await until(async () => expect((await get(cron_id)).error).toMatch(/already running/))
    expect((await client.runs.list(thread_id)).map((run) => run.run_id)).toEqual([run_id])
    await end(busy)
    expect(await fired(MINUTE)).toMatchObject({ thread_id, created_at: '2026-01-01T00:02:00.000Z' })
    expect((await get(cron_id)).error).toBeNull()
  })
})

describe('a clock that is put', () => {
  test('forward makes up for one due time', async () => {
    const { cron_id } = await create('* * * * *', { onRunCompleted: 'keep' })
    clock.set('2027-06-01T12:00:30Z')
    expect(await fired(MINUTE / 2)).toMatchObject({ created_at: '2027-06-01T12:01:00.000Z' })
    expect(await nextOf(cron_id)).toBe('2027-06-01T12:02:00.000Z')
    await fired(MINUTE)
    expect(await client.threads.count({ metadata: { cron_id } })).toBe(2)
  })

  test('back fires nothing that has fired', async () => {
    const { cron_id } = await create('*/10 * * * *', { onRunCompleted: 'keep' })
    await fired(10 * MINUTE)
    await fired(10 * MINUTE)
    clock.set('2026-01-01T00:05:00Z')
    const beside = await create('*/25 * * * *')
    expect(cronOf(await fired(20 * MINUTE))).toBe(beside.cron_id)
    expect(await client.threads.count({ metadata: { cron_id } })).toBe(2)
    expect(cronOf(await fired(5 * MINUTE))).toBe(cron_id)
  })
})

describe('a server that starts again on its file', () => {
  let folder: string
  let file: string
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'superstep-crons-'))
    file = join(folder, 'superstep.db')
    await server.stop(0)
    await start({ dataFile: file })
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** What is in the file at this moment, as a killed process leaves it. */
  function killed(): string {
    const copy = mkdtempSync(join(folder, 'killed-'))
    cpSync(file, join(copy, 'superstep.db'))
    cpSync(`${file}-wal`, join(copy, 'superstep.db-wal'))
    return join(copy, 'superstep.db')
  }
  async function restart(dataFile = file): Promise<void> {
    await server.stop(0)
    await start({ dataFile })
  }
  const threadsOf = (cron_id: string) => client.threads.count({ metadata: { cron_id } })

  test('makes up for one of the due times that it missed', async () => {
    const { cron_id } = await create('0 * * * *', { onRunCompleted: 'keep' })
    await server.stop(0)
    clock.set('2026-01-03T10:30:00Z')
    await start({ dataFile: file })
    const job = await server.runtime.nextJob()
    expect(await runOf(job)).toMatchObject({ created_at: '2026-01-03T10:30:00.000Z', metadata: { cron_id } })
    await end(job)
    expect(await nextOf(cron_id)).toBe('2026-01-03T11:00:00.000Z')
    await restart()
    expect(await fired(HOUR / 2)).toMatchObject({ created_at: '2026-01-03T11:00:00.000Z' })
    expect(await threadsOf(cron_id)).toBe(2)
  })

  test('makes up for nothing of one that is over, disabled, or of a thread whose time is over', async () => {
    const { thread_id } = await client.threads.create({ ttl: 120 })
    await createFor(thread_id, '0 * * * *')
    const ended = await create('0 * * * *', { endTime: '2026-01-01T02:00:00Z' })
    await create('0 * * * *', { enabled: false })
    const beside = await create('0 0 * * *')
    await server.stop(0)
    clock.set('2026-01-02T10:30:00Z')
    await start({ dataFile: file })
    const job = await server.runtime.nextJob()
    expect(cronOf(await runOf(job))).toBe(beside.cron_id)
    await end(job)
    await until(async () => expect(await get(ended.cron_id)).toMatchObject({ next_run_date: null, error: null }))
    expect(await client.crons.count()).toBe(3)
    expect(await client.threads.count()).toBe(0)
  })

  test('after a kill fires each due time once, whether it came before or after the run was stored', async () => {
    server.runtime.capacity = 0
    const { cron_id } = await create('0 * * * *', { onRunCompleted: 'keep' })
    const before = killed()
    await clock.pass(HOUR)
    await until(async () => expect(await threadsOf(cron_id)).toBe(1))
    const after = killed()
    for (const left of [before, after]) {
      clock.set('2026-01-01T01:00:00Z')
      await restart(left)
      const job = await server.runtime.nextJob()
      expect(cronOf(await runOf(job))).toBe(cron_id)
      await end(job)
      expect(await fired(HOUR)).toMatchObject({ metadata: { cron_id } })
      expect(await threadsOf(cron_id)).toBe(2)
    }
  })
})
