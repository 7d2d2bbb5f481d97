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

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<{ status: number, body: unknown, headers: Headers }> {
  const response = await fetch(`${server.url}${path}`, { method, headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  const text = await response.text()
  return { status: response.status, body: text ? JSON.parse(text) as unknown : null, headers: response.headers }
}

interface Notes { notes: string[], draft: string }

async function waitingThread(topic: string): Promise<string> {
  const { thread_id } = await client.threads.create({ metadata: { topic } })
  await client.runs.wait(thread_id, 'approval', { input: { topic } })
  return thread_id
}

describe('a search of threads', () => {
  test('extracts what is at a path, from the end of a list as well, beside the fields that are selected', async () => {
    const thread_id = await waitingThread('extracts')
    const [found] = await client.threads.search({
      ids: [thread_id], select: ['thread_id'],
      extract: { last: 'values.notes[-1]', draft: 'values.draft', nothing: 'values.notes[7]', topic: 'metadata.topic', odd: 'metadata.__proto__' },
    }) as unknown as [Record<string, unknown>]
    expect(found).toEqual({ thread_id, extracted: { last: 'written', draft: 'On extracts', nothing: null, topic: 'extracts', odd: null } })
  })
  test('names the path that is none, and takes ten of them at most', async () => {
    const bad = await call('POST', '/threads/search', { extract: { x: 'status' } })
    expect([bad.status, bad.body]).toMatchObject([422, { detail: expect.stringMatching(/extract\/x/) as string }])
    const many = await call('POST', '/threads/search', { extract: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`a${i}`, 'values.notes'])) })
    expect([many.status, many.body]).toMatchObject([422, { detail: expect.stringMatching(/extract.*10/) as string }])
  })
  test('sorts by every field, both ways, and counts what it finds', async () => {
    await Promise.all(['b', 'a', 'c'].map((name) => client.threads.create({ metadata: { set: 'sorted', name } })))
    for (const sortBy of ['thread_id', 'status', 'created_at', 'updated_at', 'state_updated_at'] as const) {
      const read = async (sortOrder: 'asc' | 'desc') => (await client.threads.search({ metadata: { set: 'sorted' }, sortBy: sortBy as 'status', sortOrder })).map((thread) => String((thread as unknown as Record<string, unknown>)[sortBy]))
      expect(await read('asc')).toEqual((await read('asc')).toSorted())
      expect((await read('desc'))).toEqual((await read('asc')).toReversed())
    }
    expect(await client.threads.count({ metadata: { set: 'sorted' } })).toBe(3)
    const page = await call('POST', '/threads/search', { metadata: { set: 'sorted' }, limit: 2 })
    expect([page.headers.get('x-pagination-total'), page.headers.get('x-pagination-next')]).toEqual(['3', '2'])
    const rest = await call('POST', '/threads/search', { metadata: { set: 'sorted' }, limit: 2, offset: 2 })
    expect([rest.headers.get('x-pagination-total'), rest.headers.get('x-pagination-next')]).toEqual(['3', null])
  })
  test('counts by values, by status and by ids', async () => {
    const thread_id = await waitingThread('counted')
    expect(await client.threads.count({ values: { topic: 'counted' } })).toBe(1)
    expect(await client.threads.count({ metadata: { topic: 'counted' }, status: 'interrupted' })).toBe(1)
    expect(await client.threads.count({ metadata: { topic: 'counted' }, status: 'idle' })).toBe(0)
    expect((await call('POST', '/threads/count', { ids: [thread_id] })).body).toBe(1)
  })
})

