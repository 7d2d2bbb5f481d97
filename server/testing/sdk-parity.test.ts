import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sdkOptions } from './sdk-types.ts'
import { startTestServer, type TestServer } from './start-test-server.ts'

/**
 * Whatever the installed SDK's types let a caller say is named in our contract. Options are read from the SDK's declarations, so one
 * that is new has no sample here and fails; what becomes of it on the wire is seen in the request that the SDK makes of the samples.
 */

const ID = '11111111-1111-4111-8111-111111111111'

/** A value for each option, with everything that its type has inside. */
const SAMPLES: Readonly<Record<string, unknown>> = {
  afterSeconds: 1, asNode: 'node', assistantId: ID, before: { configurable: { checkpoint_id: 'c' } }, cancelOnDisconnect: true, checkpoint: { checkpoint_id: 'c', checkpoint_ns: '', checkpoint_map: {} },
  checkpointDuring: true, checkpointId: 'c', command: { resume: 1, update: { a: 1 }, goto: [{ node: 'n', input: null }] }, config: { tags: [], recursion_limit: 5, configurable: { thread_id: ID } }, configurable: {}, context: { a: 1 },
  deleteThreads: true, description: 'd', durability: 'sync', extract: { a: 'values.a' }, feedbackKeys: ['k'], graphId: 'agent', ids: [ID], ifExists: 'raise', ifNotExists: 'create', include: ['ttl'], input: {},
  interruptAfter: ['a'], interruptBefore: '*', limit: 5, metadata: { a: 1 }, multitaskStrategy: 'enqueue', name: 'n', namespace: 'a|b', offset: 0, onCompletion: 'complete', onDisconnect: 'cancel', recurse: true,
  runIds: [ID], select: [], sortBy: 'created_at', sortOrder: 'asc', status: 'pending', strategy: 'delete', streamMode: ['values'], streamResumable: true, streamSubgraphs: true, subgraphs: true,
  supersteps: [{ updates: [{ values: {}, command: { goto: 'a' }, asNode: 'a' }] }], threadId: ID, thread_id: ID, ttl: { ttl: 5, strategy: 'delete' }, values: { a: 1 }, webhook: 'https://example.com', xray: true, action: 'rollback',
  lastEventId: '-1', _langsmithTracer: { projectName: 'p', exampleId: 'e' }, returnMinimal: true,
  // Keys of a config, a checkpoint and metadata, where these stand as a parameter.
  checkpoint_id: 'c', checkpoint_ns: '', checkpoint_map: {}, recursion_limit: 5, tags: [], source: 'input', step: 1, writes: {}, parents: {},
}
/** What the SDK keeps to itself. */
const ITS_OWN = new Set(['signal', 'onRunCreated', 'raiseError', 'streamIdleReconnect', 'includePagination'])

type Call = (client: Client, options: never) => unknown
const CALLS: Readonly<Record<string, Call | readonly Call[]>> = {
  'assistants.get': (client) => client.assistants.get(ID),
  'assistants.getGraph': (client, options) => client.assistants.getGraph(ID, options),
  'assistants.getSchemas': (client) => client.assistants.getSchemas(ID),
  'assistants.getSubgraphs': (client, options) => client.assistants.getSubgraphs(ID, options),
  'assistants.create': (client, options) => client.assistants.create(options),
  'assistants.update': (client, options) => client.assistants.update(ID, options),
  'assistants.delete': (client, options) => client.assistants.delete(ID, options),
  'assistants.search': (client, options) => client.assistants.search(options),
  'assistants.count': (client, options) => client.assistants.count(options),
  'assistants.getVersions': (client, options) => client.assistants.getVersions(ID, options),
  'assistants.setLatest': (client) => client.assistants.setLatest(ID, 2),
  'threads.get': (client, options) => client.threads.get(ID, options),
  'threads.create': (client, options) => client.threads.create(options),
  'threads.copy': (client) => client.threads.copy(ID),
  'threads.update': (client, options) => client.threads.update(ID, options),
  'threads.delete': (client) => client.threads.delete(ID),
  'threads.prune': (client, options) => client.threads.prune([ID], options),
  'threads.search': (client, options) => client.threads.search(options),
  'threads.count': (client, options) => client.threads.count(options),
  'threads.getState': [
    (client, options) => client.threads.getState(ID, undefined, options), (client, options) => client.threads.getState(ID, 'c', options),
    (client, options) => client.threads.getState(ID, SAMPLES['checkpoint'] as never, options),
  ],
  'threads.updateState': (client, options) => client.threads.updateState(ID, options),
  'threads.patchState': (client) => client.threads.patchState(ID, { a: 1 }),
  'threads.getHistory': (client, options) => client.threads.getHistory(ID, options),
  'runs.stream': [(client, options) => drain(client.runs.stream(ID, 'agent', options)), (client, options) => drain(client.runs.stream(null, 'agent', options))],
  'runs.create': [(client, options) => client.runs.create(ID, 'agent', options), (client, options) => client.runs.create(null, 'agent', options)],
  'runs.createBatch': (client, options) => client.runs.createBatch([options]),
  'runs.wait': [(client, options) => client.runs.wait(ID, 'agent', options), (client, options) => client.runs.wait(null as never, 'agent', options)],
  'runs.list': (client, options) => client.runs.list(ID, options),
  'runs.get': (client) => client.runs.get(ID, ID),
  'runs.cancel': (client) => client.runs.cancel(ID, ID, true, 'rollback'),
  'runs.cancelMany': (client, options) => client.runs.cancelMany(options),
  'runs.join': (client, options) => client.runs.join(ID, ID, options),
  'runs.joinStream': [(client, options) => drain(client.runs.joinStream(ID, ID, options)), (client, options) => drain(client.runs.joinStream(null, ID, options))],
  'runs.delete': (client) => client.runs.delete(ID, ID),
}
/** The streams of a whole thread are spoken for in tests of their own. */
const ELSEWHERE = new Set(['threads.joinStream', 'threads.stream'])

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

