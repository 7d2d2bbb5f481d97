import { resolve } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { LogLine } from '../engine/graph-worker.ts'
import { createLoopbackPath } from '../runtime/loopback-path.ts'
import { createProject, writeFiles } from '../runtime/testing/harness.ts'
import { createProjectDoor } from './project-door.ts'
import { startProjectServer, type ProjectServer } from './start-project-server.ts'
import type { ServerOptions } from '../create-server.ts'

const PROJECT = resolve(import.meta.dirname, 'project')
const said: LogLine[] = []

interface Doors { app?: string, auth?: string, folder?: string, reload?: boolean }

async function startWith({ app = './app.ts:app', auth, folder = PROJECT, reload = false }: Doors, change: Partial<ServerOptions> = {}): Promise<ProjectServer> {
  const loopback = createLoopbackPath()
  const door = createProjectDoor({ app, auth: auth ?? null, loopback: loopback.path, projectDir: folder, reload, onOutput: (line) => void said.push(line) })
  const server = await startProjectServer({ door, loopback: loopback.path, ...change }, {
    loopback: loopback.path, graphs: Object.fromEntries(['app.ts:asking', 'clients.ts:counter', 'auth.ts:whoami', 'graph.ts:slow'].map((path) => [path.split(':')[1], { path: `./${path}`, description: null }])),
  })
  return { ...server, stop: async (graceMs) => {
    await server.stop(graceMs)
    loopback.remove()
  } }
}

const clientOf = ({ url }: ProjectServer, name = '') => new Client({ apiUrl: url, defaultHeaders: name ? { authorization: name } : {}, callerOptions: { maxRetries: 0 } })
const post = (url: string, body: string, headers: Record<string, string> = {}) => fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })

