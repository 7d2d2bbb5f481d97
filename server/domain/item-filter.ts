import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../contract/common.ts'

type Comparison = (actual: unknown, expected: unknown) => boolean
const ordered = (test: (a: number | string, b: number | string) => boolean): Comparison => (actual, expected) =>
  typeof actual === typeof expected && (typeof actual === 'number' || typeof actual === 'string') && test(actual, expected as number | string)

const OPERATORS: Readonly<Record<string, Comparison>> = {
  $eq: isDeepStrictEqual,
  $ne: (actual, expected) => !isDeepStrictEqual(actual, expected),
  $gt: ordered((a, b) => a > b),
  $gte: ordered((a, b) => a >= b),
  $lt: ordered((a, b) => a < b),
  $lte: ordered((a, b) => a <= b),
}

/** Store filter (§1.6): plain equality, or `{$op: value}` per key. What differs in type has no order; an unknown operator matches nothing. */
export function matchesFilter(value: JsonObject, filter: JsonObject): boolean {
  return Object.entries(filter).every(([key, expected]) => {
    const actual = Object.hasOwn(value, key) ? value[key] : undefined
    if (typeof expected !== 'object' || expected === null || Array.isArray(expected)) return OPERATORS['$eq']!(actual, expected)
    const rules = Object.entries(expected)
    if (!rules.some(([name]) => name.startsWith('$'))) return OPERATORS['$eq']!(actual, expected)
    return rules.every(([name, operand]) => Object.hasOwn(OPERATORS, name) && OPERATORS[name]!(actual, operand))
  })
}
