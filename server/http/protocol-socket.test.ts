import { once } from 'node:events'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { ServerOptions } from '../create-server.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'

let server: TestServer
afterEach(() => server.stop(0))

async function start(change: Partial<ServerOptions> = {}): Promise<string> {
  server = await startTestServer(change)
  const answer = await fetch(`${server.url}/threads`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-api-key': 'secret' }, body: '{}' })
  return (await answer.json() as { thread_id: string }).thread_id
}

const connect = (threadId: string, headers: Record<string, string> = {}) => {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/threads/${threadId}/stream/events`, { headers })
  // One that was refused fails when it is ended.
  onTestFinished(() => void socket.on('error', () => {}).terminate())
  return socket
}

interface Frame { type: string, id?: number, error?: string, message?: string, event_id?: string, method?: string, result?: Record<string, unknown>, meta?: { applied_through_seq: number }, params?: { data: unknown } }

/** A client that has what was sent, and can wait for more. */
async function opened(threadId: string) {
  const socket = connect(threadId)
  const frames: Frame[] = []
  socket.on('message', (data) => void frames.push(JSON.parse((data as Buffer).toString()) as Frame))
  await once(socket, 'open')
  let id = 0
  const command = async (method: string, params: object) => {
    const own = ++id
    socket.send(JSON.stringify({ id: own, method, params }))
    return await vi.waitFor(() => frames.find((frame) => frame.id === own) ?? Promise.reject(new Error(`no answer to ${method}`)))
  }
  const events = (method: string) => frames.filter((frame) => frame.type === 'event' && frame.method === method).map(({ params }) => params!.data)
  return { socket, frames, command, events }
}

const closed = async (socket: WebSocket) => (await once(socket, 'close') as [number])[0]

describe('a socket', () => {
  test.each([
    ['a page of another site', { origin: 'https://evil.example' }, 403], ['another host\'s name', { host: 'evil.example' }, 403], ['one without the token', {}, 401], ['one with a wrong token', { 'x-api-key': 'wrong' }, 401],
  ])('is not given to %s', async (_who, headers, status) => {
    const threadId = await start({ guard: { hosts: [], origins: [], originPattern: null, token: 'secret' } })
    const [, response] = await once(connect(threadId, headers), 'unexpected-response') as [unknown, { statusCode: number }]
    expect(response.statusCode).toBe(status)
    const allowed = connect(threadId, { 'x-api-key': 'secret', 'origin': 'http://localhost:3000' })
    await once(allowed, 'open')
  })

  test('answers what is no command, and goes on', async () => {
    const { socket, frames, command } = await opened(await start())
    for (const text of ['', '{', '[]', '{"id":-1,"method":"x"}', '{"id":1}', '{"id":1,"method":"x","params":{"__proto__":{}}}', `${'['.repeat(600)}${']'.repeat(600)}`]) socket.send(text)
    socket.send(Buffer.from('{"id":1,"method":"state.get"}'), { binary: true })
    await vi.waitFor(() => expect(frames).toHaveLength(8))
    expect(new Set(frames.map(({ type, id, error }) => JSON.stringify([type, id, error])))).toEqual(new Set(['["error",null,"invalid_argument"]']))
    expect(await command('nothing', {})).toMatchObject({ error: 'unknown_command' })
    expect(await command('subscription.subscribe', { channels: ['nothing'] })).toMatchObject({ error: 'invalid_argument', message: expect.stringContaining('channels/0') as string })
    expect(await command('subscription.unsubscribe', { subscription_id: 'sub-9' })).toMatchObject({ error: 'no_such_subscription' })
    expect(await command('subscription.reconnect', { run_id: 'x' })).toMatchObject({ error: 'not_supported' })
    expect(await command('state.get', {})).toMatchObject({ type: 'success', result: { values: {} } })
  })

  test('has the events of each subscription from then on until that ends', async () => {
    const { command, events } = await opened(await start())
    await command('run.start', { assistant_id: 'agent', input: {} })
    const first = await server.runtime.nextJob()
    first.emit('custom', 1)
    const subscribed = await command('subscription.subscribe', { channels: ['custom'] })
    await vi.waitFor(() => expect(events('custom')).toEqual([{ payload: 1 }]))
    first.emit('custom', 2)
    await vi.waitFor(() => expect(events('custom')).toHaveLength(2))
    expect(await command('subscription.unsubscribe', subscribed.result!)).toMatchObject({ type: 'success' })
    await command('subscription.subscribe', { channels: ['lifecycle'] })
    first.emit('custom', 3)
    first.end({ status: 'success' })
    await vi.waitFor(() => expect(events('lifecycle')).toMatchObject([{ event: 'running' }, { event: 'completed' }]))
    expect(events('custom')).toHaveLength(2)
  })

  test('has for a client that knows what came before a command all that its run tells, and nothing of earlier runs', async () => {
    const { command, frames } = await opened(await start())
    for (const payload of [1, 2]) {
      const { meta } = await command('run.start', { assistant_id: 'agent', input: {} })
      const job = await server.runtime.nextJob()
      job.emit('custom', payload)
      job.end({ status: 'success' })
      const from = frames.length
      const { result } = await command('subscription.subscribe', { channels: ['lifecycle', 'custom'], since: meta!.applied_through_seq })
      await vi.waitFor(() => expect(frames.slice(from).filter(({ type }) => type === 'event').map(({ params }) => params!.data)).toMatchObject([{ event: 'running' }, { payload }, { event: 'completed' }]))
      await command('subscription.unsubscribe', result!)
    }
  })

  test('to a thread that is not there waits for the run that makes it', async () => {
    await start()
    const { command, events } = await opened(crypto.randomUUID())
    expect(await command('state.get', {})).toMatchObject({ type: 'error', error: 'invalid_argument' })
    await command('subscription.subscribe', { channels: ['custom'] })
    await command('run.start', { assistant_id: 'agent', input: {} })
    ;(await server.runtime.nextJob()).emit('custom', 1)
    await vi.waitFor(() => expect(events('custom')).toEqual([{ payload: 1 }]))
  })

  test('is closed with 4404 when its thread is deleted, with 4422 when there can be no such thread, and when the server stops', async () => {
    const threadId = await start()
    const { socket, command } = await opened(threadId)
    await command('subscription.subscribe', { channels: ['values'] })
    const other = await opened(threadId)
    const [gone, stopped] = [closed(socket), closed(other.socket)]
    await fetch(`${server.url}/threads/${threadId}`, { method: 'DELETE' })
    expect(await gone).toBe(4404)
    expect(await closed(connect('nothing'))).toBe(4422)
    await server.stop(0)
    expect(await stopped).toBe(1001)
  })

  test('whose client does not read costs a part of the log, and nothing is lost', async () => {
    const { socket, command, events } = await opened(await start())
    await command('run.start', { assistant_id: 'agent', input: {} })
    const job = await server.runtime.nextJob()
    await command('subscription.subscribe', { channels: ['custom'] })
    socket.pause()
    const text = 'x'.repeat(64 * 1024)
    for (let i = 0; i < 500; i++) {
      job.emit('custom', { i, text })
      if (i % 10 === 9) await new Promise((resolve) => { setImmediate(resolve) })
    }
    job.end({ status: 'success' })
    const [held] = [...(server.app as unknown as { websocketServer: { clients: Set<WebSocket> } }).websocketServer.clients]
    await vi.waitFor(() => expect(held!.bufferedAmount).toBeGreaterThan(0))
    expect(held!.bufferedAmount).toBeLessThan(4 * 1024 * 1024)
    socket.resume()
    await vi.waitFor(() => expect(events('custom')).toHaveLength(500), 10_000)
    expect(events('custom').map((data) => (data as { payload: { i: number } }).payload.i)).toEqual(Array.from({ length: 500 }, (_, i) => i))
  })
})