describe('the project\'s own app', () => {
  let server: ProjectServer
  const get = (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers })
  beforeAll(async () => { server = await startWith({}, { bodyLimit: 10_000 }) })
  afterAll(() => server.stop(0))

  test('has its routes beside the server\'s, and before them', async () => {
    expect(await (await get('/own?x=1')).json()).toEqual({ hello: 'from the project', path: '/own', as: null })
    expect(await (await get('/info')).text()).toBe('the app\'s own information')
    expect(await (await get('/ok')).json()).toEqual({ ok: true })
  })

  test('has its middleware around the server\'s routes', async () => {
    const answer = await get('/assistants/counter', { origin: 'http://localhost:3000' })
    expect(answer.headers.get('x-through')).toBe('the app')
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://localhost:3000')
    expect(await answer.json()).toMatchObject({ graph_id: 'counter' })
    const stopped = await get('/assistants/counter?interrupt')
    expect([stopped.status, await stopped.json()]).toEqual([418, { stopped: true }])
  })

  test('may change the body of a request that it lets through', async () => {
    const body = JSON.stringify({ assistant_id: 'asking', input: { name: 'threads' } })
    expect(await (await post(`${server.url}/runs/wait`, body)).json()).toMatchObject({ name: 'threads', answer: { made: 'in a node' } })
    expect(await (await post(`${server.url}/runs/wait`, body, { 'x-rewrite': '1' })).json()).toMatchObject({ name: 'changed by the app' })
  })

  test('is not asked for the Studio, and can\'t be reached around the guard', async () => {
    expect((await get('/studio/api/project?interrupt')).status).toBe(200)
    expect((await get('/own', { origin: 'https://evil.example' })).status).toBe(403)
  })

  test('refuses and fails in its own words', async () => {
    const refused = await get('/own/refused')
    expect([refused.status, await refused.text()]).toEqual([451, 'not here'])
    const failing = await get('/own/failing')
    expect([failing.status, await failing.json()]).toEqual([500, { detail: 'The project\'s http.app failed: the app is wrong', code: 'internal' }])
    await vi.waitFor(() => expect(said.some(({ text }) => text.includes('the app is wrong'))).toBe(true))
    const missing = await get('/nowhere')
    expect([missing.status, await missing.json()]).toEqual([404, { detail: 'There is no GET /nowhere.', code: 'not_found' }])
  })

  test('gets bodies of any kind, of any length up to the limit', async () => {
    const bytes = new Uint8Array([0, 255, 10, 13])
    const answer = await fetch(`${server.url}/own/echo`, { method: 'POST', body: bytes, headers: { 'content-type': 'application/octet-stream' } })
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes)
    const large = await fetch(`${server.url}/own/echo`, { method: 'POST', body: 'x'.repeat(10_001) })
    expect([large.status, await large.json()]).toEqual([413, { detail: 'The body is larger than 10000 bytes.', code: 'payload_too_large' }])
    const body = new ReadableStream({ start: (controller) => {
      controller.enqueue(new TextEncoder().encode('x'.repeat(10_001)))
      controller.close()
    } })
    expect((await fetch(`${server.url}/own/echo`, { method: 'POST', body, duplex: 'half' } as RequestInit)).status).toBe(413)
  })

  test('keeps cookies apart', async () => expect((await get('/own/cookies')).headers.getSetCookie()).toEqual(['a=1', 'b=2']))

  test('does not make the server\'s streams wait', async () => {
    const chunks: string[] = []
    for await (const { event } of clientOf(server).runs.stream(null, 'counter', { input: { count: 1 }, streamMode: ['values', 'custom'] })) chunks.push(event)
    expect(chunks).toEqual(['metadata', 'values', 'custom', 'values', 'values'])
  })

  test('hears when a client is gone, and so does the run behind it', async () => {
    const gone = new AbortController()
    const answer = await fetch(`${server.url}/own/slow`, { signal: gone.signal })
    await answer.body!.getReader().read()
    gone.abort()
    await vi.waitFor(() => expect(said.some(({ text }) => text.includes('/own/slow is gone'))).toBe(true))

    const { thread_id } = await clientOf(server).threads.create()
    const stream = await post(`${server.url}/threads/${thread_id}/runs/stream`, JSON.stringify({ assistant_id: 'slow', input: {}, on_disconnect: 'cancel' }))
    const runId = stream.headers.get('content-location')!.split('/').at(-1)!
    await stream.body!.cancel()
    await vi.waitFor(async () => expect((await clientOf(server).runs.get(thread_id, runId)).status).toBe('interrupted'), 10_000)
  })

  test('is told of the end of runs by a path alone', async () => {
    await post(`${server.url}/runs/wait`, JSON.stringify({ assistant_id: 'counter', input: { count: 3 }, webhook: '/own/hook' }))
    const hooks = () => get('/own/hooks').then((answer) => answer.json() as Promise<{ body: Record<string, unknown> }[]>)
    await vi.waitFor(async () => expect((await hooks())[0]?.body).toMatchObject({ status: 'success', values: { count: 4 } }))
  })

  test('asks the server by a client without a URL', async () => expect(await (await get('/own/threads')).json()).toMatchObject({ metadata: { made: 'by the app' }, found: 1 }))
})

describe('a client without a URL in a node', () => {
  let server: ProjectServer
  beforeAll(async () => { server = await startWith({}) })
  afterAll(() => server.stop(0))
  const ask = (name: string) => clientOf(server).runs.wait(null, 'asking', { input: { name } }) as Promise<{ answer: unknown }>

  test('makes threads', async () => expect((await ask('threads')).answer).toEqual({ made: 'in a node' }))
  test('follows runs', async () => expect((await ask('stream')).answer).toEqual(['metadata', 'custom', 'updates', 'updates']))
  test('is what a RemoteGraph without a URL uses', async () => expect((await ask('remote')).answer).toMatchObject({ count: 3 }))
})