interface Schema { properties?: Record<string, Schema>, anyOf?: Schema[], items?: Schema, enum?: string[] }
interface Operation { parameters?: { name: string, in: string, schema: Schema }[], requestBody?: { content: Record<string, { schema: Schema }> } }
interface Sent { readonly method: string, readonly url: URL, readonly body: unknown }

let server: TestServer
let paths: Record<string, Record<string, Operation>>
beforeAll(async () => {
  server = await startTestServer()
  paths = (await (await fetch(`${server.url}/openapi.json`)).json() as { paths: typeof paths }).paths
})
afterAll(() => server.stop(0))

/** What the SDK sends for a call; the answer is of no matter. */
async function sentBy(call: Call, options: object): Promise<Sent> {
  const sent: Sent[] = []
  const client = new Client({
    apiUrl: 'http://nowhere.invalid',
    callerOptions: {
      maxRetries: 0,
      fetch: async (url: string | URL | Request, init?: RequestInit) => {
        sent.push({ method: init?.method ?? 'GET', url: new URL(String(url)), body: typeof init?.body === 'string' ? JSON.parse(init.body) : undefined })
        return new Response('{}', { status: 200, headers: { 'content-type': 'application/json' } })
      },
    },
  })
  await Promise.resolve(call(client, options as never)).catch(() => {})
  expect(sent).toHaveLength(1)
  return sent[0]!
}

function operationOf({ method, url }: Sent): Operation {
  const matching = Object.keys(paths).filter((path) => new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(url.pathname))
  // A path without parameters is the nearer one: `/runs/batch` before `/runs/{run_id}`.
  const [path] = matching.toSorted((a, b) => a.split('{').length - b.split('{').length)
  return paths[path!]![method.toLowerCase()]!
}

/** Keys that no part of the schema names. A schema without properties takes anything. */
function unnamed(value: unknown, schema: Schema | undefined, at: string): string[] {
  if (schema?.anyOf) return schema.anyOf.map((option) => unnamed(value, option, at)).toSorted((a, b) => a.length - b.length)[0]!
  if (Array.isArray(value)) return schema?.items ? value.flatMap((item) => unnamed(item, schema.items, at)) : []
  if (typeof value !== 'object' || value === null || !schema?.properties) return schema?.enum && typeof value === 'object' ? [at] : []
  return Object.entries(value).flatMap(([key, inner]) => key in schema.properties! ? unnamed(inner, schema.properties![key], `${at}/${key}`) : [`${at}/${key}`])
}

const textsIn = (schema: Schema | undefined): string[] => [...schema?.enum ?? [], ...(schema?.anyOf ?? []).flatMap(textsIn), ...(schema?.items ? textsIn(schema.items) : [])]
const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const OPTIONS = sdkOptions(['assistants', 'threads', 'runs'])

describe('the installed JavaScript SDK', () => {
  test('has no call that is not looked at here', () =>
    expect([...OPTIONS.keys()].filter((method) => !ELSEWHERE.has(method)).toSorted()).toEqual(Object.keys(CALLS).toSorted()))

  test.each(Object.keys(CALLS))('%s sends nothing that our contract does not name', async (method) => {
    const options = OPTIONS.get(method)!.filter(({ name }) => !ITS_OWN.has(name))
    expect(options.filter(({ name }) => !(name in SAMPLES)).map(({ name }) => name), 'new in the SDK: give it a sample, and the contract its field').toEqual([])
    const sample = Object.fromEntries(options.map(({ name }) => [name, SAMPLES[name]]))
    for (const call of [CALLS[method]!].flat()) {
      const sent = await sentBy(call, sample)
      const operation = operationOf(sent)
      const queries = Object.fromEntries(operation.parameters?.filter((one) => one.in === 'query').map(({ name, schema }) => [name, schema]) ?? [])
      expect([...sent.url.searchParams.keys()].filter((key) => !(key in queries))).toEqual([])
      const schema = operation.requestBody?.content['application/json']?.schema
      const body = method === 'runs.createBatch' ? (sent.body as object[]).map((item) => Object.fromEntries(Object.entries(item).filter(([key]) => key !== '_langsmithTracer').map(([key, value]) => [snake(key), value]))) : sent.body
      expect(unnamed(body, schema, 'body')).toEqual([])
      const fields = schema?.anyOf?.find(({ properties }) => properties)?.properties ?? schema?.properties ?? schema?.items?.properties ?? {}
      for (const { name, texts } of options) {
        const known = textsIn(fields[snake(name)] ?? queries[snake(name)])
        if (known.length > 0) expect(texts.filter((text) => !known.includes(text)), `what ${name} may be`).toEqual([])
      }
    }
  })
})
