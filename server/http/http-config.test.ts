import { Client } from '@langchain/langgraph-sdk'
import { afterEach, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'

let server: TestServer
afterEach(() => server.stop(0))

const start = async (change: Parameters<typeof startTestServer>[0]) => { server = await startTestServer(change) }
const status = async (path: string, method = 'GET') => (await fetch(`${server.url}${path}`, { method })).status

describe('a mount prefix', () => {
  test('is where an official client finds everything, and without it all is where it was', async () => {
    await start({ mountPrefix: '/agents/v1' })
    const client = new Client({ apiUrl: `${server.url}/agents/v1`, callerOptions: { maxRetries: 0 } })
    const { thread_id } = await client.threads.create()
    let created: string | undefined
    const events: string[] = []
    const reading = (async () => {
      for await (const { event } of client.runs.stream(thread_id, 'agent', { input: {}, onRunCreated: ({ run_id }) => { created = run_id } })) events.push(event)
    })()
    const job = await server.runtime.nextJob()
    job.emit('values', { n: 1 })
    job.end({ status: 'success' })
    await reading
    expect(events).toEqual(['metadata', 'values'])
    expect((await client.runs.get(thread_id, created!)).status).toBe('success')
    expect(await Promise.all(['/agents/v1/ok', '/agents/v1/ok?check_db=1', '/agents/v1', '/agents/v1?x=1', '/ok', '/agents/v1x/ok', '/agents', '/agents/v1/agents/v1/ok'].map((path) => status(path)))).toEqual([200, 200, 200, 200, 200, 404, 404, 404])
  })

  test('opens no way around the token', async () => {
    await start({ mountPrefix: '/ok', guard: { hosts: [], origins: [], originPattern: null, token: 'secret' } })
    expect(await Promise.all(['/ok/info', '/ok/threads/x', '/ok/studio/api/project', '/ok/ok', '/ok'].map((path) => status(path)))).toEqual([401, 401, 401, 200, 200])
  })
})

describe('a part that is disabled', () => {
  test('is not found, and the others are', async () => {
    await start({ disabled: ['runs', 'store'] })
    const client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
    const { thread_id } = await client.threads.create()
    await expect(client.runs.create(thread_id, 'agent', { input: {} })).rejects.toMatchObject({ status: 404, message: expect.stringContaining('http.disable_runs') as string })
    await expect(client.runs.list(thread_id)).rejects.toMatchObject({ status: 404 })
    await expect(client.store.getItem(['a'], 'b')).rejects.toMatchObject({ status: 404 })
    expect(await client.threads.getState(thread_id)).toMatchObject({ values: {} })
    expect(await client.assistants.search()).toHaveLength(1)
    expect(await Promise.all([`/threads/${thread_id}/%72uns`, '/ok', '/info', '/studio/api/project'].map((path) => status(path)))).toEqual([404, 200, 200, 200])
  })

  test('of threads leaves their runs', async () => {
    await start({ disabled: ['threads', 'meta'] })
    const client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
    await expect(client.threads.create()).rejects.toMatchObject({ status: 404 })
    expect(await client.runs.create(null, 'agent', { input: {} })).toMatchObject({ status: 'pending' })
    expect(await Promise.all(['/ok', '/info'].map((path) => status(path)))).toEqual([404, 404])
  })
})

test('headers that a project names reach the graph', async () => {
  await start({ configurableHeaders: { includes: ['org-*'], excludes: ['x-internal-*'] } })
  const client = new Client({ apiUrl: server.url, defaultHeaders: { 'org-id': '7', 'x-user': 'ada', 'x-internal-trace': 't', 'authorization': 'Bearer s' } })
  await client.runs.create(null, 'agent', { input: {} })
  const { job } = await server.runtime.nextJob()
  expect(job.config.configurable).toMatchObject({ 'org-id': '7', 'x-user': 'ada' })
  expect(Object.keys(job.config.configurable).filter((name) => /internal|authorization/.test(name))).toEqual([])
})

describe('what pages may do', () => {
  const guard = { hosts: [], origins: ['https://a.com'], originPattern: null, token: null }
  const cors = { methods: ['GET', 'POST'], headers: ['x-a'], credentials: true, exposed: ['X-B'], maxAge: 60 }
  const preflight = async (origin: string) => (await fetch(`${server.url}/threads`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })).headers

  test('is told as the project says', async () => {
    await start({ guard: { ...guard, cors } })
    const headers = await preflight('https://a.com')
    expect(Object.fromEntries(['allow-origin', 'allow-methods', 'allow-headers', 'allow-credentials', 'max-age'].map((name) => [name, headers.get(`access-control-${name}`)])))
      .toEqual({ 'allow-origin': 'https://a.com', 'allow-methods': 'GET, POST', 'allow-headers': 'x-a', 'allow-credentials': 'true', 'max-age': '60' })
    const answer = await fetch(`${server.url}/info`, { headers: { origin: 'https://a.com' } })
    expect(answer.headers.get('access-control-expose-headers')).toBe('Content-Location, Location, X-Pagination-Total, X-Pagination-Next, X-B')
  })

  test('is never to send credentials where every page is allowed', async () => {
    await start({ guard: { ...guard, origins: ['*'], cors } })
    expect((await preflight('https://evil.com')).get('access-control-allow-credentials')).toBeNull()
  })
})
