import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, describe, expect, test } from 'vitest'
import { PLAIN_STORE, type StoreIndex } from '../domain/store-config.ts'
import { systemClock } from '../engine/clock.ts'
import { startProjectServer, type ProjectServer } from './start-project-server.ts'
import { DIMS, embed } from './project/embed.ts'

const MINUTE = 60_000
const GRAPHS = { memory: { path: './memory.ts:memory', description: null } }
const INDEX: StoreIndex = { embed: './embed.ts:embed', dims: DIMS, fields: ['$'] }
const FACTS = ['The cat sleeps on the warm sofa', 'Dogs bark at the postman', 'A cat hunts mice at night', 'Stock prices fell sharply']

let server: ProjectServer
let client: Client
let passed = 0
const servers: ProjectServer[] = []
const folders: string[] = []
afterEach(async () => {
  for (const one of servers.splice(0)) await one.stop(0)
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

async function start(index: Partial<StoreIndex> | null = {}, { dataFile = ':memory:', ...runtime }: { dataFile?: string, projectDir?: string } = {}): Promise<void> {
  passed = 0
  const whole = index && { ...INDEX, ...index }
  server = await startProjectServer({ dataFile, clock: { ...systemClock, now: () => Date.now() + passed }, store: { ...PLAIN_STORE, index: whole } }, { graphs: GRAPHS, embed: whole?.embed ?? null, ...runtime })
  servers.push(server)
  client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'superstep-store-'))
  folders.push(made)
  return made
}

async function stop(): Promise<void> {
  servers.splice(servers.indexOf(server), 1)
  await server.stop(0)
}

const putFacts = () => Promise.all(FACTS.map((text, i) => client.store.putItem(['facts', i % 2 ? 'odd' : 'even'], `f${i}`, { text, n: i })))
const ask = async (query: string, options: object = {}, prefix = ['facts']) => (await client.store.searchItems(prefix, { query, ...options })).items
const keys = async (...args: Parameters<typeof ask>) => (await ask(...args)).map(({ key }) => key)

async function cosine(one: string, other: string): Promise<number> {
  const [a, b] = await embed([one, other]) as [number[], number[]]
  const product = (x: number[], y: number[]) => x.reduce((sum, n, i) => sum + n * y[i]!, 0)
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b))
}

interface Call { call: string, args: unknown[] }
const call = (name: string, ...args: unknown[]): Call => ({ call: name, args })
const inGraph = async (...calls: Call[]) => (await client.runs.wait(null, 'memory', { input: { calls } }) as { answers: Record<string, unknown>[] }).answers

