import { AIMessage, HumanMessage, type BaseMessage } from '@langchain/core/messages'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeValue } from './encode-value.ts'
import { createEncodingMemory } from './encoding-memory.ts'

/** A memory whose pieces all arrive, until they are taken away. */
function open() {
  const held = new Map<string, string>()
  const memory = createEncodingMemory((hash) => held.has(hash))
  const given: string[] = []
  const encode = (value: unknown) => {
    given.length = 0
    return encodeValue(value, Object.assign((hash: string, json: string) => {
      given.push(hash)
      held.set(hash, json)
    }, { memory }))
  }
  return { held, given, encode }
}

const plainly = (value: unknown) => encodeValue(value, () => undefined)

const long = (text: string) => text.repeat(300)
const talk = (): BaseMessage[] => [
  new HumanMessage({ id: 'h', content: long('question ') }),
  new AIMessage({ id: 'a', content: [{ type: 'text', text: long('answer ') }], tool_calls: [{ id: 'c', name: 'tool', args: { deep: { list: [1, 2] } } }], response_metadata: { model: 'm' } }),
]

/** A message, as code sees it that changes one. */
interface Changeable {
  id: string
  content: unknown
  lc_kwargs: Record<string, unknown>
  response_metadata: Record<string, unknown>
  tool_calls: [{ args: { deep: { list: unknown } } }]
}

describe('what was encoded before', () => {
  it('is not encoded again in a new list', () => {
    const { given, encode } = open()
    const messages = talk()
    const text = encode(messages)
    expect(given.length).toBeGreaterThan(1)
    expect(encode([...messages])).toBe(text)
    expect(given).toEqual([])
  })

  it.each<[string, (first: Changeable, second: Changeable) => void]>([
    ['its text', (first) => { first.content = long('other ') }],
    ['a field of its constructor', (first) => { first.lc_kwargs['extra'] = 1 }],
    ['its id', (first) => { first.id = 'other' }],
    ['a part of its content', (_first, { content }) => { (content as { text: string }[])[0]!.text = long('other ') }],
    ['an argument deep inside a call', (_first, { tool_calls: [call] }) => { (call.args.deep.list as number[])[1] = 3 }],
    ['the length of a list inside it', (_first, { tool_calls: [call] }) => { (call.args.deep.list as number[]).length = 4 }],
    ['a list that became an object', (_first, { tool_calls: [call] }) => { call.args.deep.list = { 0: 1, 1: 2 } }],
    ['a key that came', (_first, second) => { second.response_metadata['more'] = true }],
    ['a key that went', (_first, second) => { delete second.response_metadata['model'] }],
  ])('is encoded again when user code changed %s in place', (_what, change) => {
    const { encode } = open()
    const messages = talk()
    const before = encode(messages)
    change(...messages as unknown as [Changeable, Changeable])
    expect(encode([...messages])).toBe(plainly(messages))
    expect(plainly(messages)).not.toBe(before)
  })

  it('is encoded again when the server no longer holds one of its pieces', () => {
    const { held, given, encode } = open()
    const messages = talk()
    encode(messages)
    const all = [...given]
    held.delete(given[0]!)
    encode([...messages])
    expect(given).toContain(all[0])
  })

  it('is never trusted where a value keeps things out of sight', () => {
    const { encode } = open()
    let hidden = long('a')
    const map = new Map([['text', long('a')]])
    const date = new Date(0)
    const list = [{ toJSON: () => hidden }, { map, long: long('a') }, { date, long: long('a') }]
    encode(list)
    hidden = long('b')
    map.set('text', long('b'))
    date.setTime(1)
    expect(encode([...list])).toBe(plainly(list))
  })

  it('never changes the text, whatever is changed in between', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.constant(-0), fc.constant(undefined), fc.constant(long('x')), fc.constant(long('y')), fc.date(), fc.constant(new Set([1])))
    // `length` of an array can't be set to anything.
    const tree = fc.object({ key: fc.string().filter((name) => name !== 'length'), values: [leaf], maxDepth: 3, withNullPrototype: true, withSparseArray: true })
    const change = fc.record({ item: fc.nat(5), key: fc.nat(5), value: fc.oneof(leaf, tree) })
    fc.assert(fc.property(fc.array(tree, { minLength: 1, maxLength: 6 }), fc.array(change, { maxLength: 5 }), (items, changes) => {
      const { encode } = open()
      encode(items)
      for (const { item, key, value } of changes) {
        const target = items[item % items.length] as Record<string, unknown>
        const keys = Object.keys(target)
        const inner = target[keys[key % Math.max(keys.length, 1)] ?? 'new']
        if (typeof inner === 'object' && inner !== null && !(inner instanceof Date) && !(inner instanceof Set)) Object.assign(inner, { [keys[0]!]: structuredClone(value) })
        else target[keys[key % Math.max(keys.length, 1)] ?? 'new'] = structuredClone(value)
        expect(encode([...items])).toBe(plainly(items))
      }
    }), { numRuns: 100 })
  })
})
