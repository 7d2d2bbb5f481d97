import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ServerOptions } from '../create-server.ts'
import { createProjectDoor } from './project-door.ts'
import { startProjectServer, type ProjectServer } from './start-project-server.ts'

interface Answer { readonly status: number, readonly text: string, readonly body: { id?: unknown, result?: unknown, error?: { code: number, message: string }, detail?: string } }
interface TaskLike { id: string, contextId: string, status: { state: string, message?: { parts: unknown[] } }, artifacts: { parts: unknown[] }[], history: { role: string, parts: unknown[], taskId?: string }[] }

const graphs = { chat: { path: './clients.ts:chat', description: null }, counter: { path: './clients.ts:counter', description: null }, slow: { path: './graph.ts:slow', description: null } }
const folder = mkdtempSync(join(tmpdir(), 'a2a-'))
const start = (change: Partial<ServerOptions> = {}) => startProjectServer(change, { graphs })
let server: ProjectServer
beforeAll(async () => { server = await start() })
afterAll(async () => {
  await server.stop(0)
  rmSync(folder, { recursive: true, force: true })
})

async function post(body: unknown, { to = server, agent = 'chat', headers = {} }: { to?: ProjectServer, agent?: string, headers?: Record<string, string> } = {}): Promise<Answer> {
  const answer = await fetch(`${to.url}/a2a/${agent}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) })
  const text = await answer.text()
  return { status: answer.status, text, body: answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) as Answer['body'] : {} }
}
type How = Parameters<typeof post>[1]
const call = (method: string, params: unknown, how?: How) => post({ jsonrpc: '2.0', id: 7, method, params }, how)
const message = (text: string, more: object = {}) => ({ role: 'user', parts: [{ kind: 'text', text }], messageId: crypto.randomUUID(), ...more })
async function taskBy(method: string, params: unknown, how?: How): Promise<TaskLike> {
  const { body } = await call(method, params, how)
  if (!body.result) throw new Error(JSON.stringify(body))
  return body.result as TaskLike
}
const codeOf = async (method: string, params: unknown, how?: How) => (await call(method, params, how)).body.error?.code

describe('each line has its own spelling', () => {
  test('0.3', async () => {
    const task = await taskBy('message/send', { message: message('hi') })
    expect(task).toMatchObject({
      kind: 'task', status: { state: 'completed' }, artifacts: [{ parts: [{ kind: 'text', text: 'You said: hi' }] }],
      history: [{ kind: 'message', role: 'user', parts: [{ kind: 'text', text: 'hi' }] }, { role: 'agent', parts: [{ kind: 'text', text: 'You said: hi' }] }],
    })
    expect(await taskBy('tasks/get', { id: task.id })).toEqual(task)
    const asking = await taskBy('message/send', { message: message('may I') })
    expect(asking.status).toMatchObject({ state: 'input-required', message: { kind: 'message', role: 'agent', parts: [{ kind: 'data', data: { question: 'May they?' }, metadata: { interrupt_id: expect.any(String) as string } }] } })
    expect(await taskBy('tasks/cancel', { id: asking.id })).toMatchObject({ status: { state: 'canceled' } })
  })

  test('1.0', async () => {
    const { task } = await taskBy('SendMessage', { message: { role: 'ROLE_USER', parts: [{ text: 'hi' }], messageId: 'm' } }) as unknown as { task: TaskLike }
    expect(task).toMatchObject({ status: { state: 'TASK_STATE_COMPLETED' }, artifacts: [{ parts: [{ text: 'You said: hi' }] }], history: [{ role: 'ROLE_USER' }, { role: 'ROLE_AGENT' }] })
    expect(JSON.stringify(task)).not.toContain('"kind"')
    expect(await taskBy('GetTask', { id: task.id })).toEqual(task)
  })

  test.each([
    ['message/stream', ['task', 'status-update', 'artifact-update'], (event: { kind: string }) => event.kind],
    ['SendStreamingMessage', ['task', 'statusUpdate', 'artifactUpdate'], (event: object) => Object.keys(event)[0]!],
  ] as const)('%s', async (method, kinds, kindOf) => {
    const { text } = await call(method, { message: message('hey') })
    const frames = text.split('\n\n').filter((frame) => frame.startsWith('data: ')).map((frame) => JSON.parse(frame.slice(6)) as { id: number, result: { kind: string, final?: boolean, status?: { state: string } } })
    expect(frames.every(({ id }) => id === 7)).toBe(true)
    expect(new Set(frames.map(({ result }) => kindOf(result)))).toEqual(new Set(kinds))
    if (method === 'message/stream') expect(frames.filter(({ result }) => result.final)).toEqual([frames.at(-1)])
  })
})

describe('what is wrong is told', () => {
  test('as a bad request of HTTP, where it is none of JSON-RPC', async () => {
    expect(await post('{"jsonrpc":')).toMatchObject({ status: 400, body: { id: null, error: { code: -32700, message: expect.stringContaining('not valid JSON') as string } } })
    for (const body of [{ hello: 1 }, [], null, '', { jsonrpc: '1.0', id: 1, method: 'GetTask' }, { jsonrpc: '2.0', id: {}, method: 'GetTask' }, { jsonrpc: '2.0', id: 1 }])
      expect(await post(body), JSON.stringify(body)).toMatchObject({ status: 400, body: { error: { code: -32600 } } })
    expect((await call('GetTask', { id: 'x' }, { agent: 'nobody' })).status).toBe(404)
    expect((await call('GetTask', { id: 'x' }, { headers: { origin: 'https://evil.example' } })).status).toBe(403)
    expect((await fetch(`${server.url}/a2a/chat`, { method: 'POST', body: '{}' })).status).toBe(415)
  })

  test('as an error of the protocol, else', async () => {
    for (const method of ['SubscribeToTask', 'tasks/resubscribe', 'tasks/pushNotificationConfig/set', 'CreateTaskPushNotificationConfig', 'constructor', '__proto__', 'tasks/list']) expect(await codeOf(method, {}), method).toBe(-32601)
    for (const id of ['nothing', '', '\0', '__proto__', 'x'.repeat(5000), crypto.randomUUID()]) expect(await codeOf('GetTask', { id }), id).toBe(-32001)
    const params: unknown[] = [
      undefined, null, [], 5, {}, { message: 'hi' }, { message: { role: 'user', parts: [] } }, { message: { role: 'nobody', parts: [{ text: 'a' }] } }, { message: message('a', { parts: [null] }) },
      { message: message('a', { parts: [{ text: 5 }] }) }, { message: message('a', { parts: [{}] }) }, { message: message('a', { parts: [{ text: 'a', data: {} }] }) }, { message: message('a', { parts: [{ raw: 'not base64!' }] }) },
      { message: message('a', { parts: [{ data: 'text' }] }) }, { message: message('a', { contextId: 'mine' }) }, { message: message('a'), configuration: { historyLength: 11 } }, { message: message('a'), configuration: { historyScope: 'all' } },
    ]
    for (const one of params) expect(await codeOf('SendMessage', one), JSON.stringify(one)).toBe(-32602)
    expect((await call('GetTask', { id: 5 })).body.error?.message).toBe('params/id must be string')
    expect(await codeOf('ListTasks', {})).toBe(-32602)
    expect(await codeOf('ListTasks', { contextId: 'x' })).toBe(-32001)
    expect(await codeOf('SendMessage', { message: message('a'), configuration: { pushNotificationConfig: { url: 'https://a.example' } } })).toBe(-32003)
    expect(await codeOf('GetTask', { id: 'x' }, { headers: { 'a2a-version': '2.0' } })).toBe(-32009)
    expect(await codeOf('GetTask', { id: 'x' }, { headers: { 'langgraph-a2a-history-scope': 'mine' } })).toBe(-32602)
    expect((await call('SendMessage', { message: message('a') }, { agent: 'counter' })).body.error).toMatchObject({ code: -32602, message: expect.stringContaining('holds no conversation') as string })
  })

  test('whatever the parameters are', async () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom<unknown>('', '\0', '__proto__', '\ud800', 'a'.repeat(2000), -1, 1e308, [], {}, null))
    const part = fc.record({ text: value, data: value, raw: value, url: value, file: value, mediaType: value, metadata: value }, { requiredKeys: [] })
    const given = fc.oneof(value, fc.record({ role: fc.constantFrom<unknown>('user', 5), parts: fc.array(fc.oneof(part, value), { maxLength: 2 }), messageId: value, contextId: value, taskId: value, metadata: value }, { requiredKeys: ['role', 'parts'] }))
    const params = fc.oneof(value, fc.record({ message: given, id: value, contextId: value, configuration: value, pageToken: value, historyLength: value, metadata: value }, { requiredKeys: [] }))
    const method = fc.constantFrom('SendMessage', 'message/stream', 'GetTask', 'CancelTask', 'ListTasks', 'GetExtendedAgentCard')
    await fc.assert(fc.asyncProperty(method, params, fc.constantFrom('chat', 'counter'), async (name, one, agent) => {
      const { status, text } = await call(name, one, { agent })
      expect([200, 400], `${name} ${JSON.stringify(one)} ${text}`).toContain(status)
      expect(text).not.toContain('-32603')
    }), { numRuns: 150 })
  }, 120_000)

  test('in a stream as its last event, where the task is rolled back meanwhile', async () => {
    const answer = await fetch(`${server.url}/a2a/slow`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'SendStreamingMessage', params: { message: message('', { parts: [{ data: { steps: 100_000 } }] }) } }) })
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = (await reader.read()).value ?? ''
    const [, id, contextId] = /"id":"([^"]+)","contextId":"([^"]+)"/.exec(text)!
    await new Client({ apiUrl: server.url }).runs.cancel(contextId!, id!, true, 'rollback')
    for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value
    expect(JSON.parse(text.trim().split('\n\n').at(-1)!.slice('data: '.length))).toMatchObject({ id: 7, error: { code: -32001 } })
  })

  test('where a task can\'t take a message', async () => {
    const task = await taskBy('message/send', { message: message('done') })
    expect(await codeOf('message/send', { message: message('more', { taskId: task.id }) })).toBe(-32004)
    expect(await codeOf('tasks/cancel', { id: task.id })).toBe(-32002)
    const asking = await taskBy('message/send', { message: message('may I') })
    expect(await codeOf('message/send', { message: message('yes', { taskId: asking.id, contextId: task.contextId }) })).toBe(-32602)
    // Of another assistant it is none.
    expect(await codeOf('GetTask', { id: asking.id }, { agent: 'counter' })).toBe(-32001)
  })
})

test('the history of a task leaves out what others of its context said, where that is asked for', async () => {
  const { contextId } = await taskBy('message/send', { message: message('one') })
  const second = await taskBy('message/send', { message: message('two', { contextId }), configuration: { historyScope: 'task' } })
  const textsOf = (task: TaskLike) => task.history.map(({ parts }) => (parts[0] as { text: string }).text)
  const [own, all] = [['two', 'You said: two'], ['one', 'You said: one', 'two', 'You said: two']]
  expect(textsOf(second)).toEqual(own)
  const header = { headers: { 'langgraph-a2a-history-scope': 'task' } }
  expect(textsOf(await taskBy('tasks/get', { id: second.id }))).toEqual(all)
  expect(textsOf(await taskBy('tasks/get', { id: second.id }, header))).toEqual(own)
  expect(textsOf(await taskBy('tasks/get', { id: second.id, historyScope: 'context' }, header))).toEqual(all)
  expect(textsOf(await taskBy('tasks/get', { id: second.id, historyLength: 1 }))).toEqual(['You said: two'])
  expect(textsOf(await taskBy('tasks/get', { id: second.id, historyLength: 0 }))).toEqual([])
})

test('files of both lines reach the graph as content, and come back as files', async () => {
  const raw = Buffer.from('a picture').toString('base64')
  const parts03 = [{ kind: 'text', text: 'look' }, { kind: 'file', file: { bytes: raw, mimeType: 'image/png', name: 'a.png' } }, { kind: 'file', file: { uri: 'https://files.example/b.pdf', mimeType: 'application/pdf' } }]
  const parts10 = [{ text: 'look' }, { raw, mediaType: 'image/png', filename: 'a.png' }, { url: 'https://files.example/b.pdf', mediaType: 'application/pdf' }]
  const tasks = [await taskBy('message/send', { message: message('', { parts: parts03 }) }), (await taskBy('SendMessage', { message: message('', { parts: parts10 }) }) as unknown as { task: TaskLike }).task]
  const platform = new Client({ apiUrl: server.url })
  for (const { contextId } of tasks) {
    const { messages } = (await platform.threads.getState<{ messages: { content: unknown }[] }>(contextId)).values
    expect(messages[0]?.content).toEqual([
      { type: 'text', text: 'look' }, { type: 'image', mimeType: 'image/png', data: raw, metadata: { filename: 'a.png' } }, { type: 'file', mimeType: 'application/pdf', url: 'https://files.example/b.pdf' },
    ])
  }
  expect(tasks[0]?.history[0]?.parts).toEqual(parts03)
  expect(tasks[1]?.history[0]?.parts).toEqual(parts10)
})

test('a message that is sent twice is one, and one that is only named alike is another', async () => {
  const { contextId } = await taskBy('message/send', { message: message('a', { messageId: '1' }) })
  expect((await taskBy('message/send', { message: message('b', { messageId: '1', contextId }) })).history).toHaveLength(4)
  const messageId = crypto.randomUUID()
  const first = await taskBy('message/send', { message: message('c', { messageId }) })
  expect((await taskBy('message/send', { message: message('c', { messageId, contextId: first.contextId }) })).history).toHaveLength(3)
})

test('tasks are there after a restart, and questions can still be answered', async () => {
  const dataFile = join(folder, 'superstep.db')
  const before = await start({ dataFile })
  const done = await taskBy('message/send', { message: message('hello') }, { to: before })
  const asking = await taskBy('message/send', { message: message('may I go') }, { to: before })
  await before.stop(0)
  const after = await start({ dataFile })
  try {
    expect(await taskBy('tasks/get', { id: done.id }, { to: after })).toEqual(done)
    expect(await taskBy('tasks/get', { id: asking.id }, { to: after })).toEqual(asking)
    expect(await taskBy('message/send', { message: message('yes', { taskId: asking.id }) }, { to: after })).toMatchObject({ id: asking.id, status: { state: 'completed' }, artifacts: [{ parts: [{ text: 'You said: may I go' }] }] })
  } finally {
    await after.stop(0)
  }
})

test('cards name the address that the client used', async () => {
  const mounted = await start({ mountPrefix: '/agents' })
  const cardAt = async (path: string, headers = {}) => await (await fetch(mounted.url + path, { headers })).json() as { url: string }
  expect((await cardAt('/agents/.well-known/agent-card.json?assistant_id=chat')).url).toBe(`${mounted.url}/agents/a2a/chat`)
  expect((await cardAt('/a2a/chat/.well-known/agent-card.json', { 'x-forwarded-proto': 'https' })).url).toBe(`${mounted.url.replace('http:', 'https:')}/a2a/chat`)
  expect((await fetch(`${mounted.url}/a2a/nobody/.well-known/agent-card.json`)).status).toBe(404)
  expect((await fetch(`${mounted.url}/.well-known/agent-card.json`)).status).toBe(422)
  expect((await taskBy('GetExtendedAgentCard', undefined, { to: mounted }))).toEqual(await cardAt('/a2a/chat/.well-known/agent-card.json'))
  await mounted.stop(0)
})

test('http.disable_a2a takes it away', async () => {
  const without = await start({ disabled: ['a2a'] })
  expect((await call('GetTask', { id: 'x' }, { to: without })).status).toBe(404)
  for (const path of ['/a2a/chat/.well-known/agent-card.json', '/.well-known/agent-card.json?assistant_id=chat']) expect((await fetch(without.url + path)).status, path).toBe(404)
  await without.stop(0)
})

describe('with the project\'s own auth', () => {
  let guarded: ProjectServer
  beforeAll(async () => {
    guarded = await startProjectServer({ door: createProjectDoor({ auth: './auth.ts:auth' }) }, { graphs: { ...graphs, whoami: { path: './auth.ts:whoami', description: null } } })
  })
  afterAll(() => guarded.stop(0))
  const as = (name: string, agent = 'chat'): How => ({ to: guarded, agent, headers: { authorization: name } })

  test('a task is its maker\'s, and is done as that user', async () => {
    const task = await taskBy('message/send', { message: { role: 'user', parts: [{ data: {} }] } }, as('ada', 'whoami'))
    expect(task.artifacts).toMatchObject([{ parts: [{ data: { name: 'ada', id: 'ada' } }] }])
    expect(await taskBy('tasks/get', { id: task.id }, as('ada', 'whoami'))).toEqual(task)
    expect((await new Client({ apiUrl: guarded.url, defaultHeaders: { authorization: 'ada' } }).threads.get(task.contextId)).metadata).toMatchObject({ owner: 'ada' })
  })

  test('others are answered as if it were not there', async () => {
    const { id, contextId } = await taskBy('message/send', { message: message('may I') }, as('ada'))
    const nothing = (await call('tasks/get', { id: crypto.randomUUID() }, as('bob'))).body.error
    for (const [method, params] of [['tasks/get', { id }], ['tasks/cancel', { id }], ['message/send', { message: message('yes', { taskId: id }) }], ['message/stream', { message: message('yes', { taskId: id }) }]] as const) {
      const { error } = (await call(method, params, as('bob'))).body
      expect([error?.code, error?.message.replace(id, '')], method).toEqual([-32001, nothing?.message.replace(/[0-9a-f-]{36}/, '')])
    }
    for (const method of ['message/send', 'message/stream']) expect(await codeOf(method, { message: message('me too', { contextId }) }, as('bob')), method).toBe(-32001)
    expect(await codeOf('ListTasks', { contextId }, as('bob'))).toBe(-32001)
    expect(await taskBy('ListTasks', { contextId }, as('ada'))).toMatchObject({ totalSize: 1 })
    expect(await taskBy('message/send', { message: message('yes', { taskId: id }) }, as('ada'))).toMatchObject({ id, status: { state: 'completed' } })
  })

  test('nobody is nobody, also for cards, and another\'s assistant has none', async () => {
    expect((await call('tasks/get', { id: 'x' }, { to: guarded })).status).toBe(401)
    expect((await fetch(`${guarded.url}/.well-known/agent-card.json?assistant_id=chat`)).status).toBe(401)
    const { assistant_id } = await new Client({ apiUrl: guarded.url, defaultHeaders: { authorization: 'ada' } }).assistants.create({ graphId: 'chat' })
    const statusFor = async (name: string) => (await fetch(`${guarded.url}/.well-known/agent-card.json?assistant_id=${assistant_id}`, { headers: { authorization: name } })).status
    expect([await statusFor('ada'), await statusFor('bob')]).toEqual([200, 404])
    expect((await call('message/send', { message: message('hi') }, as('bob', assistant_id))).status).toBe(404)
  })
})
