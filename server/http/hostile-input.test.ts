import { request } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'

interface Schema { type?: string, enum?: unknown[], properties?: Record<string, Schema>, anyOf?: Schema[], items?: Schema, format?: string }
interface Operation { parameters?: { name: string, in: 'path' | 'query', schema: Schema }[], requestBody?: { content: Record<string, { schema: Schema }> } }
interface Route { readonly method: string, readonly path: string, readonly operation: Operation }

/** Inputs tried for each route. */
const INPUTS = 40

let server: TestServer
let routes: Route[]
let isOver = false
let thread: string
beforeAll(async () => {
  server = await startTestServer()
  void endAllRuns()
  const { paths } = await (await fetch(`${server.url}/openapi.json`)).json() as { paths: Record<string, Record<string, Operation>> }
  routes = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })))
})
afterAll(() => {
  isOver = true
  return server.stop(0)
})

async function newThread(): Promise<string> {
  const answer = await fetch(`${server.url}/threads`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
  return (await answer.json() as { thread_id: string }).thread_id
}

async function endAllRuns(): Promise<void> {
  while (!isOver) (await server.runtime.nextJob()).end({ status: 'success' })
}

/** As it is written, without the client's tidying of the address. A stream is left once its status is known. */
function send(method: string, path: string, body: string | null, headers: Record<string, string>): Promise<{ status: number, text: string }> {
  return new Promise((done, fail) => {
    const { hostname, port } = new URL(server.url)
    const sent = request({ host: hostname, port, method, path, headers: { ...headers, ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }) } }, (answer) => {
      const isStream = answer.headers['content-type']?.startsWith('text/event-stream')
      if (isStream) {
        answer.on('error', () => {})
        done({ status: answer.statusCode!, text: '' })
        return void answer.destroy()
      }
      let text = ''
      answer.on('data', (chunk: Buffer) => { text += chunk.toString() })
      answer.on('end', () => done({ status: answer.statusCode!, text }))
    })
    sent.on('error', fail)
    sent.end(body ?? undefined)
  })
}

const deep = (depth: number): unknown => JSON.parse(`${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`)
const NASTY = [
  '', ' ', '..', '../..', '%2F', '..%2F..%2Fetc', '%00', '\0', '\ud800', '\udfff\ud800', '__proto__', 'constructor', 'prototype', 'toString', '\u202e', '\n\r', '\'; DROP TABLE threads; --', '%', '*', '[', '["a"', '{}', 'null', '-1', '1e999', '🦊'.repeat(60),
  'a'.repeat(5000), 'values.__proto__', '__proto__.polluted', '11111111-1111-4111-8111-111111111111', 'urn:uuid:11111111-1111-4111-8111-111111111111',
]
const nastyText = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 20 }))
const ownProto = (value: unknown) => Object.fromEntries([['__proto__', value], ['constructor', { prototype: value }], ['a', 1]])
const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  nastyText, fc.jsonValue({ maxDepth: 3 }), fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.constantFrom(Number.MAX_SAFE_INTEGER + 2, -0, 1e308, -1, 2 ** 31),
  fc.constantFrom(ownProto({ polluted: true }), [ownProto({ polluted: true })], deep(20), deep(240), deep(400), Array<number>(2000).fill(0)),
)

/** Mostly what the schema wants, so that what is behind the first check is reached too; now and then something else. */
function valueFor(schema: Schema | undefined): fc.Arbitrary<unknown> {
  const fitting = fits(schema)
  return fc.oneof({ weight: 15, arbitrary: fitting }, { weight: 1, arbitrary: nastyValue })
}

function fits(schema: Schema = {}): fc.Arbitrary<unknown> {
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(fits))
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema.properties) return objectFor(schema.properties)
  return (SIMPLE[schema.type ?? ''] ?? (() => nastyValue))(schema)
}

const SIMPLE: Readonly<Record<string, (schema: Schema) => fc.Arbitrary<unknown>>> = {
  string: ({ format }) => format === 'uuid' ? fc.oneof(fc.constant(null).map(() => thread), fc.uuid()) : fc.oneof(fc.constantFrom('agent', 'values.a', 'a'), nastyText),
  integer: () => fc.integer({ min: 0, max: 20 }),
  number: () => fc.double({ min: 0, max: 1000, noNaN: true }),
  boolean: () => fc.boolean(),
  null: () => fc.constant(null),
  array: ({ items }) => fc.array(valueFor(items), { maxLength: 3 }),
  object: () => fc.dictionary(nastyText, nastyValue, { maxKeys: 4 }),
}