describe('with custom authentication', () => {
  let server: ProjectServer
  beforeAll(async () => { server = await startWith({ auth: './auth.ts:auth' }) })
  afterAll(() => server.stop(0))
  const get = async (path: string, name = '') => (await fetch(server.url + path, { headers: name ? { authorization: name } : {} }))

  test('the app is asked by known users only, and told who they are', async () => {
    expect((await get('/own')).status).toBe(401)
    expect(await (await get('/own', 'ada')).json()).toMatchObject({ as: 'ada' })
  })

  test('a header that pretends to be the app\'s says nothing', async () => {
    const answer = await fetch(`${server.url}/own`, { headers: { authorization: 'bob', 'x-superstep-caller': 'run 1', 'x-superstep-user': encodeURIComponent(JSON.stringify({ identity: 'ada' })) } })
    expect(await answer.json()).toMatchObject({ as: 'bob' })
    expect((await fetch(`${server.url}/threads`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-superstep-caller': 'next 1' }, body: '{}' })).status).toBe(401)
  })

  test('what the app asks for it asks for as its user', async () => {
    const { metadata } = await (await get('/own/threads', 'ada')).json() as { metadata: object }
    expect(metadata).toEqual({ made: 'by the app', owner: 'ada' })
    expect(await (await get('/own/threads', 'bob')).json()).toMatchObject({ found: 1 })
  })

  test('what a node asks for it asks for as the run\'s user', async () =>
    expect(await clientOf(server, 'eve').runs.wait(null, 'asking', { input: { name: 'threads' } })).toMatchObject({ answer: { made: 'in a node', owner: 'eve' } }))

  test('a webhook to the app comes as the run\'s user', async () => {
    await clientOf(server, 'mallory').runs.wait(null, 'whoami', { input: {}, webhook: '/own/hook' })
    await vi.waitFor(async () => expect(await (await get('/own/hooks', 'ada')).json()).toContainEqual({ as: 'mallory', body: expect.objectContaining({ status: 'success' }) as object }))
  })

  test('the Studio on this machine needs no name, also through the app', async () =>
    expect((await post(`${server.url}/threads/search`, '{}', { 'x-auth-scheme': 'langsmith' })).status).toBe(200))

  test('the app may come first: its routes are then open, the server\'s are not', async () => {
    const open = await startWith({ auth: './auth.ts:auth' }, { isAppFirst: true })
    onTestFinished(() => open.stop(0))
    expect(await (await fetch(`${open.url}/own`)).json()).toMatchObject({ as: null })
    expect((await fetch(`${open.url}/assistants/counter`)).status).toBe(401)
    expect((await post(`${open.url}/threads/search`, '{}', { 'x-auth-scheme': 'langsmith' })).status).toBe(200)
    expect((await clientOf(open, 'ada').assistants.get('counter')).graph_id).toBe('counter')
  })
})

describe('an app without Hono', () => {
  test('leaves to the server what it does not know', async () => {
    const server = await startWith({ app: './app.ts:plain' })
    onTestFinished(() => server.stop(0))
    expect(await (await post(`${server.url}/own`, 'text')).json()).toEqual({ body: 'text' })
    expect(await clientOf(server).runs.wait(null, 'counter', { input: { count: 1 } })).toMatchObject({ count: 2 })
  })
})

describe('an app that can\'t be loaded', () => {
  test('says why, and leaves the Studio alone', async () => {
    const server = await startWith({ app: './app.ts:notAnApp' })
    onTestFinished(() => server.stop(0))
    const answer = await fetch(`${server.url}/assistants/counter`)
    expect([answer.status, await answer.json()]).toMatchObject([503, { detail: expect.stringContaining('http.app: export \'notAnApp\' of') as string }])
    expect((await fetch(`${server.url}/studio/api/project`)).status).toBe(200)
  })

  test('serves again when its file is mended, while requests go on', async () => {
    const source = (text: string) => `export const app = { fetch: (request) => new URL(request.url).pathname === '/own' ? new Response(${JSON.stringify(text)}) : new Response(null, { status: 404 }) }`
    const folder = await createProject({ 'app.ts': source('one') })
    const server = await startWith({ folder, reload: true })
    onTestFinished(() => server.stop(0))
    const own = async () => (await fetch(`${server.url}/own`)).text()
    expect(await own()).toBe('one')
    await writeFiles(folder, { 'app.ts': source('two') })
    const answers = new Set<string>()
    await vi.waitFor(async () => {
      answers.add(await own())
      expect(answers).toContain('two')
    }, { timeout: 20_000, interval: 5 })
    expect([...answers]).toEqual(['one', 'two'])
  })
})
