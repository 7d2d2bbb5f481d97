import { setImmediate } from 'node:timers/promises'

const TURN_MS = 5

/** Maps in order, and lets the server do other things whenever it has taken its time. */
export async function mapInTurns<T, R>(items: readonly T[], map: (item: T) => R): Promise<R[]> {
  const results: R[] = []
  let since = performance.now()
  for (const item of items) {
    results.push(map(item))
    if (performance.now() - since < TURN_MS) continue
    await setImmediate()
    since = performance.now()
  }
  return results
}
