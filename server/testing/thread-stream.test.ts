import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProjectServer, type ProjectServer } from './start-project-server.ts'

let server: ProjectServer
let client: Client
beforeAll(async () => {
  server = await startProjectServer()
  client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
})
afterAll(() => server.stop(0))

interface Frame { id?: string, event: string, data: unknown }

/** What a join gives until `isLast`. */
async function joined(threadId: string, options: Parameters<Client['threads']['joinStream']>[1], isLast: (frame: Frame) => boolean): Promise<Frame[]> {
  const frames: Frame[] = []
  for await (const frame of client.threads.joinStream(threadId, options) as AsyncIterable<Frame>) {
    frames.push(frame)
    if (isLast(frame)) break
  }
  return frames
}

const isDone = (frame: Frame) => (frame.data as { status?: string } | null)?.status === 'run_done'
const doneTimes = (times: number) => {
  let done = 0
  return (frame: Frame) => isDone(frame) && ++done === times
}

describe('the stream of a thread', () => {
  test('has every run, those that are over and those to come, between a metadata event and its end', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'approval', { input: { topic: 'tides' } })
    const reading = joined(thread_id, { lastEventId: '-' }, doneTimes(2))
    await client.runs.wait(thread_id, 'approval', { command: { resume: true } })
    const frames = await reading
    const runs = await client.runs.list(thread_id)
    expect(frames.map(({ event }) => event)).toEqual(['metadata', 'values', 'values', 'values', 'metadata', 'metadata', 'values', 'values', 'values', 'metadata'])
    const [first, second] = [runs[1]!.run_id, runs[0]!.run_id]
    expect(frames.filter(({ event }) => event === 'metadata').map(({ data }) => data)).toEqual([
      { run_id: first, attempt: 1, thread_id }, { status: 'run_done', run_id: first },
      { run_id: second, attempt: 1, thread_id }, { status: 'run_done', run_id: second },
    ])
    for (const [i, frame] of frames.slice(0, -1).entries())
      expect(await joined(thread_id, { lastEventId: frame.id! }, doneTimes(i < 4 ? 2 : 1))).toEqual(frames.slice(i + 1))
  })

  test('told its modes it has only that runs began and ended, or only changes of the state', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'approval', { input: { topic: 'tides' } })
    const { checkpoint } = await client.threads.updateState(thread_id, { values: { draft: 'Mine' }, asNode: 'write' }) as unknown as { checkpoint: object }
    const lifecycle = await joined(thread_id, { lastEventId: '-1', streamMode: ['lifecycle'] }, isDone)
    expect(lifecycle.map(({ event }) => event)).toEqual(['metadata', 'metadata'])
    const updates = await joined(thread_id, { lastEventId: '-', streamMode: ['state_update'] }, () => true)
    expect(updates).toEqual([{ id: '5', event: 'state_update', data: { checkpoint, as_node: 'write' } }])
  })

  test('without a last id begins with what comes now, and has what was written to the state meanwhile', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'approval', { input: { topic: 'tides' } })
    const abort = new AbortController()
    const response = await fetch(`${server.url}/threads/${thread_id}/stream?stream_mode=lifecycle&stream_mode=state_update`, { signal: abort.signal })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    await client.threads.updateState(thread_id, { values: { draft: 'Mine' }, asNode: 'write' })
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).toMatch(/^id: 5\nevent: state_update\n/)
    await client.runs.create(thread_id, 'approval', { command: { resume: true } })
    expect((await reader.read()).value).toMatch(/^id: 6\nevent: metadata\n/)
    abort.abort()
  })

  test('ends when its thread is deleted, also in the midst of a run', async () => {
    const { thread_id } = await client.threads.create()
    const { run_id } = await client.runs.create(thread_id, 'slow', { input: { steps: 1000 } })
    const response = await fetch(`${server.url}/threads/${thread_id}/stream`, { headers: { 'last-event-id': '-' } })
    const body = response.text()
    await client.threads.delete(thread_id)
    const text = await body
    expect(text).toContain(run_id)
    expect((await fetch(`${server.url}/threads/${thread_id}/stream`)).status).toBe(404)
  })

  test('refuses modes and ids that there are none of', async () => {
    const { thread_id } = await client.threads.create()
    const stream = `${server.url}/threads/${thread_id}/stream`
    const refused = await fetch(`${stream}?stream_mode=values`)
    expect(refused.status).toBe(422)
    expect(await refused.json()).toMatchObject({ code: 'invalid_request', detail: expect.stringContaining('stream_mode') as string })
    expect((await fetch(stream, { headers: { 'last-event-id': '1-2' } })).status).toBe(422)
    expect((await fetch(`${server.url}/threads/nothing/stream`)).status).toBe(422)
  })
})
