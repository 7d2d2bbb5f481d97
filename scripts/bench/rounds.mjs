import { performance } from 'node:perf_hooks'

/**
 * Runs each contender once per round, in turn (A-B-A-B), so that what else the machine does falls on all of them.
 * `contenders` is `{ [name]: () => Promise<result> }`, null for one that is left out. Gives `{ [name]: result[] | null }`.
 */
export async function interleave(rounds, contenders) {
  const results = Object.fromEntries(Object.entries(contenders).map(([name, run]) => [name, run ? [] : null]))
  for (let round = 0; round < rounds; round++) for (const [name, run] of Object.entries(contenders)) if (run) results[name].push(await run(round))
  return results
}

/** Slow operations are done fewer times, or one that misses its goal by far would hold up the whole bench. */
const ENOUGH_MS = 8_000
const AT_LEAST = 5

/** One operation after the other: the time of each in ms, and processor ms per operation of `server`. `operation` may return its own time. */
export async function timeEach(count, operation, server = null, enoughMs = ENOUGH_MS) {
  const times = []
  const before = server?.cpu() ?? null
  const begun = performance.now()
  for (let n = 0; n < count && (n < AT_LEAST || performance.now() - begun < enoughMs); n++) {
    const started = performance.now()
    const own = await operation(n)
    times.push(typeof own === 'number' ? own : performance.now() - started)
  }
  return { times, cpu: before === null ? null : (server.cpu() - before) / times.length }
}

/** `clients` loops that share `count` operations: operations per second, and processor ms per operation of `server`. */
export async function throughput(count, clients, operation, server) {
  const before = server.cpu()
  const started = performance.now()
  let taken = 0
  await Promise.all(Array.from({ length: clients }, async () => {
    while (taken < count) await operation(taken++)
  }))
  const seconds = (performance.now() - started) / 1000
  return { perSecond: count / seconds, cpu: before === null ? null : (server.cpu() - before) / count }
}
