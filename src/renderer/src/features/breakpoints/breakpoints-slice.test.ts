import { expect, test } from 'vitest'
import { allBefore, countOf, toggled } from './breakpoints-slice.ts'

test('sides turn over one by one, and a bare node leaves', () => {
  const one = toggled({}, 'write', 'before')
  expect(one).toEqual({ write: { before: true, after: false } })
  const both = toggled(one, 'write', 'after')
  expect(countOf(both)).toBe(2)
  expect(toggled(toggled(both, 'write', 'before'), 'write', 'after')).toEqual({})
})

test('all nodes at once', () => expect(countOf(allBefore(['a', 'b']))).toBe(2))