describe('a search by meaning', () => {
  test('gives the nearest first, with the cosine as the score, within prefix, filter, limit and offset', async () => {
    await start({ fields: ['text'] })
    await putFacts()
    const found = await ask('cat on a sofa')
    expect(found.map(({ key }) => key).slice(0, 2)).toEqual(['f0', 'f2'])
    expect(found.map(({ score }) => score)).toEqual(await Promise.all(found.map(async ({ value }) => expect.closeTo(await cosine('cat on a sofa', String(value['text'])), 5) as number)))
    const scores = found.map(({ score }) => score!)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    expect((await ask(FACTS[3]!))[0]).toMatchObject({ key: 'f3', score: expect.closeTo(1, 5) as number })

    const all = await keys('cat')
    expect(all.slice(0, 2)).toEqual(['f2', 'f0'])
    expect(all).toHaveLength(4)
    expect([...await keys('cat', { limit: 1 }), ...await keys('cat', { limit: 2, offset: 1 }), ...await keys('cat', { offset: 3 })]).toEqual(all)
    expect(await keys('cat', {}, ['facts', 'odd'])).toHaveLength(2)
    expect(await keys('cat', {}, ['*', 'even'])).toEqual(['f2', 'f0'])
    expect(await keys('cat', { filter: { n: { $lt: 2 } } })).toEqual(['f0', 'f1'])
    expect(await keys('cat', {}, ['fact'])).toEqual([])

    const put = (key: string, index: false | string[] | null = null) => client.store.putItem(['a'], key, { text: 'plain words', tags: [{ name: 'zebra' }, { name: 'lion' }] }, { index })
    await put('default')
    await put('own', ['tags[*].name'])
    await put('none', false)
    expect(await ask('zebra', {}, ['a'])).toMatchObject([{ key: 'own', score: expect.closeTo(1, 5) as number }, { key: 'default', score: 0 }])
    expect(await ask('lion', {}, ['a'])).toMatchObject([{ key: 'own', score: expect.closeTo(1, 5) as number }, { key: 'default' }])
    expect((await client.store.searchItems(['a'])).items.map(({ score }) => score)).toEqual([null, null, null])
    await put('own', false)
    expect(await keys('zebra', {}, ['a'])).toEqual(['default'])
    await client.store.deleteItem(['a'], 'default')
    expect(await keys('zebra', {}, ['a'])).toEqual([])
  })

  test('refuses what can\'t be embedded, and stores nothing of it', async () => {
    await start()
    await client.store.putItem(['a'], 'k', { text: 'before' })
    await expect(client.store.putItem(['a'], 'k', { text: 'unspeakable' })).rejects.toMatchObject({ status: 422, message: expect.stringMatching(/store\.index\.embed.*no word for that/) as string })
    expect((await client.store.getItem(['a'], 'k'))!.value).toEqual({ text: 'before' })
    await expect(ask('unspeakable')).rejects.toMatchObject({ status: 422 })
    await client.store.putItem(['a'], 'k', { text: 'unspeakable' }, { index: false })
    expect(await inGraph(call('put', ['a'], 'g', { text: 'unspeakable' }), call('get', ['a'], 'g'))).toEqual([{ refused: expect.stringContaining('no word for that') as string }, null])
  })

  test('takes a provider\'s package from the project, and says which one is missing', async () => {
    const projectDir = folder()
    const own = join(projectDir, 'node_modules/@langchain/mistralai')
    mkdirSync(own, { recursive: true })
    writeFileSync(join(own, 'package.json'), '{"name": "@langchain/mistralai", "type": "module", "exports": "./index.js"}')
    writeFileSync(join(own, 'index.js'), `export class MistralAIEmbeddings {
      constructor({ model }) { this.model = model }
      async embedDocuments(texts) { return texts.map((text) => text === this.model ? [1, 0] : [0, 1]) }
      async embedQuery(text) { return (await this.embedDocuments([text]))[0] }
    }`)
    writeFileSync(join(projectDir, 'package.json'), '{}')
    await start({ embed: 'mistralai:the-model', dims: 2, fields: ['text'] }, { projectDir })
    for (const text of ['the-model', 'other']) await client.store.putItem(['facts'], text, { text })
    expect((await ask('the-model')).map(({ key, score }) => [key, score])).toEqual([['the-model', 1], ['other', 0]])
    await stop()
    await start({ embed: 'cohere:embed-english-v3.0' }, { projectDir })
    await expect(client.store.putItem(['a'], 'k', { text: 'x' })).rejects.toMatchObject({ status: 422, message: expect.stringContaining(`needs the package @langchain/cohere, which is not installed. Run \\"npm install @langchain/cohere\\" in ${projectDir}`) as string })
    // What has no text needs no vector.
    await client.store.putItem(['a'], 'k', {}, { index: ['text'] })
  })
})

