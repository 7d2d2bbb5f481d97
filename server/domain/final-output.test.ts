import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeBatch } from './event-batch.ts'
import { createFinalOutput } from './final-output.ts'

const told = (events: readonly (readonly [event: string, data: unknown])[], sizes: readonly number[] = [1]) => {
  const final = createFinalOutput()
  for (let at = 0, i = 0; at < events.length; i++) {
    const batch = events.slice(at, at + sizes[i % sizes.length]!)
    final.take(encodeBatch(at + 1, batch.map(([event, data]) => ({ event, data: Buffer.from(JSON.stringify(data)) }))))
    at += batch.length
  }
  return final
}

test('the last state of the root graph is what a run comes to', () => {
  const final = told([['values', { a: 1 }], ['values', { a: 2 }], ['values|child:1', { a: 9 }], ['updates', { a: 8 }]])
  expect(final.values()).toEqual({ a: 2 })
  expect(final.failure()).toBeNull()
})

test('a question is added to the state before it, and a failure stands beside it', () => {
  const final = told([['values', { a: 1 }], ['values', { __interrupt__: [{ id: 'q' }] }], ['error', { error: 'E', message: 'm' }]])
  expect(final.values()).toEqual({ a: 1, __interrupt__: [{ id: 'q' }] })
  expect(final.failure()).toEqual({ error: 'E', message: 'm' })
})

test('all questions that are asked at the same time stay', () => {
  const final = told([['values', { a: 1 }], ['values', { __interrupt__: [{ id: 'p' }] }], ['values', { __interrupt__: [{ id: 'q' }] }]])
  expect(final.values()).toEqual({ a: 1, __interrupt__: [{ id: 'p' }, { id: 'q' }] })
})

test('a run that told no state has none', () => {
  expect(told([['metadata', {}]]).values()).toBeNull()
})

test('it is what merging every state in turn would give, however the events are cut into batches', () => {
  const state = fc.oneof(fc.constant({ __interrupt__: [1] }), fc.constant({ __interrupt__: [2], a: 1 }), fc.dictionary(fc.constantFrom('a', 'b'), fc.nat()), fc.constant(null), fc.nat())
  fc.assert(fc.property(fc.array(state), fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (states, sizes) => {
    const isQuestion = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length === 1 && '__interrupt__' in value
    const asked = (value: unknown) => (value as { __interrupt__?: unknown[] })['__interrupt__'] ?? []
    const merged = states.reduce((before: unknown, value) => isQuestion(value) && before ? { ...before as object, __interrupt__: [...asked(before), ...asked(value)] } : value, null)
    expect(told(states.map((value) => ['values', value] as const), sizes).values()).toEqual(merged)
  }))
})
