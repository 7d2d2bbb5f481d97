import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, type Cron } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import { startAuthServer } from './start-auth-server.ts'
import type { ProjectServer } from './start-project-server.ts'

const MINUTE = 60_000
let [server, clock, folder]: [ProjectServer, ManualClock, string] = [null!, null!, '']
const start = async () => { server = await startAuthServer({ clock, dataFile: join(folder, 'superstep.db') }) }
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'superstep-auth-crons-'))
  clock = createManualClock('2026-01-01T00:00:00.000Z')
  return start()
})
afterEach(async () => {
  await server.stop(0)
  rmSync(folder, { recursive: true })
})

const STUDIO = { 'x-auth-scheme': 'langsmith' }
const as = (who: string | Record<string, string>) => new Client({ apiUrl: server.url, defaultHeaders: typeof who === 'string' ? { authorization: who } : who, callerOptions: { maxRetries: 0 } })
const create = (client: Client, more: object = {}) => client.crons.create('whoami', { schedule: '* * * * *', onRunCompleted: 'keep', input: {}, ...more } as never) as unknown as Promise<Cron>
const refusal = (asked: Promise<unknown>) => asked.then(() => 200, ({ status }: { status: number }) => status)
const ADA = { name: 'ada', permissions: ['write'], id: 'ada' }

/** Tries again while a little time goes by, which what the worker sends may wait for. */
const until = <T>(check: () => Promise<T>): Promise<T> => vi.waitFor(async () => {
  await clock.pass(10)
  return check()
}, { timeout: 20_000 })

/** What `whoami` has said on the one thread that the cron has made by now. */
const heard = (client: Client, { cron_id }: Cron): Promise<unknown> => until(async () => {
  const threads = await client.threads.search({ metadata: { cron_id } })
  expect(threads).toMatchObject([{ status: 'idle' }])
  return threads[0]!.values
})

describe('the cron of a user', () => {
  test('runs as that user, and what it makes is theirs', async () => {
    const config = { configurable: { langgraph_auth_user_id: 'root', langgraph_auth_user: { identity: 'root' } } }
    const cron = await create(as('ada'), { config })
    expect(cron).toMatchObject({ user_id: 'ada', metadata: { owner: 'ada' } })
    await clock.pass(MINUTE)
    expect(await heard(as('ada'), cron)).toEqual(ADA)
    expect(await as('bob').threads.count()).toBe(0)
    const [thread] = await as('ada').threads.search()
    const [run] = await as('ada').runs.list(thread!.thread_id)
    expect(run).toMatchObject({ kwargs: { config: { configurable: { langgraph_auth_user: { identity: 'ada', is_authenticated: true }, langgraph_auth_permissions: ['write'] } } } })
  })

  test('still does after the server was stopped and a run was missed', async () => {
    const cron = await create(as('ada'))
    await server.stop(0)
    clock.set('2026-01-01T00:05:30.000Z')
    await start()
    expect(await heard(as('ada'), cron)).toEqual(ADA)
    expect((await as('ada').crons.search())[0]).toMatchObject({ user_id: 'ada' })
  })

  test('stays theirs when another changes it who may', async () => {
    const cron = await create(as('ada'))
    expect(await refusal(as('bob').crons.update(cron.cron_id, { enabled: false }))).toBe(404)
    expect(await as(STUDIO).crons.update(cron.cron_id, { schedule: '*/2 * * * *', metadata: { changed: true } })).toMatchObject({ user_id: 'ada', metadata: { owner: 'ada', changed: true } })
    await clock.pass(2 * MINUTE)
    expect(await heard(as('ada'), cron)).toEqual(ADA)
  })

  test('of a thread runs there as that user', async () => {
    const { thread_id } = await as('bob').threads.create()
    expect(await as('bob').crons.createForThread(thread_id, 'whoami', { schedule: '* * * * *', input: {} })).toMatchObject({ user_id: 'bob', thread_id })
    await clock.pass(MINUTE)
    await until(async () => expect((await as('bob').threads.get(thread_id)).values).toEqual({ name: 'bob', permissions: [], id: 'bob' }))
  })

  test('is refused where the run would be, and another\'s assistant is not there for it', async () => {
    expect(await refusal(create(as('ada'), { metadata: { forbidden: true } }))).toBe(403)
    const { assistant_id } = await as('ada').assistants.create({ graphId: 'whoami' })
    expect(await refusal(as('bob').crons.create(assistant_id, { schedule: '* * * * *' }))).toBe(404)
    const { cron_id } = await create(as('bob'))
    const change = await fetch(`${server.url}/runs/crons/${cron_id}`, { method: 'PATCH', headers: { 'authorization': 'bob', 'content-type': 'application/json' }, body: JSON.stringify({ assistant_id }) })
    expect(change.status).toBe(404)
    expect((await as(STUDIO).crons.search()).map((cron) => cron.cron_id)).toEqual([cron_id])
  })

  test('of the Studio runs as the Studio', async () => {
    const cron = await create(as(STUDIO))
    expect(cron).toMatchObject({ user_id: 'langgraph-studio-user' })
    await clock.pass(MINUTE)
    expect(await heard(as(STUDIO), cron)).toMatchObject({ id: 'langgraph-studio-user' })
  })
})
