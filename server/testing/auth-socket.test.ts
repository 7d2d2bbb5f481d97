import { once } from 'node:events'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { startAuthServer } from './start-auth-server.ts'
import type { ProjectServer } from './start-project-server.ts'

let server: ProjectServer
beforeAll(async () => { server = await startAuthServer() })
afterAll(() => server.stop(0))

const as = (name: string) => new Client({ apiUrl: server.url, defaultHeaders: { authorization: name }, callerOptions: { maxRetries: 0 } })

function connect(threadId: string, headers: Record<string, string>): WebSocket {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/threads/${threadId}/stream/events`, { headers })
  // One that was refused fails when it is ended.
  onTestFinished(() => void socket.on('error', () => {}).terminate())
  return socket
}

interface Frame { readonly type: string, readonly id?: number, readonly error?: string, readonly message?: string, readonly method?: string, readonly result?: Record<string, unknown>, readonly params?: { readonly data: unknown } }

async function opened(threadId: string, headers: Record<string, string>) {
  const socket = connect(threadId, headers)
  const frames: Frame[] = []
  socket.on('message', (data) => void frames.push(JSON.parse((data as Buffer).toString()) as Frame))
  await once(socket, 'open')
  let id = 0
  const command = async (method: string, params: object = {}) => {
    const own = ++id
    socket.send(JSON.stringify({ id: own, method, params }))
    return await vi.waitFor(() => frames.find((frame) => frame.id === own) ?? Promise.reject(new Error(`no answer to ${method}`)))
  }
  const events = (method: string) => frames.filter((frame) => frame.method === method).map(({ params }) => params!.data)
  return { socket, command, events }
}
const openedBy = (name: string, threadId: string) => opened(threadId, { authorization: name })

/** Everything that a socket may be asked for, of a thread that has had a run. */
const commandsFor = (checkpointId: string): readonly (readonly [string, object])[] => [
  ['run.start', { assistant_id: 'whoami', input: {} }], ['input.respond', { interrupt_id: 'x', response: 1 }], ['state.fork', { checkpoint_id: checkpointId }],
  ['state.get', {}], ['state.listCheckpoints', {}], ['agent.getTree', {}], ['subscription.subscribe', { channels: ['values', 'lifecycle'] }],
]

describe('on a socket', () => {
  test('one runs, answers, forks, reads and follows one\'s own, as oneself', async () => {
    const { thread_id } = await as('ada').threads.create()
    const { command, events } = await openedBy('ada', thread_id)
    await command('subscription.subscribe', { channels: ['values', 'lifecycle'] })
    const config = { configurable: { langgraph_auth_user_id: 'root', langgraph_auth_user: { identity: 'root' } } }
    expect(await command('run.start', { assistant_id: 'whoami', input: {}, config })).toMatchObject({ type: 'success' })
    await vi.waitFor(() => expect(events('values').at(-1)).toEqual({ name: 'ada', permissions: ['write'], id: 'ada' }), 5000)
    await vi.waitFor(() => expect(events('lifecycle').at(-1)).toMatchObject({ event: 'completed' }))
    const { checkpoint } = await as('ada').threads.getState(thread_id)
    for (const [method, params] of commandsFor(checkpoint.checkpoint_id!)) {
      const answer = await command(method, params)
      // Nothing waits for an answer here; see the next test.
      expect(answer, method).toMatchObject(method === 'input.respond' ? { error: 'no_such_interrupt' } : { type: 'success' })
    }
    expect((await as('ada').runs.list(thread_id)).map(({ metadata }) => metadata?.['owner'])).toEqual(['ada', 'ada', 'ada'])
  })

  test('a question is answered by whose it is', async () => {
    const { thread_id } = await as('ada').threads.create()
    const { command, events } = await openedBy('ada', thread_id)
    await command('subscription.subscribe', { channels: ['input', 'lifecycle'] })
    await command('run.start', { assistant_id: 'approval', input: { topic: 'tides' } })
    const asked = await vi.waitFor(() => events('input.requested')[0] as { interrupt_id: string } | undefined ?? Promise.reject(new Error('nothing was asked')), 5000)
    expect(await command('input.respond', { interrupt_id: asked.interrupt_id, response: true })).toMatchObject({ type: 'success' })
    await vi.waitFor(() => expect(events('lifecycle').at(-1)).toMatchObject({ event: 'completed' }), 5000)
    expect((await as('ada').threads.getState(thread_id)).values).toMatchObject({ approved: true })
  })

  test('another user\'s thread is not there, nor one that becomes another\'s', async () => {
    const { thread_id } = await as('ada').threads.create()
    const [, response] = await once(connect(thread_id, { authorization: 'bob' }), 'unexpected-response') as [unknown, { statusCode: number }]
    expect(response.statusCode).toBe(404)
    const later = crypto.randomUUID()
    const bobs = await openedBy('bob', later)
    expect(await bobs.command('subscription.subscribe', { channels: ['values'] })).toMatchObject({ type: 'error', message: `Thread with ID ${later} not found` })
    await as('ada').threads.create({ threadId: later })
    await as('ada').runs.wait(later, 'whoami', { input: {} })
    const { checkpoint } = await as('ada').threads.getState(later)
    for (const [method, params] of commandsFor(checkpoint.checkpoint_id!)) expect(await bobs.command(method, params), method).toMatchObject({ type: 'error', error: 'invalid_argument', message: `Thread with ID ${later} not found` })
    expect(await as('ada').runs.list(later)).toHaveLength(1)
  })

  test('a thread that a command makes is its user\'s, and another\'s assistant is not there', async () => {
    const threadId = crypto.randomUUID()
    const { command, events } = await openedBy('bob', threadId)
    const { assistant_id } = await as('ada').assistants.create({ graphId: 'whoami', name: 'Ada\'s' })
    expect(await command('run.start', { assistant_id, input: {} })).toMatchObject({ error: 'invalid_argument', message: expect.stringContaining('Assistant not found') as string })
    expect(await command('run.start', { assistant_id: 'whoami', input: {} })).toMatchObject({ type: 'success' })
    await command('subscription.subscribe', { channels: ['values'] })
    await vi.waitFor(() => expect(events('values').at(-1)).toMatchObject({ id: 'bob' }), 5000)
    expect((await as('bob').threads.get(threadId)).metadata).toMatchObject({ owner: 'bob' })
    await expect(as('ada').threads.get(threadId)).rejects.toMatchObject({ status: 404 })
  })

  test('a refusal of the code is told as one, and the socket goes on', async () => {
    const { command } = await openedBy('ada', (await as('ada').threads.create()).thread_id)
    expect(await command('run.start', { assistant_id: 'whoami', input: {}, metadata: { forbidden: true } })).toMatchObject({ error: 'permission_denied' })
    expect(await command('state.get')).toMatchObject({ type: 'success' })
  })

  test('who says no name is kept out, and the Studio on this machine follows and runs everybody\'s', async () => {
    const { thread_id } = await as('ada').threads.create()
    const [, response] = await once(connect(thread_id, {}), 'unexpected-response') as [unknown, { statusCode: number }]
    expect(response.statusCode).toBe(401)
    const { command, events } = await opened(thread_id, { 'x-auth-scheme': 'langsmith' })
    await command('subscription.subscribe', { channels: ['values'] })
    await command('run.start', { assistant_id: 'whoami', input: {} })
    await vi.waitFor(() => expect(events('values').at(-1)).toMatchObject({ id: 'langgraph-studio-user' }), 5000)
  })

  test('the official client runs over it with the user\'s name in the headers of its socket', async () => {
    // A socket of Node's, which can send headers; the client's types know the browser's only.
    const webSocketFactory = (url: string) => new WebSocket(url, { headers: { authorization: 'bob' } }) as unknown as globalThis.WebSocket
    const thread = new Client({ apiUrl: server.url }).threads.stream({ assistantId: 'whoami', transport: 'websocket', webSocketFactory })
    await thread.run.start({ input: {} })
    expect(await thread.output).toMatchObject({ id: 'bob' })
    await thread.close()
  })
})
