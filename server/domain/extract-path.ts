import { EXTRACT_PATH } from '../contract/thread.ts'

const PATH = new RegExp(EXTRACT_PATH, 'u')

/** `values.messages[-1].content` → `['values', 'messages', -1, 'content']`; null for what is no path. */
export function parsePath(path: string): (string | number)[] | null {
  if (!PATH.test(path)) return null
  return [...path.matchAll(/\[(-?\d+)\]|([^.[\]]+)/gu)].map(([, place, key]) => place === undefined ? key! : Number(place))
}

/** What is at a path (§1.3); null where nothing is. Own keys only. */
export function extractPath(source: unknown, path: readonly (string | number)[]): unknown {
  let at = source
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return null
    if (Array.isArray(at)) at = typeof step === 'number' ? (at as unknown[]).at(step) : undefined
    else at = Object.hasOwn(at, String(step)) ? (at as Record<string, unknown>)[String(step)] : undefined
  }
  return at ?? null
}
