import { hash } from 'node:crypto'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ImportedThread } from '../contract/thread-file.ts'
import { startProjectServer, type ProjectServer } from './start-project-server.ts'

let server: ProjectServer
let client: Client
beforeAll(async () => {
  server = await startProjectServer()
  client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
})
afterAll(() => server.stop(0))

const download = async (threadId: string) => {
  const answer = await fetch(`${server.url}/studio/api/threads/${threadId}/export`)
  expect(answer.status).toBe(200)
  return answer.text()
}
const upload = (body: string | Uint8Array, type = 'application/x-ndjson') =>
  fetch(`${server.url}/studio/api/threads/import`, { method: 'POST', headers: { 'content-type': type }, body: body as BodyInit })

async function imported(text: string): Promise<ImportedThread> {
  const answer = await upload(text)
  expect(answer.status).toBe(200)
  return (await answer.json() as { threads: ImportedThread[] }).threads[0]!
}

/** All that a client sees of a thread. */
async function viewOf(threadId: string) {
  const timeline = await (await fetch(`${server.url}/studio/api/threads/${threadId}/timeline`)).json() as object
  return { thread: await client.threads.get(threadId), state: await client.threads.getState(threadId, undefined, { subgraphs: true }), history: await client.threads.getHistory(threadId, { limit: 100 }), timeline, runs: await client.runs.list(threadId) }
}

const stepOf = ({ values, next, metadata }: { values: unknown, next: string[], metadata?: { step?: number } | null | undefined }) => ({ values, next, step: metadata?.step })

/** Waits at a question, with a branch, and with enough text that values are made of pieces. */
async function makeThread(): Promise<string> {
  const { thread_id } = await client.threads.create({ metadata: { owner: 'Ada' } })
  await client.runs.wait(thread_id, 'approval', { input: { topic: 'tides '.repeat(200), notes: Array.from({ length: 40 }, (_, i) => `note ${i} `.repeat(50)) } })
  const [asked] = await client.threads.getHistory(thread_id)
  await client.runs.wait(thread_id, 'approval', { command: { resume: false } })
  await client.threads.updateState(thread_id, { values: { draft: 'Another draft' }, checkpointId: asked!.checkpoint.checkpoint_id! })
  await client.runs.wait(thread_id, 'approval', { input: null })
  return thread_id
}

describe('a thread that goes to a file and back', () => {
  test('is the same in every view, and a run goes on where it waited', async () => {
    const threadId = await makeThread()
    const before = await viewOf(threadId)
    expect(before.thread.status).toBe('interrupted')
    const text = await download(threadId)
    await client.threads.delete(threadId)
    expect(await imported(text)).toMatchObject({ thread_id: threadId, from: threadId, runs: 3 })
    expect(await viewOf(threadId)).toEqual(before)
    expect(await client.runs.wait(threadId, 'approval', { command: { resume: true } })).toMatchObject({ approved: true, draft: 'Another draft' })
  })

  test('gets an id of its own where its own is taken, and leaves the other alone', async () => {
    const threadId = await makeThread()
    const before = await viewOf(threadId)
    const { thread_id: copy, from } = await imported(await download(threadId))
    expect(from).toBe(threadId)
    expect(copy).not.toBe(threadId)
    expect(await viewOf(threadId)).toEqual(before)
    const other = await viewOf(copy)
    expect(other.state.values).toEqual(before.state.values)
    expect(other.history.map(stepOf)).toEqual(before.history.map(stepOf))
    expect(await client.runs.wait(copy, 'approval', { command: { resume: true } })).toMatchObject({ approved: true })
  })

  test('sent twice at the same time becomes two threads', async () => {
    const threadId = await makeThread()
    const text = await download(threadId)
    await client.threads.delete(threadId)
    const [first, second] = await Promise.all([imported(text), imported(text)])
    expect(first.thread_id).not.toBe(second.thread_id)
    expect(await client.runs.list(first.thread_id)).toHaveLength(3)
    expect(await client.runs.list(second.thread_id)).toHaveLength(3)
  })

  test('may have passed through another system: a byte order mark and its line ends are no harm', async () => {
    const text = await download(await makeThread())
    expect((await upload(`\uFEFF${text.replaceAll('\n', '\r\n')}`)).status).toBe(200)
  })

  test('whose run is under way has that run as interrupted', async () => {
    const { thread_id } = await client.threads.create()
    const run = await client.runs.create(thread_id, 'slow', { input: { steps: 10_000 }, config: { recursion_limit: 20_000 }, streamMode: ['updates'] })
    for await (const { event } of client.runs.joinStream(thread_id, run.run_id, { lastEventId: '-1' })) if (event === 'updates') break
    const text = await download(thread_id)
    await client.runs.cancel(thread_id, run.run_id, true)
    const { thread_id: copy } = await imported(text)
    expect((await client.threads.get(copy)).status).not.toBe('busy')
    expect(await client.runs.list(copy)).toMatchObject([{ status: 'interrupted' }])
  })
})

