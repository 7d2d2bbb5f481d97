import type { JsonObject } from '../contract/common.ts'

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * What metadata must contain to satisfy the filters of an auth handler (wire reference §3.13): `{key: value}`, `{key: {$eq: value}}`
 * and `{key: {$contains: value | [values]}}`. Throws on anything else: a filter that is not understood lets nobody through.
 */
export function containmentOf(filters: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(filters).map(([key, condition]) => [key, conditionOf(key, condition)]))
}

function conditionOf(key: string, condition: unknown): unknown {
  if (key.startsWith('$')) throw new TypeError(`The auth filter "${key}" is not known.`)
  if (!isObject(condition)) return condition
  const operators = Object.keys(condition).filter((name) => name.startsWith('$'))
  if (operators.length === 0) return condition
  const [operator] = operators
  if (Object.keys(condition).length > 1 || (operator !== '$eq' && operator !== '$contains')) throw new TypeError(`The auth filter ${JSON.stringify({ [key]: condition })} is not known: use a value, $eq or $contains.`)
  const value = condition[operator]
  return operator === '$eq' ? value : Array.isArray(value) ? value : [value]
}

/** What contains both; null where nothing can. */
export function bothOf(a: JsonObject, b: JsonObject): JsonObject | null {
  const both: JsonObject = { ...a }
  for (const [key, value] of Object.entries(b)) {
    const merged = Object.hasOwn(a, key) ? bothValues(a[key], value) : value
    if (merged === undefined) return null
    Object.defineProperty(both, key, { value: merged, enumerable: true, configurable: true, writable: true })
  }
  return both
}

function bothValues(a: unknown, b: unknown): unknown {
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b]
  if (isObject(a) && isObject(b)) return bothOf(a, b) ?? undefined
  return a === b ? a : undefined
}
