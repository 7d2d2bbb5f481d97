import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import Fastify from 'fastify'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { FakeJob } from '../testing/fake-runtime.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { goneSignal, sendEvents } from './sse.ts'

let folder: string
let server: TestServer
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'superstep-sse-'))
  server = await startTestServer({ dataFile: join(folder, 'superstep.db') })
})
afterEach(async () => {
  vi.useRealTimers()
  await server.stop(0)
  rmSync(folder, { recursive: true })
})

async function restart(): Promise<void> {
  await server.stop(0)
  server = await startTestServer({ dataFile: join(folder, 'superstep.db') })
}

const post = async (path: string, body: object) =>
  await (await fetch(server.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json() as Record<string, string>

/** A run that a worker has; the path of its stream. */
async function startRun(): Promise<{ job: FakeJob, path: string }> {
  const { thread_id } = await post('/threads', {})
  const { run_id } = await post(`/threads/${thread_id}/runs`, { assistant_id: 'agent', input: {} })
  return { job: await server.runtime.nextJob(), path: `/threads/${thread_id}/runs/${run_id}/stream` }
}

async function open(path: string, after: string | null): Promise<IncomingMessage> {
  const request = get(server.url + path, { agent: false, headers: after === null ? {} : { 'last-event-id': after } })
  const [response] = await once(request, 'response') as [IncomingMessage]
  response.setEncoding('utf8')
  return response
}

const withoutBeats = (text: string) => text.replaceAll(': heartbeat\n\n', '')

async function readAll(path: string, after: string): Promise<string> {
  let text = ''
  for await (const part of await open(path, after)) text += part
  return withoutBeats(text)
}

/** What of a cut stream a client keeps: its whole events. */
const wholeEvents = (text: string) => withoutBeats(text.includes('\n\n') ? text.slice(0, text.lastIndexOf('\n\n') + 2) : '')
const lastId = (text: string) => /.*^id: (\d+)$/ms.exec(text)?.[1]

/** Reads until something came `reads` times, then breaks the connection, wherever that is in an event. */
async function readPart(path: string, after: string, reads: number): Promise<{ text: string, isWhole: boolean }> {
  const response = await open(path, after)
  let text = ''
  let parts = 0
  for await (const part of response) {
    text += part
    if (++parts === reads) {
      response.destroy()
      return { text: wholeEvents(text), isWhole: false }
    }
  }
  return { text: wholeEvents(text), isWhole: true }
}

describe('a stream', () => {
  test('that breaks again and again is whole in the end, and the same to whoever asks later, also after a restart', async () => {
    const { job, path } = await startRun()
    const emitting = (async () => {
      for (let i = 0; i < 300; i++) {
        job.emit('custom', { i, text: 'x'.repeat(i % 7 === 0 ? 20_000 : i) })
        if (i % 3 === 0) await turn()
      }
      job.emit('values', { done: true })
      job.end({ status: 'success' })
    })()
    let text = ''
    let connections = 0
    for (let isWhole = false; !isWhole;) {
      const part = await readPart(path, lastId(text) ?? '-1', 1 + connections++ % 4)
      text += part.text
      isWhole = part.isWhole
    }
    await emitting
    expect(connections).toBeGreaterThan(3)
    expect([...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))).toEqual(Array.from({ length: 302 }, (_, i) => i + 1))
    expect(await readAll(path, '-1') === text).toBe(true)
    await restart()
    expect(await readAll(path, '-1') === text).toBe(true)
    expect(await readAll(path, '301')).toBe('id: 302\nevent: values\ndata: {"done":true}\n\n')
  })

  test('has only the modes that were asked for, live as later', async () => {
    const { job, path } = await startRun()
    const live = readAll(`${path}?stream_mode=custom`, '-1')
    for (const event of ['custom', 'values', 'custom|child:1', 'messages/partial']) job.emit(event, 1)
    await turn()
    job.emit('updates', 1)
    job.end({ status: 'success' })
    expect([...(await live).matchAll(/^event: (.*)$/gm)].map(([, name]) => name)).toEqual(['metadata', 'custom', 'custom|child:1'])
    expect(await readAll(`${path}?stream_mode=custom`, '-1')).toBe(await live)
  })

  test('has all modes where the query names none, as the Python SDK does', async () => {
    const { job, path } = await startRun()
    job.emit('custom', 1)
    job.end({ status: 'success' })
    await turn()
    const whole = await readAll(path, '-1')
    expect(whole).toContain('event: custom')
    expect(await readAll(`${path}?stream_mode=`, '-1')).toBe(whole)
  })

  test('of a run that is silent for minutes lives on by its heartbeats, and ends with the run', async () => {
    const { job, path } = await startRun()
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const response = await open(path, null)
    let text = ''
    response.on('data', (part: string) => { text += part })
    for (let beats = 1; beats <= 60; beats++) {
      vi.advanceTimersByTime(5000)
      await vi.waitFor(() => expect(text).toBe(': heartbeat\n\n'.repeat(beats)), { interval: 1 })
    }
    job.emit('custom', 'at last')
    job.end({ status: 'success' })
    await once(response, 'end')
    expect(withoutBeats(text)).toBe('id: 2\nevent: custom\ndata: "at last"\n\n')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('costs nothing any more once its client has gone', async () => {
    const { job, path } = await startRun()
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const response = await open(path, '-1')
    expect(vi.getTimerCount()).toBe(1)
    response.destroy()
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(0), { interval: 1 })
    job.end({ status: 'success' })
  })

  test('that its client does not read waits, and is not kept in memory', async () => {
    const sockets: Socket[] = []
    server.app.server.on('connection', (socket: Socket) => sockets.push(socket))
    const { job, path } = await startRun()
    const response = await open(path, '-1')
    const unread = () => sockets.reduce((sum, socket) => sum + socket.writableLength, 0)
    const waiting: number[] = []
    for (let i = 0; i < 400; i++) {
      job.emit('custom', 'x'.repeat(100_000))
      await turn()
      waiting.push(unread())
    }
    job.end({ status: 'success' })
    expect(Math.max(...waiting)).toBeGreaterThan(0)
    expect(Math.max(...waiting)).toBeLessThan(1024 * 1024)
    let text = ''
    for await (const part of response) text += part as string
    expect(text.match(/^id: /gm)).toHaveLength(401)
  })

  test('whose source fails is cut, so that its client does not take it for complete', async () => {
    const app = Fastify()
    app.get('/', async (_request, reply) => sendEvents(reply, (async function* () {
      yield Buffer.from('id: 1\nevent: custom\ndata: 1\n\n')
      await turn()
      throw new Error('gone')
    })(), {}, goneSignal(reply)))
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const [response] = await once(get(url, { agent: false }), 'response') as [IncomingMessage]
    response.setEncoding('utf8')
    await expect((async () => { for await (const part of response) expect(part).toContain('id: 1') })()).rejects.toThrow('aborted')
    await app.close()
  })
})
