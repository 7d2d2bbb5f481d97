// Rounds after each other (or a few side by side) until there were enough kills.
import { planRound } from './plan.mjs'
import { runRound } from './round.mjs'

/**
 * Resolves with {seed, figures, violations}. With `round` only that one is run, which replays it: a round depends on the seed and its
 * number alone. `minutes` is a further limit, `lives` how long a round is; rounds that have begun are brought to their end.
 */
export async function runFaults({ seed, kills, minutes, round, jobs, only, keep, lives, cacheDir, okWithinMs, onRound = () => {}, log = () => {} }) {
  const figures = createFigures()
  const violations = []
  const until = minutes === null ? Infinity : performance.now() + minutes * 60_000
  let next = round ?? 0
  const isEnough = () => performance.now() > until || (round === null ? (kills > 0 && figures.killed() >= kills) || (only && next >= kills) : next > round)

  async function work() {
    while (!isEnough()) {
      const number = next++
      const found = await runRound(planRound(seed, number, { only, lives }), { figures, keep, okWithinMs, cacheDir, log: (text) => log(number, text) })
      figures.rounds++
      violations.push(...found.map((violation) => ({ seed, round: number, only, ...violation })))
      onRound({ number, violations: violations.filter((violation) => violation.round === number), figures })
    }
  }
  await Promise.all(Array.from({ length: round === null ? jobs : 1 }, work))
  return { seed, figures, violations }
}

function createFigures() {
  const startedAt = performance.now()
  return {
    rounds: 0, kills: { server: 0, worker: 0, both: 0 }, stops: 0, disksFilled: 0, writesFailed: 0, accepted: 0, attempts: 0, ends: {}, okMs: [],
    killed() {
      return this.kills.server + this.kills.worker + this.kills.both
    },
    seconds: () => Math.round((performance.now() - startedAt) / 100) / 10,
  }
}
