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

const post = (path: string, body: unknown) => fetch(`${server.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
const SLOW = { input: { steps: 10_000 }, config: { recursion_limit: 20_000 } }
const QUICK = { input: { steps: 1 }, config: { configurable: { pace_ms: 0 } } }
const idOfNobody = '11111111-1111-4111-8111-111111111111'

/** A thread with a run that has stored something and goes on for long. */
async function busyThread(): Promise<{ thread_id: string, run_id: string }> {
  const { thread_id } = await client.threads.create()
  const { run_id } = await client.runs.create(thread_id, 'slow', { ...SLOW, streamMode: ['updates'] })
  for await (const { event } of client.runs.joinStream(thread_id, run_id, { lastEventId: '-1' })) if (event === 'updates') break
  return { thread_id, run_id }
}
const statuses = async (threadId: string) => (await client.runs.list(threadId)).map(({ status }) => status)

describe('cancelling many runs', () => {
  test('stops the named ones of a thread and leaves the others', async () => {
    const { thread_id, run_id } = await busyThread()
    const [second, third] = [await client.runs.create(thread_id, 'slow', QUICK), await client.runs.create(thread_id, 'slow', SLOW)]
    await client.runs.cancelMany({ threadId: thread_id, runIds: [run_id, third.run_id, idOfNobody] })
    expect((await client.runs.get(thread_id, third.run_id)).status).toBe('interrupted')
    await client.runs.join(thread_id, second.run_id)
    expect(await statuses(thread_id)).toEqual(['interrupted', 'success', 'interrupted'])
  })
  test('by status takes those of all threads; rolled back they are gone', async () => {
    const [first, second] = [await busyThread(), await busyThread()]
    const waiting = await client.runs.create(first.thread_id, 'slow', SLOW)
    await client.runs.cancelMany({ status: 'pending', action: 'rollback' })
    await expect(client.runs.get(first.thread_id, waiting.run_id)).rejects.toThrow(/404/)
    expect(await statuses(first.thread_id)).toEqual(['running'])
    await client.runs.cancelMany({ status: 'all' })
    for (const { thread_id, run_id } of [first, second]) expect((await client.runs.get(thread_id, run_id)).status).toBe('interrupted')
    await expect(client.runs.cancelMany({ status: 'all' })).rejects.toThrow(/404.*No runs found to cancel/)
  })
  test.each([
    [{}, /neither/],
    [{ thread_id: idOfNobody }, /run_ids is missing/],
    [{ run_ids: [idOfNobody] }, /thread_id is missing/],
    [{ thread_id: idOfNobody, status: 'pending' }, /either status, or thread_id and run_ids: not both/],
    [{ run_ids: [idOfNobody], status: 'all' }, /not both/],
    [{ status: 'success' }, /"pending", "running", "all"/],
    [{ thread_id: idOfNobody, run_ids: [] }, /run_ids/],
  ])('%j is refused with what is wrong', async (body, detail) => {
    const answer = await post('/runs/cancel', body)
    expect(answer.status).toBe(422)
    expect(((await answer.json()) as { detail: string }).detail).toMatch(detail)
  })
  test('of an unknown thread, or of runs of another one, finds nothing', async () => {
    expect((await post('/runs/cancel', { thread_id: idOfNobody, run_ids: [idOfNobody] })).status).toBe(404)
    const { thread_id, run_id } = await busyThread()
    const other = await client.threads.create()
    expect((await post('/runs/cancel', { thread_id: other.thread_id, run_ids: [run_id] })).status).toBe(404)
    await client.runs.cancel(thread_id, run_id, true)
  })
})

describe('cancelling one run', () => {
  test('that is rolled back takes its checkpoints along, and the state is as before', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'slow', QUICK)
    const before = await client.threads.getHistory(thread_id, { limit: 100 })
    const run = await client.runs.create(thread_id, 'slow', { ...SLOW, streamMode: ['updates'] })
    for await (const { event } of client.runs.joinStream(thread_id, run.run_id, { lastEventId: '-1' })) if (event === 'updates') break
    expect((await client.threads.getHistory(thread_id, { limit: 100 })).length).toBeGreaterThan(before.length)
    await client.runs.cancel(thread_id, run.run_id, true, 'rollback')
    await expect(client.runs.get(thread_id, run.run_id)).rejects.toThrow(/404/)
    expect(await client.threads.getHistory(thread_id, { limit: 100 })).toEqual(before)
    expect(await client.threads.get(thread_id)).toMatchObject({ status: 'idle', values: before[0]!.values })
  })
  test('says where its output can be waited for, and keeps why it was taken', async () => {
    const { thread_id, run_id } = await busyThread()
    const queued = await client.runs.create(thread_id, 'slow', SLOW)
    expect((await post(`/threads/${thread_id}/runs/${queued.run_id}/cancel?reason=taken&action=rollback`, undefined)).status).toBe(422)
    expect((await post(`/threads/${thread_id}/runs/${queued.run_id}/cancel?reason=taken&wait=no`, undefined)).status).toBe(202)
    expect(await client.runs.get(thread_id, queued.run_id)).toMatchObject({ status: 'interrupted', cancel_reason: expect.stringMatching(/^taken:/) as string })
    const answer = await post(`/threads/${thread_id}/runs/${run_id}/cancel?wait=1`, undefined)
    expect([answer.status, answer.headers.get('location')]).toEqual([204, `/threads/${thread_id}/runs/${run_id}/join`])
    expect(await client.runs.get(thread_id, run_id)).toMatchObject({ status: 'interrupted', cancel_reason: null })
    expect(await client.runs.join(thread_id, run_id)).toMatchObject({ steps: 10_000 })
  })
})

describe('a list of runs', () => {
  test('has pages, a status and the fields that are selected', async () => {
    const { thread_id } = await client.threads.create()
    for (let i = 0; i < 3; i++) await client.runs.wait(thread_id, 'slow', QUICK)
    const answer = await fetch(`${server.url}/threads/${thread_id}/runs?limit=2&status=success&select=run_id&select=status`)
    expect([answer.headers.get('x-pagination-total'), answer.headers.get('x-pagination-next')]).toEqual(['3', '2'])
    expect(await answer.json()).toEqual([{ run_id: expect.any(String) as string, status: 'success' }, { run_id: expect.any(String) as string, status: 'success' }])
    const failed = await fetch(`${server.url}/threads/${thread_id}/runs?status=error`)
    expect([failed.headers.get('x-pagination-total'), await failed.json()]).toEqual(['0', []])
    expect((await fetch(`${server.url}/threads/${thread_id}/runs?select=colour`)).status).toBe(422)
  })
})

describe('multitask strategies of a run that is waited for', () => {
  test('reject refuses, enqueue waits its turn', async () => {
    const { thread_id, run_id } = await busyThread()
    await expect(client.runs.wait(thread_id, 'slow', { ...QUICK, multitaskStrategy: 'reject' })).rejects.toThrow(/409/)
    const waiting = client.runs.wait(thread_id, 'slow', { ...QUICK, multitaskStrategy: 'enqueue' })
    await client.runs.cancel(thread_id, run_id, true)
    expect(await waiting).toMatchObject({ steps: 1 })
  })
  test.each(['interrupt', 'rollback'] as const)('%s goes first', async (multitaskStrategy) => {
    const { thread_id, run_id } = await busyThread()
    expect(await client.runs.wait(thread_id, 'slow', { ...QUICK, multitaskStrategy })).toMatchObject({ steps: 1 })
    const first = client.runs.get(thread_id, run_id)
    if (multitaskStrategy === 'rollback') await expect(first).rejects.toThrow(/404/)
    else expect((await first).status).toBe('interrupted')
  })
})

describe('what a run is asked to be', () => {
  test.each([[{ checkpoint_during: false }, 1], [{ checkpoint_during: true }, 3], [{ durability: 'exit' }, 1], [{ checkpoint_during: false, durability: 'sync' }, 3]])('%j leaves %i checkpoints', async (how, count) => {
    const { thread_id } = await client.threads.create()
    await (await post(`/threads/${thread_id}/runs/wait`, { assistant_id: 'slow', ...QUICK, ...how })).text()
    expect(await client.threads.getHistory(thread_id)).toHaveLength(count)
  })
  test.each([['keep', true], ['continue', true], ['delete', false], ['complete', false]])('a stateless one with on_completion %s keeps its thread: %s', async (on_completion, isKept) => {
    const run = await (await post('/runs', { assistant_id: 'slow', ...QUICK, on_completion })).json() as { thread_id: string, run_id: string }
    await (await fetch(`${server.url}/threads/${run.thread_id}/runs/${run.run_id}/join`)).text()
    expect((await fetch(`${server.url}/threads/${run.thread_id}`)).status).toBe(isKept ? 200 : 404)
  })
  test.each(['/runs/stream', '/runs/wait'])('a stateless one at %s with on_disconnect cancel ends with its client', async (path) => {
    const gone = new AbortController()
    const answer = await fetch(`${server.url}${path}`, { method: 'POST', signal: gone.signal, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ assistant_id: 'slow', ...SLOW, on_disconnect: 'cancel', on_completion: 'keep' }) })
    const run_id = answer.headers.get('content-location')!.split('/').at(-1)!
    const ended = fetch(`${server.url}/runs/${run_id}/stream`).then((stream) => stream.text())
    gone.abort()
    await ended
    const { items } = await fetch(`${server.url}/threads/search`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"limit": 1, "sort_by": "updated_at"}' }).then(async (found) => ({ items: await found.json() as { thread_id: string, status: string }[] }))
    expect((await client.runs.get(items[0]!.thread_id, run_id)).status).toBe('interrupted')
  })
  test('feedback keys and a tracer are kept with it; no feedback is told, since there is no address to give', async () => {
    const { thread_id } = await client.threads.create()
    const events: string[] = []
    for await (const { event } of client.runs.stream(thread_id, 'slow', { ...QUICK, feedbackKeys: ['liked'], streamMode: 'values' })) events.push(event)
    expect(new Set(events)).toEqual(new Set(['metadata', 'values']))
    const run = await (await post(`/threads/${thread_id}/runs`, { assistant_id: 'slow', ...QUICK, feedback_keys: ['liked'], langsmith_tracer: { project_name: 'trials', example_id: 'e1' } })).json() as { run_id: string }
    expect(run).toMatchObject({ langsmith_session_name: 'trials', kwargs: { feedback_keys: ['liked'], langsmith_tracer: { project_name: 'trials', example_id: 'e1' } } })
    expect(await client.runs.join(thread_id, run.run_id)).not.toHaveProperty('__feedback__')
  })
})

describe('a strict resume', () => {
  const unknown = 'f'.repeat(32)
  test('refuses an answer to what nobody asked, and the thread waits on', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'approval', { input: { topic: 'x' } })
    const refused = await post(`/threads/${thread_id}/runs/wait`, { assistant_id: 'approval', command: { resume: { [unknown]: true } }, strict_resume: true })
    expect([refused.status, await refused.json()]).toMatchObject([422, { code: 'unknown_interrupt', detail: expect.stringContaining(unknown) as string }])
    const { interrupts, status } = await client.threads.get(thread_id)
    expect(status).toBe('interrupted')
    const [{ id }] = Object.values(interrupts).flat() as [{ id: string }]
    const done = await post(`/threads/${thread_id}/runs/wait`, { assistant_id: 'approval', command: { resume: { [id]: true } }, strict_resume: true })
    expect(await done.json()).toMatchObject({ approved: true })
  })
  test('goes by what was asked where the run starts', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'approval', { input: { topic: 'x' } })
    const [{ id }] = Object.values((await client.threads.get(thread_id)).interrupts).flat() as [{ id: string }]
    const { checkpoint_id } = (await client.threads.getState(thread_id)).checkpoint
    await client.threads.updateState(thread_id, { values: { draft: 'Changed' }, asNode: 'write' })
    await client.runs.wait(thread_id, 'approval', { input: null })
    const answer = { assistant_id: 'approval', command: { resume: { [id]: true } }, strict_resume: true }
    expect((await post(`/threads/${thread_id}/runs/wait`, answer)).status).toBe(422)
    expect(await (await post(`/threads/${thread_id}/runs/wait`, { ...answer, checkpoint_id })).json()).toMatchObject({ approved: true, draft: 'On x' })
  })
  test('is looked at as the run starts, where the thread was busy', async () => {
    const { thread_id, run_id } = await busyThread()
    const run = await (await post(`/threads/${thread_id}/runs`, { assistant_id: 'slow', command: { resume: { [unknown]: true } }, strict_resume: true })).json() as { run_id: string }
    await client.runs.cancel(thread_id, run_id, true)
    expect(await (await fetch(`${server.url}/threads/${thread_id}/runs/${run.run_id}/join`)).json()).toEqual({ __error__: { error: 'UnknownInterruptError', message: expect.stringContaining(unknown) as string } })
  })
})

describe('a stream of a run with subgraphs', () => {
  const read = async (answer: Response) => new Set([...(await answer.text()).matchAll(/^event: (.*)$/gm)].map(([, event]) => event!.replaceAll(/:[0-9a-f-]{36}/g, '')))
  test('is cut down to the namespaces that are named, live and later', async () => {
    const { thread_id } = await client.threads.create()
    const body = { assistant_id: 'teams', input: { path: [] }, stream_mode: ['updates'], stream_subgraphs: true }
    const all = await post(`/threads/${thread_id}/runs/stream`, body)
    const path = all.headers.get('content-location')!
    expect(await read(all)).toEqual(new Set(['metadata', 'updates', 'updates|team', 'updates|team|writer']))
    const replay = (query: string) => fetch(`${server.url}${path}/stream${query}`, { headers: { 'last-event-id': '-1' } })
    expect(await read(await replay('?namespace=team%7Cwriter'))).toEqual(new Set(['metadata', 'updates', 'updates|team|writer']))
    expect(await read(await replay('?namespace=nobody'))).toEqual(new Set(['metadata', 'updates']))
    expect(await read(await replay(`?namespace=${encodeURIComponent('["team"]')}&stream_mode=updates`))).toEqual(new Set(['metadata', 'updates', 'updates|team', 'updates|team|writer']))
    const cut = await post(`/threads/${thread_id}/runs/stream?namespace=team|writer`, body)
    expect(cut.headers.get('location')).toBe(`${cut.headers.get('content-location')}/stream?namespace=team%7Cwriter`)
    expect(await read(cut)).toEqual(new Set(['metadata', 'updates', 'updates|team|writer']))
    expect((await replay('?stream_mode=holograms')).status).toBe(422)
  })
})
