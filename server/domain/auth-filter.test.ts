import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bothOf, containmentOf } from './auth-filter.ts'
import { contains } from './contains.ts'

describe('a filter of an auth handler', () => {
  test.each([
    [{ owner: 'ada' }, { owner: 'ada' }], [{ owner: { $eq: 'ada' } }, { owner: 'ada' }],
    [{ teams: { $contains: 'red' } }, { teams: ['red'] }], [{ teams: { $contains: ['red', 'blue'] } }, { teams: ['red', 'blue'] }],
    [{ nested: { a: 1 } }, { nested: { a: 1 } }], [{}, {}],
  ])('%j asks for %j', (filters, wanted) => expect(containmentOf(filters)).toEqual(wanted))

  test.each([[{ owner: { $ne: 'ada' } }], [{ owner: { $eq: 'ada', $contains: 'a' } }], [{ owner: { $eq: 'ada', more: 1 } }], [{ $or: [{ owner: 'ada' }] }]])('%j lets nobody through', (filters) =>
    expect(() => containmentOf(filters)).toThrow('is not known'))
})

test('both are contained exactly in what contains each', () => {
  const key = fc.constantFrom('a', 'b', '__proto__')
  const leaf = fc.constantFrom('x', 'y', 1, null)
  const value = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(key, leaf, { maxKeys: 2 }))
  const metadata = fc.dictionary(key, value, { maxKeys: 3 })
  fc.assert(fc.property(metadata, metadata, metadata, (whole, a, b) => {
    const both = bothOf(a, b)
    expect(both !== null && contains(whole, both)).toBe(contains(whole, a) && contains(whole, b))
  }), { numRuns: 2000 })
})