/** A run that is to begin much later is waited for that long. */
const soon = (value: unknown): unknown => typeof value === 'number' ? Math.min(value, 0.05) : value

const objectFor = (properties: Record<string, Schema>): fc.Arbitrary<unknown> =>
  fc.record(Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, key === 'after_seconds' ? valueFor(schema).map(soon) : valueFor(schema)])), { requiredKeys: [] })
    .chain((object) => fc.constantFrom(object, { ...object, assistant_id: 'agent' }, { ...object, ...ownProto({ polluted: true }) }))

/** Address text from any text: sometimes with what must be escaped, sometimes as it stands, as far as a request line can hold it. */
const inPath = fc.tuple(nastyText, fc.boolean()).map(([text, isRaw]) => isRaw ? text.replaceAll(/[^\x21-\x7e]|[#?]/g, '') : encodeURIComponent(text.toWellFormed()))

function inputsFor({ path, operation }: Route): fc.Arbitrary<{ path: string, body: string | null, headers: Record<string, string> }> {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name!)
  const ids = fc.tuple(...names.map((name) => fc.oneof(fc.constant(null).map(() => name === 'assistant_id' ? 'agent' : thread), inPath)))
  const queries = operation.parameters?.filter((one) => one.in === 'query') ?? []
  const query = fc.array(fc.tuple(fc.constantFrom('unknown', ...queries.map(({ name }) => name)), nastyText.map((text) => text.toWellFormed())), { maxLength: 3 })
  const schema = operation.requestBody?.content['application/json']?.schema
  const body = schema ? fc.oneof({ weight: 8, arbitrary: valueFor(schema).map((value) => JSON.stringify(value) ?? '') }, { weight: 1, arbitrary: fc.constantFrom('', '{', 'null', '[]', '\0', '{"a":"\ud800"}', `${'['.repeat(5000)}`) }) : fc.constant(null)
  const headers = fc.constantFrom<Record<string, string>>({}, { 'last-event-id': '-1' }, { 'last-event-id': 'x' }, { 'last-event-id': '99999999999999999999' }, { prefer: 'return=minimal' }, { 'x-__proto__': 'a', '__proto__': 'b' })
  return fc.record({
    path: fc.tuple(ids, query).map(([values, pairs]) => {
      let at = 0
      const address = path.replaceAll(/\{[^}]+\}/g, () => values[at++]!)
      return pairs.length ? `${address}?${new URLSearchParams(pairs)}` : address
    }),
    body, headers,
  })
}

const reasonIn = (answer: { detail?: string, error?: { message?: string } }) => answer.detail ?? answer.error?.message

describe('whatever is sent to a route', () => {
  test('it is no failure of the server, refusals say why, and no object is changed', async () => {
    const before = Object.getOwnPropertyNames(Object.prototype).toSorted()
    const tried = new Map<string, number>()
    const statuses = new Map<number, number>()
    // Endless by design, but for the last one: it copies a file, and there is none.
    const leftOut = ['/studio/api/events', '/threads/{thread_id}/stream', '/threads/{thread_id}/stream/events', '/studio/api/backup']
    const all = routes.filter(({ path }) => !leftOut.includes(path))
    for (const route of all) {
      thread = await newThread()
      await fc.assert(fc.asyncProperty(inputsFor(route), async ({ path, body, headers }) => {
        const { status, text } = await send(route.method, path, body, headers)
        const context = `${route.method} ${path} ${body ?? ''}`.slice(0, 600)
        if (status >= 500) expect([status, text.slice(0, 200)], context).toEqual(['less than 500', ''])
        // A request of JSON-RPC is refused in its own terms.
        if (status >= 400) expect(reasonIn(JSON.parse(text)), context).toEqual(expect.any(String))
        tried.set(route.method + route.path, (tried.get(route.method + route.path) ?? 0) + 1)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }), { numRuns: INPUTS })
    }

    expect(Object.getOwnPropertyNames(Object.prototype).toSorted()).toEqual(before)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect([...tried.values()].every((count) => count >= INPUTS), 'inputs tried for each route').toBe(true)
    // Not all of it was refused at the door.
    expect(statuses.get(200)).toBeGreaterThan(INPUTS)
    expect(statuses.get(422)).toBeGreaterThan(INPUTS)
    expect([...tried.values()].reduce((sum, count) => sum + count, 0)).toBe(all.length * INPUTS)
    expect((await fetch(`${server.url}/ok?check_db=1`)).status).toBe(200)
    if (process.env['SHOW_INPUTS']) process.stdout.write(`${JSON.stringify({ routes: all.length, inputs: all.length * INPUTS, statuses: Object.fromEntries(statuses) })}\n`)
  }, 240_000)
})
