import { AIMessage, HumanMessage } from '@langchain/core/messages'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeValue, PIECE_MIN, UnstorableValueError } from './encode-value.ts'
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

  test('a value that contains itself is refused with what to do', () => {
    const loop: { self?: unknown } = {}
    loop.self = loop
    expect(() => encode(loop)).toThrow(UnstorableValueError)
  })
})
