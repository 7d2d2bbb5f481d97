import { expect, test } from 'vitest'
import { evaluate } from './calculator.ts'

test.each([
  ['17 * 23', 391],
  ['2 + 3 * 4', 14],
  ['(2 + 3) * 4', 20],
  ['8 / 4 / 2', 1],
  ['-(1.5 - 4)', 2.5],
])('%s = %d', (expression, result) => {
  expect(evaluate(expression)).toBe(result)
})

test.each([
  ['1 +', 'number is missing'],
  ['(1 + 2', 'closing bracket'],
  ['1 2', 'not expected'],
  ['process.exit()', 'not arithmetic'],
  ['1 / 0', 'no finite result'],
])('rejects %s', (expression, message) => {
  expect(() => evaluate(expression)).toThrow(message)
})
