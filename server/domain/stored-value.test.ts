import { AIMessage, HumanMessage } from '@langchain/core/messages'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeValue, MAX_DEPTH, PIECE_MIN, UnstorableValueError } from './encode-value.ts'
import { pieceRefs, withAllPieces } from './piece-refs.ts'
import { jsonView } from './json-view.ts'

function encode(value: unknown) {
  const pieces = new Map<string, string>()
  const json = encodeValue(value, (hash, text) => pieces.set(hash, text))
  const source = (hash: string) => pieces.get(hash)!
  return { json, pieces, source, view: () => jsonView(json, source) }
}

describe('the stored form', () => {
  test('gives plain JSON back as it was, whatever its keys', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const { view } = encode(value)
      // JSON has one zero.
      expect(view()).toEqual(JSON.parse(JSON.stringify(value)))
    }), { numRuns: 500 })
  })

  test('keeps an object that looks like one of its own tags as data', () => {
    const forged = { $: 'p', h: 'AAAA', n: 3, nested: { $: 'lc', id: ['x', 'messages', 'AIMessage'], v: {} } }
    const { json, view, pieces } = encode(forged)
    expect(pieces.size).toBe(0)
    expect(pieceRefs(json)).toEqual([])
    expect(view()).toEqual(forged)
  })

  test('text that spells a reference is no reference', () => {
    const { json, view } = encode({ text: '{"$":"p","h":"AAAA","n":1}' })
    expect(pieceRefs(json)).toEqual([])
    expect(view()).toEqual({ text: '{"$":"p","h":"AAAA","n":1}' })
  })

  test('a __proto__ key stays an own property and pollutes nothing', () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":true}}') as object
    const back = encode(hostile).view() as object
    expect(Object.keys(back)).toEqual(['__proto__'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test('an appended list writes its new element and one path, not the list', () => {
    const item = (i: number) => ({ id: i, text: `${i} `.repeat(PIECE_MIN) })
    const before = encode(Array.from({ length: 1000 }, (_, i) => item(i))).pieces
    const after = encode(Array.from({ length: 1001 }, (_, i) => item(i))).pieces
    const fresh = [...after.keys()].filter((hash) => !before.has(hash))
    expect(fresh.length).toBeLessThanOrEqual(7)
  })

  test('a text and all that it refers to are whole together', () => {
    const value = { list: Array.from({ length: 100 }, (_, i) => ({ i, text: 'x'.repeat(i * 10) })), when: new Date(0) }
    const { json, source, view, pieces } = encode(value)
    const all = withAllPieces(pieceRefs(json), source)
    expect([...all.keys()].sort()).toEqual([...pieces.keys()].sort())
    expect(jsonView(json, (hash) => Buffer.from(all.get(hash)!).toString())).toEqual(view())
  })

  test('messages are flat dicts on the wire', () => {
    const { view } = encode([new HumanMessage({ id: 'h', content: 'hi' }), new AIMessage({ id: 'a', content: 'x'.repeat(1000), tool_calls: [{ id: 't', name: 'add', args: { a: 1 } }] })])
    expect(view()).toMatchObject([{ type: 'human', id: 'h', content: 'hi' }, { type: 'ai', id: 'a', tool_calls: [{ id: 't', name: 'add', args: { a: 1 } }] }])
  })

  test('what JSON lacks has a plain reading', () => {
    const { view } = encode({ when: new Date(0), map: new Map([['a', 1]]), set: new Set([1, 2]), big: 12n, bytes: new Uint8Array([1, 2]), nan: Number.NaN, zero: -0, gone: undefined })
    expect(view()).toEqual({ when: '1970-01-01T00:00:00.000Z', map: { a: 1 }, set: [1, 2], big: '12', bytes: 'AQI=', nan: null, zero: 0 })
  })

  test('stays the same text, so that what is stored stays one piece', () => {
    const error = Object.assign(new TypeError('wrong'), { stack: 'at x' })
    expect(encode([undefined, -0, Number.NaN, 12n, new Date(0), new Date(Number.NaN), /a+/gi, new Uint8Array([1, 2, 255]), new Map([['a', new Set([1])]])]).json).toBe(
      '[{"$":"u"},{"$":"n","v":"-0"},{"$":"n","v":"NaN"},{"$":"i","v":"12"},{"$":"d","v":"1970-01-01T00:00:00.000Z"},{"$":"d","v":null},{"$":"r","v":["a+","gi"]},{"$":"b","v":"AQL/"},{"$":"m","v":[["a",{"$":"s","v":[1]}]]}]')
    expect(encode(error).json).toBe('{"$":"e","v":{"name":"TypeError","message":"wrong","stack":"at x"}}')
    expect(encode({ f: () => 1, gone: undefined, c: { $: 'p' } }).json).toBe('{"c":{"$":"o","v":[["$","p"]]}}')
    expect(encode(Array.from({ length: 300 }, (_, i) => ({ i, text: `${i} `.repeat(i % 90) }))).json).toBe(
      '{"$":"l","n":300,"c":[{"$":"p","h":"ntvCJ5e5tYXn4P34L9eTyxdD8Uw","n":860},{"$":"l","c":[{"$":"p","h":"D2rQAhdo3PgmTgRjgA3Ae_5uWW0","n":1011},{"$":"p","h":"BeuNN-UzN2Uo540H_qHdYlTUICc","n":929},{"$":"p","h":"VEcvqyly7Q1_K_MwV2nBhyL8ImI","n":1369}]}]}')
    expect(encode(Array.from({ length: 100 }, (_, i) => new HumanMessage({ id: `h${i}`, content: `${i} `.repeat(100) }))).json).toBe('{"$":"p","h":"bdUCHBCjnYTPxJLbmb1QjSwQaGA","n":393}')
  })

  test('is the same text for equal values', () => {
    fc.assert(fc.property(fc.object({ withDate: true, withBigInt: true, withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true }), (value) => {
      expect(encode(structuredClone(value)).json).toBe(encode(value).json)
    }), { numRuns: 200 })
  })

  test('a list with holes has undefined in their place', () => {
    const sparse: unknown[] = [1]
    sparse[3] = 2
    expect(encode(sparse).json).toBe('[1,{"$":"u"},{"$":"u"},2]')
  })

  test('an object that claims to be a message or a snapshot stays data', () => {
    const claims: object[] = [{ lc_serializable: true, lc_id: ['langchain_core', 'messages', 'AIMessage'], toJSON: 'no' }, { constructor: { name: 'DeltaSnapshot' }, value: 1 }, { lc: 1, type: 'constructor', id: ['langchain', 'llms', 'OpenAI'], kwargs: {} }]
    expect(encode(claims).view()).toEqual(claims)
  })

  test('an object whose toJSON gives itself is its fields', () => {
    const value = { a: 1, toJSON: (): unknown => value }
    expect(encode(value).json).toBe('{"a":1}')
  })

  test('goes down to the depth that can be read back, and not deeper', () => {
    const nested = (levels: number) => Array.from({ length: levels }).reduce<unknown>((inner) => ({ inner }), 'end')
    const { view } = encode(nested(MAX_DEPTH))
    expect(JSON.stringify(view())).toBe(JSON.stringify(nested(MAX_DEPTH)))
    expect(() => encode(nested(MAX_DEPTH + 1))).toThrow('nested deeper')
    expect(() => encode(nested(20_000))).toThrow(UnstorableValueError)
  })

  test('a value that contains itself is refused with what to do', () => {
    const loop: { self?: unknown } = {}
    loop.self = loop
    expect(() => encode(loop)).toThrow(UnstorableValueError)
  })
})
