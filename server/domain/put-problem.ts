import { MOST_TTL_MINUTES } from '../contract/thread.ts'

/** What a caller asks to be put, before anybody knows that it is right. */
interface Put { readonly namespace: unknown, readonly key: unknown, readonly value: unknown, readonly index?: unknown, readonly ttl?: unknown }

/** Why an item can't be put (§1.6), with the field's name first; null when it can. Graphs say what they like: no schema stands before this. */
export function putProblem({ namespace, key, value, index, ttl }: Put): string | null {
  if (typeof key !== 'string' || key === '') return 'key: this must be a text that is not empty.'
  if (!Array.isArray(namespace) || namespace.length === 0) return 'namespace: this must be a list of at least one label.'
  const wrong = namespace.findIndex((label) => typeof label !== 'string' || !/^[^.\u0000]+$/.test(label))
  if (wrong !== -1) return `namespace/${wrong}: a label must be a text that is not empty and has no dot.`
  if (namespace[0] === 'langgraph') return 'namespace/0: the root label "langgraph" is reserved.'
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'value: this must be an object.'
  if (!isIndex(index)) return 'index: this must be false or a list of paths.'
  return ttl === undefined || ttl === null || (typeof ttl === 'number' && ttl > 0 && ttl <= MOST_TTL_MINUTES) ? null : 'ttl: this must be a number of minutes above 0.'
}

const isIndex = (index: unknown) => index === undefined || index === null || index === false || (Array.isArray(index) && index.every((path) => typeof path === 'string'))
