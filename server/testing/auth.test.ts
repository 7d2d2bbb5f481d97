import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemAssistantId } from '../domain/uuid5.ts'
import { RULES } from '../http/authorize.ts'
import { startAuthServer } from './start-auth-server.ts'
import type { ProjectServer } from './start-project-server.ts'

let server: ProjectServer
beforeAll(async () => { server = await startAuthServer() })
afterAll(() => server.stop(0))

const as = (name: string) => new Client({ apiUrl: server.url, defaultHeaders: name ? { authorization: name } : {}, callerOptions: { maxRetries: 0 } })
const send = (method: string, path: string, name: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(server.url + path, { method, headers: { ...(name ? { authorization: name } : {}), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })

describe('who asks', () => {
  test('is asked of everybody, with the status that the code chose', async () => {
    await expect(as('').threads.search()).rejects.toMatchObject({ status: 401 })
    expect(await (await send('GET', '/threads/11111111-1111-4111-8111-111111111111', '')).json()).toEqual({ detail: 'Who are you?', code: 'unauthorized' })
    for (const path of ['/ok', '/info', '/docs', '/docs/static/swagger-ui.css', '/openapi.json', '/ui/forecast/entrypoint.js']) expect((await send('GET', path, '')).status, path).toBe(200)
    expect(await Promise.all(['', 'ada'].map((name) => send('POST', '/ui/forecast', name, { name: 'forecast' }).then(({ status }) => status)))).toEqual([401, 200])
  })

  test('reaches the graph, whatever the client says of itself', async () => {
    const config = { configurable: { langgraph_auth_user_id: 'root', langgraph_auth_user: { identity: 'root' } } }
    expect(await as('ada').runs.wait(null, 'whoami', { input: {}, config })).toEqual({ name: 'ada', permissions: ['write'], id: 'ada' })
  })

  test('the Studio on this machine may everything, and only there', async () => {
    const studio = { 'x-auth-scheme': 'langsmith' }
    await as('ada').threads.create()
    expect((await (await send('POST', '/threads/search', '', {}, studio)).json() as unknown[]).length).toBeGreaterThan(0)
    expect((await send('GET', '/studio/api/project', '', undefined, studio)).status).toBe(200)
    expect((await send('GET', '/studio/api/project', 'ada')).status).toBe(403)
    expect((await send('POST', '/threads/search', '', {}, { ...studio, 'x-forwarded-for': '203.0.113.9' })).status).toBe(401)
  })

  test('unless the project wants it to be asked too', async () => {
    const strict = await startAuthServer({ trustsStudio: false })
    const answer = await fetch(`${strict.url}/threads/search`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-auth-scheme': 'langsmith' }, body: '{}' })
    expect(answer.status).toBe(401)
    await strict.stop(0)
  })
})

describe('what is another user\'s', () => {
  test('is found by nobody else, and what is made is one\'s own', async () => {
    const { thread_id, metadata } = await as('ada').threads.create({ metadata: { topic: 'tea' } })
    expect(metadata).toEqual({ topic: 'tea', owner: 'ada' })
    await as('bob').threads.create()
    expect((await as('bob').threads.search({ limit: 100 })).map((thread) => thread.metadata?.['owner'])).toEqual(['bob'])
    expect(await as('bob').threads.search({ metadata: { owner: 'ada' } })).toEqual([])
    expect(await as('bob').threads.count({ metadata: { topic: 'tea' } })).toBe(0)
    expect(await as('ada').threads.count({ metadata: { topic: 'tea' } })).toBe(1)
    // A thread that a run makes by the way is its user's too.
    const made = crypto.randomUUID()
    await as('bob').runs.wait(made, 'whoami', { input: {}, ifNotExists: 'create' })
    expect((await as('bob').threads.get(made)).metadata).toMatchObject({ owner: 'bob' })
    await expect(as('ada').threads.get(made)).rejects.toMatchObject({ status: 404 })
    await expect(as('bob').threads.create({ threadId: thread_id, ifExists: 'do_nothing' })).rejects.toMatchObject({ status: 409 })
  })

  test('a graph is there for everybody to run, and for nobody to change', async () => {
    const whoami = systemAssistantId('whoami')
    expect((await as('bob').assistants.get(whoami)).graph_id).toBe('whoami')
    expect(await as('bob').runs.wait(null, whoami, { input: {} })).toMatchObject({ name: 'bob' })
    await expect(as('bob').assistants.update(whoami, { name: 'mine' })).rejects.toMatchObject({ status: 404 })
    await expect(as('bob').assistants.delete('whoami')).rejects.toMatchObject({ status: 404 })
  })

  test('is not there for others: every route, own and other', async () => {
    const [ada, bob] = [as('ada'), as('bob')]
    const { thread_id } = await ada.threads.create()
    const { run_id } = await ada.runs.create(thread_id, 'slow', { input: { steps: 1 } })
    await ada.runs.join(thread_id, run_id)
    const { checkpoint } = await ada.threads.getState(thread_id)
    const { assistant_id } = await ada.assistants.create({ graphId: 'whoami', name: 'Ada\'s' })
    const { cron_id } = await ada.crons.createForThread(thread_id, 'whoami', { schedule: '0 0 1 1 *', input: {} }) as unknown as { cron_id: string }
    const ids: Record<string, string> = { thread_id, run_id, assistant_id, cron_id, checkpoint_id: checkpoint.checkpoint_id!, namespace: 'x' }
    const body: Record<string, unknown> = { assistant_id: 'whoami', schedule: '0 0 1 1 *', checkpoint, updates: [], channels: ['values'], jsonrpc: '2.0', id: 1, method: 'state.get', params: {}, version: 1, name: 'card' }
    const tried: string[] = []
    for (const route of Object.keys(RULES)) {
      const [method, pattern] = route.split(' ') as [string, string]
      if (!/:/.test(pattern) || pattern.endsWith('*')) continue
      // What is known by nobody else's id answers the same to both, when it is not there.
      const path = pattern.replaceAll(/:(\w+)/g, (_, name: string) => ids[name]!)
      const { status } = await send(method, path, 'bob', method === 'GET' || method === 'DELETE' ? undefined : body)
      // Deleting threads is refused to him as such.
      expect(status, `${method} ${path}`).toBe(pattern === '/threads/:thread_id' && method === 'DELETE' ? 403 : 404)
      tried.push(route)
    }
    expect(tried.length).toBeGreaterThan(30)
    expect((await ada.threads.get(thread_id)).thread_id).toBe(thread_id)
    expect(await ada.assistants.get(assistant_id)).toMatchObject({ name: 'Ada\'s', metadata: { owner: 'ada' } })
    expect(await ada.crons.count()).toBe(1)
    expect(await bob.crons.search()).toEqual([])
    expect((await bob.assistants.search({ limit: 100 })).map(({ name }) => name)).not.toContain('Ada\'s')
    await expect(bob.runs.create(null, assistant_id, { input: {} })).rejects.toMatchObject({ status: 404 })
    expect(await bob.runs.cancelMany({ threadId: thread_id, runIds: [run_id] }).then(() => 200, (error: { status: number }) => error.status)).toBe(404)
    await expect(bob.runs.cancelMany({ status: 'all' })).rejects.toMatchObject({ status: 403 })
    expect(await send('POST', '/threads/prune', 'bob', { thread_ids: [thread_id] }).then((answer) => answer.json())).toEqual({ pruned_count: 0 })
    expect((await send('POST', '/mcp', 'bob', {})).status).toBe(403)
  })

  test('a refusal of the code is one, and a route it knows nothing of is nobody\'s', async () => {
    await expect(as('bob').threads.delete((await as('bob').threads.create()).thread_id)).rejects.toMatchObject({ status: 403 })
    const { thread_id } = await as('ada').threads.create()
    await as('ada').threads.delete(thread_id)
    const { routes } = await openapiPaths()
    const open = ['GET /', 'GET /ok', 'GET /info', 'GET /openapi.json']
    expect(routes.filter((route) => !route.includes('/studio/') && !open.includes(route) && !(route in RULES))).toEqual([])
  })

  test('items are in a namespace of one\'s own', async () => {
    await as('ada').store.putItem(['likes'], 'drink', { text: 'tea' })
    await as('bob').store.putItem(['likes'], 'drink', { text: 'coffee' })
    expect((await as('ada').store.getItem(['likes'], 'drink'))?.value).toEqual({ text: 'tea' })
    expect((await as('bob').store.searchItems(['likes'])).items.map(({ value, namespace }) => [value['text'], namespace])).toEqual([['coffee', ['bob', 'likes']]])
    expect(await as('bob').store.listNamespaces({ prefix: [] })).toEqual({ namespaces: [['bob', 'likes']] })
    await as('bob').store.deleteItem(['likes'], 'drink')
    expect((await as('ada').store.getItem(['likes'], 'drink'))?.value).toEqual({ text: 'tea' })
  })
})

/** `METHOD /path/:id` of everything that is described. */
async function openapiPaths(): Promise<{ routes: string[] }> {
  const { paths } = await (await send('GET', '/openapi.json', '')).json() as { paths: Record<string, Record<string, unknown>> }
  return { routes: Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{([^}]+)\}/g, ':$1')}`)) }
}
