import { Client as Client00 } from 'langgraph-sdk-0.0'
import { Client as Client01 } from 'langgraph-sdk-0.1'
import { Client as Client16 } from 'langgraph-sdk-1.6'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProjectServer, type ProjectServer } from '../start-project-server.ts'
import { proofsOf } from './proofs.ts'

let server: ProjectServer
beforeAll(async () => { server = await startProjectServer() })
afterAll(() => server.stop(0))

/** What the lines have in common is the oldest one's, so its types are used for all. */
const LINES = { 'js-0.0': Client00, 'js-0.1': Client01, 'js-1.6': Client16 } as unknown as Record<'js-0.0' | 'js-0.1' | 'js-1.6', typeof Client00>

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of stream) all.push(item)
  return all
}

describe.each(Object.entries(LINES) as [keyof typeof LINES, typeof Client00][])('an older JavaScript SDK, %s', (name, Client) => {
  const proofs = proofsOf(name, () => server)
  let client: InstanceType<typeof Client00>
  beforeAll(() => { client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } }) })

  test('keeps assistants with their versions', async () => {
    const made = await client.assistants.create({ graphId: 'counter', config: { configurable: { step: 2 } }, metadata: { line: name } })
    expect(await client.assistants.update(made.assistant_id, { graphId: 'counter', config: { configurable: { step: 3 } } })).toMatchObject({ version: 2 })
    expect((await client.assistants.getVersions(made.assistant_id)).map(({ version }) => version)).toEqual([2, 1])
    expect(await client.assistants.setLatest(made.assistant_id, 1)).toMatchObject({ config: { configurable: { step: 2 } } })
    expect(await client.runs.wait(null, made.assistant_id, { input: {} })).toMatchObject({ count: 2 })
    expect(await client.assistants.search({ metadata: { line: name } })).toHaveLength(1)
    await client.assistants.delete(made.assistant_id)
    expect(await client.assistants.search({ metadata: { line: name } })).toEqual([])
  })

  test('draws graphs and tells their schemas', async () => {
    expect((await client.assistants.getGraph('counter')).nodes.map(({ id }) => id)).toContain('tell')
    expect((await client.assistants.getSchemas('counter')).input_schema).toMatchObject({ properties: { count: {} } })
  })

  test('makes, finds, changes, copies and deletes threads', async () => {
    const thread = await client.threads.create({ metadata: { line: name } })
    expect(await client.threads.update(thread.thread_id, { metadata: { more: 1 } })).toMatchObject({ metadata: { line: name, more: 1 } })
    expect(await client.threads.search({ metadata: { line: name }, limit: 5 })).toMatchObject([{ thread_id: thread.thread_id }])
    await client.runs.wait(thread.thread_id, 'counter', { input: {} })
    const copy = await client.threads.copy(thread.thread_id) as unknown as { thread_id: string }
    expect((await client.threads.getState(copy.thread_id)).values).toMatchObject({ count: 1 })
    for (const id of [thread.thread_id, copy.thread_id]) await client.threads.delete(id)
    expect(await client.threads.search({ metadata: { line: name } })).toEqual([])
  })

  test('streams several modes and graphs inside', async () => {
    const { thread_id } = await client.threads.create()
    const events = await collect(client.runs.stream(thread_id, 'nested', { input: { topic: 'tides' }, streamMode: ['values', 'updates'], streamSubgraphs: true }))
    expect(events[0]!.event).toBe('metadata')
    expect(events.some(({ event }) => String(event).startsWith('updates|research:'))).toBe(true)
    expect(events.at(-1)).toMatchObject({ event: 'values', data: { report: 'looked at tides' } })
    const said = await collect(client.runs.stream(null, 'chat', { input: { messages: [{ role: 'user', content: 'hi' }] }, streamMode: 'messages' }))
    expect(said.filter(({ event }) => event === 'messages/partial').at(-1)!.data).toMatchObject([{ content: 'You said: hi' }])
  })

  test('is interrupted, resumes, looks back and forks', async () => {
    const { thread_id } = await client.threads.create()
    const asked = await collect(client.runs.stream(thread_id, 'approval', { input: { topic: 'tides' }, streamMode: 'updates' }))
    expect(asked.at(-1)!.data).toMatchObject({ __interrupt__: [{ value: { question: 'Publish?' } }] })
    expect(await client.threads.getState(thread_id)).toMatchObject({ next: ['approve'], tasks: [{ interrupts: [{ value: { question: 'Publish?' } }] }] })
    const resumed = await collect(client.runs.stream(thread_id, 'approval', { input: null, command: { resume: true }, streamMode: 'values' }))
    expect(resumed.at(-1)!.data).toMatchObject({ approved: true })
    const before = (await client.threads.getHistory(thread_id)).find((state) => state.next[0] === 'approve')!
    const forked = await client.threads.updateState(thread_id, { values: { draft: 'Changed' }, asNode: 'write', checkpoint: before.checkpoint }) as unknown as { checkpoint: typeof before.checkpoint }
    expect(await client.runs.wait(thread_id, 'approval', { input: null, checkpoint: forked.checkpoint })).toMatchObject({ draft: 'Changed' })
  })

  test('makes, lists, joins, cancels and deletes runs', async () => {
    const { thread_id } = await client.threads.create()
    const first = await client.runs.create(thread_id, 'counter', { input: {} })
    expect(await client.runs.join(thread_id, first.run_id)).toMatchObject({ count: 1 })
    const slow = await client.runs.create(thread_id, 'slow', { input: { steps: 10_000 }, config: { recursion_limit: 20_000, configurable: {} }, streamMode: 'updates' })
    for await (const { event } of client.runs.joinStream(thread_id, slow.run_id)) if (event === 'updates') break
    await client.runs.cancel(thread_id, slow.run_id, true)
    expect(await client.runs.get(thread_id, slow.run_id)).toMatchObject({ status: 'interrupted' })
    expect(await client.runs.list(thread_id)).toHaveLength(2)
    await client.runs.delete(thread_id, first.run_id)
    expect(await client.runs.list(thread_id)).toHaveLength(1)
    const batch = await client.runs.createBatch([1, 2].map((count) => ({ assistantId: 'counter', input: { count } })))
    expect(batch).toHaveLength(2)
  })

  test('stores items', async () => {
    const place = ['old', name.replace('.', '-')]
    await client.store.putItem(place, 'likes', { text: 'tea' })
    expect(await client.store.getItem(place, 'likes')).toMatchObject({ value: { text: 'tea' } })
    expect((await client.store.searchItems(place, { filter: { text: 'tea' } })).items).toHaveLength(1)
    expect(await client.store.listNamespaces({ prefix: place })).toMatchObject({ namespaces: [place] })
    await client.store.deleteItem(place, 'likes')
  })

  proofs.areAsTold()
})