describe('another configuration', () => {
  test('has every item embedded anew that can be, and never compares what was made with different ones', async () => {
    const dataFile = join(folder(), 'store.db')
    await start(null, { dataFile })
    await putFacts()
    await client.store.putItem(['facts', 'even'], 'f1.5', { text: 'unspeakable' })
    expect((await ask('cat')).map(({ score }) => score)).toEqual([null, null, null, null, null])
    await stop()
    await start({ fields: ['text'] }, { dataFile })
    await expect.poll(async () => (await keys('cat')).slice(0, 2), { timeout: 5000 }).toEqual(['f2', 'f0'])
    await expect.poll(async () => (await keys('cat')).sort(), { timeout: 5000 }).toEqual(['f0', 'f1', 'f2', 'f3'])
    expect((await client.store.searchItems(['facts'])).items).toHaveLength(5)
    await stop()
    await start({ embed: './embed.ts:short', dims: 3 }, { dataFile })
    await expect.poll(async () => (await ask('cat')).map(({ score }) => score?.toFixed(3)), { timeout: 5000 }).toEqual(['1.000', '1.000', '1.000', '1.000', '1.000'])
  })
})

describe('from inside a graph', () => {
  test('the store is the same: scores, index, namespaces and batches', async () => {
    await start({ fields: ['text'] })
    await putFacts()
    const [found, , hidden, namespaces, batch] = await inGraph(
      call('search', ['facts'], { query: 'cat on a sofa', limit: 2 }),
      call('put', ['facts', 'own'], 'secret', { text: 'cat on a sofa' }, false),
      call('search', ['facts'], { query: 'cat on a sofa', limit: 1 }),
      call('listNamespaces', { prefix: ['facts'], suffix: ['*'], maxDepth: 2, limit: 2 }),
      call('batch', [{ namespace: ['facts', 'own'], key: 'more', value: { text: 'sofa' } }, { namespace: ['facts', 'own'], key: 'more' }, { namespacePrefix: ['facts'], query: 'sofa', limit: 1 }, { limit: 1, offset: 2 }]),
    ) as unknown as Record<string, unknown>[][]
    expect(found).toMatchObject([{ key: 'f0', score: expect.closeTo(await cosine('cat on a sofa', FACTS[0]!), 5) as number, value: { text: FACTS[0] } }, { key: 'f2' }])
    expect(hidden).toMatchObject([{ key: 'f0' }])
    expect(namespaces).toEqual([['facts', 'even'], ['facts', 'odd']])
    expect(batch).toMatchObject([null, { key: 'more' }, [{ key: 'more', score: expect.closeTo(1, 5) as number }], [['facts', 'own']]])
    expect((await client.store.getItem(['facts', 'own'], 'secret'))!.value).toEqual({ text: 'cat on a sofa' })
  })

  test('items have their time, and are gone for everybody when it is over', async () => {
    await start(null)
    await inGraph(
      call('put', ['a'], 'short', { n: 1 }, undefined, { ttl: 10 }),
      call('batch', [{ namespace: ['a'], key: 'batched', value: { n: 2 }, ttl: 10 }]),
      call('put', ['a'], 'long', { n: 3 }))
    passed = 9 * MINUTE
    expect(await inGraph(call('get', ['a'], 'short'), call('get', ['a'], 'batched', { refreshTtl: false }))).toMatchObject([{ key: 'short' }, { key: 'batched' }])
    passed = 12 * MINUTE
    expect(await inGraph(call('get', ['a'], 'batched'), call('search', ['a'], { refreshTtl: false }), call('listNamespaces'))).toMatchObject([null, [{ key: 'long' }, { key: 'short' }], [['a']]])
    passed = 20 * MINUTE
    expect((await client.store.searchItems(['a'])).items.map(({ key }) => key)).toEqual(['long'])
  })

  test('what can\'t be put is refused with the field\'s name', async () => {
    await start(null)
    expect(await inGraph(call('put', ['a.b'], 'k', {}), call('put', ['langgraph'], 'k', {}), call('put', ['a'], 'k', [1]), call('put', ['a'], 'k', {}, 'text'), call('put', ['a'], 'k', {}, undefined, { ttl: -1 }), call('put', ['a'], 'k', {}, undefined, { ttl: 1e300 })))
      .toMatchObject(['namespace/0', 'namespace/0', 'value', 'index', 'ttl', 'ttl'].map((field) => ({ refused: expect.stringContaining(field) as string })))
  })
})
