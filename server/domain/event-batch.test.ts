import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutAfter, encodeBatch, eventsIn, joinBatches, pickEvents, type NewEvent } from './event-batch.ts'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')
const newEvent = fc.record({
  event: fc.oneof(fc.constantFrom('values', 'custom', 'messages|agent:ü'), fc.string({ unit: 'grapheme' }).map((name) => name.replace(/[\r\n\0]/g, ''))),
  data: fc.json().map((json) => Buffer.from(json)),
}) satisfies fc.Arbitrary<NewEvent>
const newEvents = fc.array(newEvent, { minLength: 1, maxLength: 20 })

test('a batch is server-sent events, byte for byte', () => {
  const batch = encodeBatch(7, [{ event: 'metadata', data: Buffer.from('{"a":1}') }, { event: 'custom|ü:1', data: Buffer.from('"ö"') }])
  expect(text(batch.bytes)).toBe('id: 7\nevent: metadata\ndata: {"a":1}\n\nid: 8\nevent: custom|ü:1\ndata: "ö"\n\n')
  expect(batch).toMatchObject({ first: 7, last: 8 })
})

test('what was put into a batch comes out again, numbered', () => {
  fc.assert(fc.property(newEvents, fc.nat(), (events, first) => {
    const out = [...eventsIn(encodeBatch(first, events))]
    expect(out.map(({ seq, event, data }) => ({ seq, event, data: text(data) }))).toEqual(events.map(({ event, data }, i) => ({ seq: first + i, event, data: text(data) })))
  }))
})

test('a batch cut anywhere and joined again is the batch', () => {
  fc.assert(fc.property(newEvents, newEvents, fc.nat(), (a, b, cut) => {
    const [one, two] = [encodeBatch(1, a), encodeBatch(1 + a.length, b)]
    const all = joinBatches([one, two])
    const after = cut % all.last
    const head = pickEvents(all, (_event, seq) => seq <= after)
    expect(text(head) + text(cutAfter(all, after).bytes)).toBe(text(all.bytes))
  }))
})

test('only the wanted events are picked, whatever stands between them', () => {
  const batch = encodeBatch(1, ['a', 'a', 'b', 'a', 'b'].map((event) => ({ event, data: Buffer.from('1') })))
  expect([...text(pickEvents(batch, (event) => event === 'a')).matchAll(/id: (\d)/g)].map(([, id]) => id)).toEqual(['1', '2', '4'])
  expect(pickEvents(batch, () => false)).toHaveLength(0)
})

test('line breaks of a worker can neither end an event early nor forge another', () => {
  const batch = encodeBatch(1, [{ event: 'custom\nid: 9', data: Buffer.from('{\n  "a": 1\r\n}\n\nid: 9\n\n') }, { event: 'next', data: Buffer.from('2') }])
  expect([...eventsIn(batch)].map(({ seq, event }) => ({ seq, event }))).toEqual([{ seq: 1, event: 'custom id: 9' }, { seq: 2, event: 'next' }])
})
