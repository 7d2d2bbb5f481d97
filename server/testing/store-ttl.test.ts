import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PLAIN_STORE, type StoreConfig } from '../domain/store-config.ts'
import { systemClock } from '../engine/clock.ts'
import { PlatformError } from '../errors.ts'
import { startTestServer, type TestServer } from './start-test-server.ts'

const MINUTE = 60_000
let [server, store]: [TestServer, Client['store']] = [null!, null!]
let passed = 0
/** What the server does each minute, once. */
const chores = new Set<() => void>()
function sweep(): void {
  for (const chore of chores) {
    chores.delete(chore)
    chore()
  }
}

async function start(config: Partial<StoreConfig> = {}): Promise<void> {
  passed = 0
  chores.clear()
  server = await startTestServer({
    store: { ...PLAIN_STORE, ...config },
    clock: {
      now: () => Date.now() + passed,
      after: (ms, callback) => {
        if (ms !== MINUTE) return systemClock.after(ms, callback)
        chores.add(callback)
        return () => void chores.delete(callback)
      },
    },
  })
  store = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } }).store
}
beforeEach(() => start())
afterEach(() => server.stop(0))

const keys = async (options: object = { refreshTtl: false }) => (await store.searchItems([], options)).items.map(({ key }) => key).sort()
const peek = async (key: string) => (await store.getItem(['a'], key, { refreshTtl: false }))?.value ?? null
const send = (method: string, path: string, body?: unknown) => fetch(`${server.url}${path}`, { method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) })

describe('an item with a time to live', () => {
  test('is gone at its time for every reader, before it is removed', async () => {
    await store.putItem(['a'], 'kept', { n: 0 })
    await store.putItem(['b', 'c'], 'passing', { n: 1 }, { ttl: 10 })
    passed = 10 * MINUTE - 1000
    expect(await keys()).toEqual(['kept', 'passing'])
    passed = 10 * MINUTE + 1000
    expect(await keys()).toEqual(['kept'])
    expect(await store.getItem(['b', 'c'], 'passing')).toBeNull()
    expect((await store.listNamespaces()).namespaces).toEqual([['a']])
    const ops = [{ op: 'get', args: { namespace: ['b', 'c'], key: 'passing' } }, { op: 'search', args: { namespace_prefix: ['b'] } }, { op: 'namespaces', args: {} }] as const
    expect(await server.runtime.services.store(ops)).toEqual([null, [], [['a']]])
  })

  test('begins anew when it is put after its time, and keeps its beginning before', async () => {
    await store.putItem(['a'], 'k', { n: 1 }, { ttl: 10 })
    const first = await store.getItem(['a'], 'k')
    passed = 5 * MINUTE
    await store.putItem(['a'], 'k', { n: 2 }, { ttl: 10 })
    expect((await store.getItem(['a'], 'k'))!.createdAt).toBe(first!.createdAt)
    passed = 16 * MINUTE
    await store.putItem(['a'], 'k', { n: 3 })
    const again = (await store.getItem(['a'], 'k'))!
    expect(again.createdAt).toBe(again.updatedAt)
    passed = 1e6 * MINUTE
    expect(await peek('k')).toEqual({ n: 3 })
  })

  test('has its whole time again when it is read or found, unless the reader says no', async () => {
    for (const key of ['read', 'found', 'peeked']) await store.putItem(['a', key], key, {}, { ttl: 10 })
    passed = 9 * MINUTE
    await store.getItem(['a', 'read'], 'read')
    await store.searchItems(['a', 'found'])
    await store.getItem(['a', 'peeked'], 'peeked', { refreshTtl: false })
    await store.listNamespaces()
    passed = 18 * MINUTE
    expect(await keys()).toEqual(['found', 'read'])
    passed = 20 * MINUTE
    expect(await keys({ refreshTtl: true })).toEqual([])
  })

  test('does not change by being read', async () => {
    await store.putItem(['a'], 'k', {}, { ttl: 10 })
    const { updatedAt } = (await store.getItem(['a'], 'k'))!
    passed = MINUTE
    expect((await store.getItem(['a'], 'k'))!.updatedAt).toBe(updatedAt)
  })

  test('only what a page shows was read', async () => {
    for (const key of ['a', 'b']) await store.putItem(['n'], key, {}, { ttl: 10 })
    passed = 9 * MINUTE
    const [shown] = (await store.searchItems(['n'], { limit: 1 })).items
    passed = 11 * MINUTE
    expect(await keys()).toEqual([shown!.key])
  })

  test('is removed by the sweep', async () => {
    const ops = Array.from({ length: 450 }, (_, i) => ({ op: 'put' as const, args: { namespace: ['many'], key: `${i}`, value: {}, ttl: 1 } }))
    await server.runtime.services.store(ops)
    // Were they only hidden, they would be there again when the clock is put back.
    await expect.poll(async () => {
      passed = 2 * MINUTE
      sweep()
      expect(await keys()).toEqual([])
      passed = 0
      return keys({ limit: 1000, refreshTtl: false })
    }).toEqual([])
  })

  test.each([[0], [-1], ['10'], [1e300], [{}], [true]])('of %j is refused, and nothing is stored', async (ttl) => {
    const answer = await send('PUT', '/store/items', { namespace: ['a'], key: 'k', value: {}, ttl })
    expect([answer.status, await answer.json()]).toEqual([422, { code: 'invalid_request', detail: expect.stringContaining('ttl') as string }])
    expect(await keys()).toEqual([])
  })
})