describe('a file that is not as it should be changes nothing, and the answer names the line', () => {
  let lines: string[]
  beforeAll(async () => {
    lines = (await download(await makeThread())).trimEnd().split('\n')
  })
  let before: number
  const countThreads = async () => Number(await (await fetch(`${server.url}/threads/count`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })).text())
  beforeEach(async () => { before = await countThreads() })

  async function refused(changed: readonly string[] | Uint8Array, message: RegExp): Promise<void> {
    const answer = await upload(changed instanceof Uint8Array ? changed : `${changed.join('\n')}\n`)
    expect({ status: answer.status, ...await answer.json() as { detail: string } }).toMatchObject({ status: 422, code: 'invalid_request', detail: expect.stringMatching(message) as string })
    expect(await countThreads()).toBe(before)
  }
  type Line = Record<string, unknown>
  /** Changes the first line of a type. */
  function change(type: string, edit: (line: Line) => Line | string): string[] {
    const at = lines.findIndex((line) => line.includes(`"type":"${type}"`))
    const edited = edit(JSON.parse(lines[at]!) as Line)
    return lines.with(at, typeof edited === 'string' ? edited : JSON.stringify(edited))
  }
  const lineOf = (type: string) => lines.findIndex((line) => line.includes(`"type":"${type}"`)) + 1

  test('nothing at all', () => refused(new Uint8Array(), /ends after line 0 and was cut off/))
  test('something else', () => refused(['{"hello":"world"}'], /^Line 1: this is no file of threads/))
  test('no JSON', () => refused(['PK\u0003\u0004'], /^Line 1: .*JSON/))
  test('bytes that are no text', () => refused(Uint8Array.of(0xff, 0xfe, 0x00, 0x0a), /not UTF-8/))
  test('a newer version', () => refused(lines.with(0, '{"format":"superstep-threads","version":2}'), /^Line 1: .*reads version 1.*has 2/))
  test('cut off between lines', () => refused(lines.slice(0, -1), /was cut off/))
  test('cut off within a line', () => refused(new TextEncoder().encode(lines.join('\n').slice(0, -40)), /^Line \d+: /))
  test('a line that was lost', () => refused(lines.toSpliced(lineOf('run') - 1, 1), /should have 1 in \d+/))
  test('a line that is there twice', () => refused(lines.toSpliced(lineOf('checkpoint'), 0, lines[lineOf('checkpoint') - 1]!), /this checkpoint is in the file twice/))
  test('a line after the end', () => refused([...lines, lines[1]!], /should have ended before/))
  test('an unknown type', () => refused(change('thread', (line) => ({ ...line, type: 'constructor' })), /"constructor" is no type of line/))
  test('a key that would change a prototype', () => refused(change('thread', (line) => JSON.stringify(line).replace('"metadata":{', '"metadata":{"__proto__":{"admin":true},')), /__proto__/))
  test('a number beyond all numbers', () => refused(change('run', (line) => JSON.stringify(line).replace(/"attempt":\d+/, '"attempt":1e999')), /run\/attempt/))
  test('an id that is a path', () => refused(change('thread', (line) => ({ ...line, thread_id: '../../etc/passwd' })), /thread\/thread_id/))
  test('a status that only a server may give', () => refused(change('run', (line) => ({ ...line, status: 'running' })), /run\/status/))
  test('a piece that was changed', () => refused(change('piece', (line) => ({ ...line, json: `${String(line['json'])} ` })), new RegExp(`^Line ${lineOf('piece')}: .*does not hold what its name says`)))
  test('a piece that is missing', () => refused(lines.toSpliced(lineOf('piece') - 1, 1), /is needed here and did not come before/))
  test('a parent that is missing', () => refused(change('checkpoint', (line) => ({ ...line, parent_checkpoint_id: '1' })), /follows 1, which is not in the file/))
  test('a nested bomb', () => refused(change('thread', (line) => JSON.stringify(line).replace('"metadata":{', `"metadata":{"deep":${'['.repeat(2000)}${']'.repeat(2000)},`)), /nested more than 500/))
  test('a few pieces that spell more than a memory holds', () => {
    const pieces: string[] = []
    let value = JSON.stringify('x'.repeat(1000))
    for (let level = 0; level < 8; level++) {
      const name = hash('sha256', value, 'buffer').subarray(0, 20).toString('base64url')
      pieces.push(JSON.stringify({ type: 'piece', hash: name, json: value }))
      value = `[${Array.from({ length: 16 }, () => `{"$":"p","h":"${name}","n":1}`).join(',')}]`
    }
    return refused(lines.toSpliced(1, 0, ...pieces), /larger than \d+ characters or deeper/)
  })
  test('a stored value that no reader could read', () => refused(change('checkpoint', (line) => ({ ...line, channels: { topic: '{"$":"o","v":7}' } })), /tagged "o" has not the form/))
  test('a reference that is hidden from the sweep', () => refused(change('checkpoint', (line) => ({ ...line, channels: { topic: `{"$":"p","n":1,"h":"${'A'.repeat(27)}"}` } })), /not written as it must be/))
  test('another content type is refused', async () => expect((await upload('{}', 'text/plain')).status).toBe(415))
})

test('a thread that is not there has no file', async () => {
  expect((await fetch(`${server.url}/studio/api/threads/11111111-1111-4111-8111-111111111111/export`)).status).toBe(404)
})