describe('a state', () => {
  test('is cut down to what is selected: fields, and single keys of the values', async () => {
    const thread_id = await waitingThread('selected')
    expect((await call('GET', `/threads/${thread_id}/state?select=next&select=values.notes`)).body).toEqual({ next: ['approve'], values: { notes: ['written'] } })
    expect((await call('GET', `/threads/${thread_id}/state?select=${encodeURIComponent('["values.draft"]')}`)).body).toEqual({ values: { draft: 'On selected' } })
    const { checkpoint_id } = (await client.threads.getState(thread_id)).checkpoint
    expect((await call('GET', `/threads/${thread_id}/state/${checkpoint_id}?select=created_at`)).body).toEqual({ created_at: expect.any(String) as string })
    expect((await call('POST', `/threads/${thread_id}/state/checkpoint`, { checkpoint: { checkpoint_id }, select: ['values.topic', 'values.nothing'] })).body).toEqual({ values: { topic: 'selected' } })
    const history = await call('POST', `/threads/${thread_id}/history`, { limit: 2, select: ['values.notes', 'checkpoint_id'] })
    expect(history.body).toEqual([{ values: { notes: ['written'] }, checkpoint_id }, { values: { notes: [] }, checkpoint_id: expect.any(String) as string }])
    expect((await call('GET', `/threads/${thread_id}/history?limit=1&select=next`)).body).toEqual([{ next: ['approve'] }])
  })
  test.each([['GET', '/state?select=colour', undefined], ['GET', '/state?select=values.', undefined], ['POST', '/history', { select: ['colour'] }]])('%s %s with an unknown name is refused by name', async (method, path, body) => {
    const { thread_id } = await client.threads.create()
    const answer = await call(method, `/threads/${thread_id}${path}`, body)
    expect([answer.status, answer.body]).toMatchObject([422, { detail: expect.stringMatching(/select/) as string }])
  })
  test('is updated by a list of objects, each in its turn', async () => {
    const thread_id = await waitingThread('listed')
    await client.threads.updateState<unknown>(thread_id, { values: [{ notes: ['one'] }, { notes: ['two'], draft: 'Both' }], asNode: 'write' })
    const { values } = await client.threads.getState<Notes>(thread_id)
    expect(values).toMatchObject({ notes: ['written', 'one', 'two'], draft: 'Both' })
  })
  test('metadata that is patched onto it is the thread\'s', async () => {
    const { thread_id } = await client.threads.create({ metadata: { kept: 1 } })
    await client.threads.patchState(thread_id, { added: 2 })
    expect((await client.threads.get(thread_id)).metadata).toMatchObject({ kept: 1, added: 2 })
    await expect(client.threads.patchState('11111111-1111-4111-8111-111111111111', {})).rejects.toThrow(/404/)
  })
})

describe('a change of a thread', () => {
  test.each(['return=minimal', 'respond-async, Return=Minimal', 'return="minimal"; foo'])('with Prefer: %s is answered without a body', async (prefer) => {
    const { thread_id } = await client.threads.create()
    for (const path of [`/threads/${thread_id}`, `/threads/${thread_id}/state`]) {
      const answer = await call('PATCH', path, { metadata: { seen: true } }, { prefer })
      expect([answer.status, answer.headers.get('preference-applied'), answer.body]).toEqual([204, 'return=minimal', null])
    }
    expect((await client.threads.get(thread_id)).metadata).toMatchObject({ seen: true })
  })
  test('is answered with the thread otherwise', async () => {
    const { thread_id } = await client.threads.create()
    expect((await call('PATCH', `/threads/${thread_id}`, { metadata: { a: 1 } }, { prefer: 'return=representation' })).body).toMatchObject({ thread_id, metadata: { a: 1 } })
    expect(await client.threads.update(thread_id, { metadata: { a: 2 }, returnMinimal: true })).toBeUndefined()
  })
})

describe('supersteps at creation', () => {
  test('give a thread its history, commands among them, and the graph goes on from there', async () => {
    const { thread_id } = await client.threads.create({
      graphId: 'approval',
      supersteps: [
        { updates: [{ values: { topic: 'made' }, asNode: '__input__' }] },
        { updates: [{ values: { topic: 'made' }, asNode: '__start__' }] },
        { updates: [{ values: { draft: 'Given', notes: ['given'] }, asNode: 'write' }] },
        { updates: [{ values: null, command: { update: { approved: true, notes: ['waved through'] }, goto: 'publish' }, asNode: 'approve' }] },
      ],
    })
    expect(await client.threads.getState(thread_id)).toMatchObject({ next: ['publish'], values: { topic: 'made', draft: 'Given', approved: true, notes: ['given', 'waved through'] } })
    expect(await client.threads.get(thread_id)).toMatchObject({ status: 'interrupted' })
    expect(await client.threads.getHistory(thread_id)).toHaveLength(4)
    expect(await client.runs.wait(thread_id, 'approval', { input: null })).toMatchObject({ notes: ['given', 'waved through', 'published'] })
  })
  test('several updates of one superstep are side by side', async () => {
    const { thread_id } = await client.threads.create({
      graphId: 'wide',
      supersteps: [{ updates: [{ values: { items: [] }, asNode: '__input__' }] }, { updates: [{ values: { answers: ['a'] }, asNode: 'ask' }, { values: { answers: ['b'] }, asNode: 'ask' }] }],
    })
    expect(await client.threads.getHistory(thread_id)).toHaveLength(2)
    expect((await client.threads.getState(thread_id)).values).toMatchObject({ answers: ['a', 'b'] })
  })
  test('that the graph refuses leave no thread behind', async () => {
    const thread_id = '22222222-2222-4222-8222-222222222222'
    await expect(client.threads.create({ threadId: thread_id, graphId: 'approval', supersteps: [{ updates: [{ values: { topic: 'x' }, asNode: 'nobody' }] }] })).rejects.toThrow(/422.*nobody/)
    await expect(client.threads.get(thread_id)).rejects.toThrow(/404/)
  })
  test('without updates are refused by name', async () =>
    expect((await call('POST', '/threads', { supersteps: [{ updates: [] }] })).body).toMatchObject({ detail: expect.stringMatching(/supersteps\/0\/updates/) as string }))
})
