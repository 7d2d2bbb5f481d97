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

describe('a search of assistants', () => {
  test('finds by name, graph and metadata, sorts by every field, and selects', async () => {
    const made = await Promise.all(['Beta 100%', 'alpha', 'gamma'].map((name, i) => client.assistants.create({ graphId: i === 2 ? 'slow' : 'approval', name, metadata: { set: 'found', tags: ['a', name] } })))
    const names = async (query: Parameters<typeof client.assistants.count>[0]) => (await client.assistants.search(query)).map(({ name }) => name).toSorted()
    expect(await names({ name: 'ALPHA' })).toEqual(['alpha'])
    expect(await names({ name: '100%' })).toEqual(['Beta 100%'])
    expect(await names({ name: '%', metadata: { set: 'found' } })).toEqual(['Beta 100%'])
    expect(await names({ graphId: 'slow', metadata: { set: 'found' } })).toEqual(['gamma'])
    expect(await names({ metadata: { tags: ['a', 'alpha'] } })).toEqual(['alpha'])
    expect(await client.assistants.count({ metadata: { set: 'found' }, graphId: 'approval' })).toBe(2)
    expect(await client.assistants.count({ name: 'gam' })).toBe(1)
    for (const sortBy of ['assistant_id', 'created_at', 'updated_at', 'name', 'graph_id'] as const) {
      const read = async (sortOrder: 'asc' | 'desc') => (await client.assistants.search({ metadata: { set: 'found' }, sortBy, sortOrder })).map((one) => one[sortBy])
      expect(await read('asc')).toEqual((await read('asc')).toSorted())
      expect(await read('desc')).toEqual((await read('asc')).toSorted().toReversed())
    }
    const page = await client.assistants.search({ metadata: { set: 'found' }, limit: 2, select: ['name', 'version'], includePagination: true })
    expect(page).toEqual({ assistants: [{ name: expect.any(String) as string, version: 1 }, { name: expect.any(String) as string, version: 1 }], next: '2' })
    expect((await client.assistants.search({ metadata: { set: 'found' }, limit: 2, offset: 2, includePagination: true })).next).toBeNull()
    await Promise.all(made.map(({ assistant_id }) => client.assistants.delete(assistant_id)))
  })
})

describe('versions of an assistant', () => {
  test('are filtered by metadata before they are paged, and made current by body or query', async () => {
    const { assistant_id } = await client.assistants.create({ graphId: 'approval', name: 'First', metadata: { kind: 'odd' }, description: 'one' })
    await client.assistants.update(assistant_id, { graphId: 'slow', name: 'Second', metadata: { kind: 'even' }, context: { tone: 'dry' } })
    await client.assistants.update(assistant_id, { name: 'Third', metadata: { kind: 'odd' }, description: 'three' })
    expect((await client.assistants.getVersions(assistant_id, { metadata: { kind: 'odd' }, limit: 1, offset: 1 })).map(({ version }) => version)).toEqual([1])
    const page = await fetch(`${server.url}/assistants/${assistant_id}/versions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"limit": 2}' })
    expect([page.headers.get('x-pagination-total'), page.headers.get('x-pagination-next')]).toEqual(['3', '2'])
    expect(await client.assistants.setLatest(assistant_id, 1)).toMatchObject({ version: 1, graph_id: 'approval', name: 'First', description: 'one', context: {}, metadata: { kind: 'odd' } })
    const second = await fetch(`${server.url}/assistants/${assistant_id}/latest?version=2`, { method: 'POST' })
    expect(await second.json()).toMatchObject({ version: 2, graph_id: 'slow', name: 'Second', context: { tone: 'dry' } })
    await expect(client.assistants.setLatest(assistant_id, 9)).rejects.toThrow(/404/)
  })
})

describe('a deletion of an assistant', () => {
  test('takes its threads along when asked to, and only then', async () => {
    for (const deleteThreads of [false, true]) {
      const { assistant_id } = await client.assistants.create({ graphId: 'slow' })
      const { thread_id } = await client.threads.create()
      await client.runs.wait(thread_id, assistant_id, { input: { steps: 1 }, config: { configurable: { pace_ms: 0 } } })
      await client.assistants.delete(assistant_id, { deleteThreads })
      await (deleteThreads ? expect(client.threads.get(thread_id)).rejects.toThrow(/404/) : expect(client.threads.get(thread_id)).resolves.toMatchObject({ thread_id }))
    }
  })
})

describe('subgraphs', () => {
  test('are told by namespace, which may be written with %7C or a plain bar', async () => {
    expect(Object.keys(await client.assistants.getSubgraphs('teams'))).toEqual(['team'])
    expect(Object.keys(await client.assistants.getSubgraphs('teams', { recurse: true })).toSorted()).toEqual(['team', 'team|writer'])
    for (const namespace of ['team|writer', 'team%7Cwriter', 'team%7cwriter']) {
      const answer = await fetch(`${server.url}/assistants/teams/subgraphs/${namespace}?recurse=true`)
      expect(await answer.json()).toMatchObject({ 'team|writer': { graph_id: 'teams', state_schema: { properties: { path: {} } } } })
    }
    expect(await client.assistants.getSubgraphs('teams', { namespace: 'team|writer', recurse: true })).toHaveProperty(['team|writer'])
  })
})