describe('the configuration', () => {
  test('gives a time to those that say nothing; null says for ever', async () => {
    await server.stop(0)
    await start({ defaultTtl: 5 })
    await store.putItem(['a'], 'default', {})
    await store.putItem(['a'], 'own', {}, { ttl: 60 })
    await store.putItem(['a'], 'for ever', {}, { ttl: null })
    await server.runtime.services.store([{ op: 'put', args: { namespace: ['a'], key: 'of a graph', value: {} } }])
    passed = 6 * MINUTE
    expect(await keys()).toEqual(['for ever', 'own'])
    passed = 61 * MINUTE
    expect(await keys()).toEqual(['for ever'])
  })

  test('may keep reads from renewing, and a reader may ask for it', async () => {
    await server.stop(0)
    await start({ refreshOnRead: false })
    for (const key of ['a', 'b']) await store.putItem(['a'], key, {}, { ttl: 10 })
    passed = 9 * MINUTE
    await store.getItem(['a'], 'a')
    await store.getItem(['a'], 'b', { refreshTtl: true })
    passed = 12 * MINUTE
    expect(await keys({})).toEqual(['b'])
  })
})

describe('requests', () => {
  test('delete by a body, or by the query', async () => {
    for (const key of ['x', 'y']) await store.putItem(['a', 'b'], key, {})
    expect((await send('DELETE', '/store/items', { namespace: ['a', 'b'], key: 'x' })).status).toBe(204)
    expect(await keys()).toEqual(['y'])
    expect((await send('DELETE', '/store/items?namespace=a.b&key=y')).status).toBe(204)
    expect(await keys()).toEqual([])
    expect((await send('DELETE', '/store/items')).status).toBe(422)
  })

  test.each([
    ['PUT', '/store/items', { namespace: ['a'], key: 'k', value: {}, index: true }, 'index'],
    ['PUT', '/store/items', { namespace: ['a'], key: 'k', value: {}, index: [''] }, 'index'],
    ['PUT', '/store/items', { namespace: ['a'], key: 'k', value: [] }, 'value'],
    ['GET', '/store/items?namespace=a&key=k&refresh_ttl=maybe', undefined, 'refresh_ttl'],
    ['POST', '/store/items/search', { namespace_prefix: [], refresh_ttl: 'yes' }, 'refresh_ttl'],
    ['POST', '/store/items/search', { namespace_prefix: [], query: 5 }, 'query'],
  ])('%s %s %j is refused with the field\'s name', async (method, path, body, field) => {
    const answer = await send(method, path, body)
    expect([answer.status, await answer.json()]).toEqual([422, { code: 'invalid_request', detail: expect.stringContaining(field) as string }])
  })

  test('need a worker only for what has to be embedded', async () => {
    await server.stop(0)
    await start({ index: { embed: './embed.ts:embed', dims: 2, fields: ['$'] } })
    server.runtime.embed = () => Promise.reject(new PlatformError('worker_unavailable', 'The graph worker is not ready.'))
    await store.putItem(['a'], 'k', { text: 'x' }, { index: false })
    expect((await send('PUT', '/store/items', { namespace: ['a'], key: 'k', value: { text: 'y' } })).status).toBe(503)
    expect((await send('POST', '/store/items/search', { query: 'x' })).status).toBe(503)
    expect(await peek('k')).toEqual({ text: 'x' })
    expect(await keys({ filter: { text: 'x' } })).toEqual(['k'])
  })
})
