// Rows of the table. A goal is `{ atMost }` or `{ atLeast }` in the row's unit, and perhaps `ratio`: how many times better than the reference.
import { median, percentile } from './stats.mjs'

/**
 * A row from one figure per round. `reference` may be null. The ratio is the median of the ratios of rounds that belong together;
 * above 1 means that Superstep is better, whichever direction is better. `cpu` is ms of processor time per operation.
 */
export function row({ name, unit, goal = null, ours, reference = null, lowerIsBetter = goal?.atLeast === undefined, cpu = null, referenceCpu = null }) {
  const pairs = reference === null ? [] : ours.slice(0, reference.length).map((value, at) => lowerIsBetter ? reference[at] / value : value / reference[at])
  const figure = median(ours)
  const ratio = pairs.length === 0 ? null : median(pairs)
  return {
    name, unit, goal: textOf(goal), ours: figure, reference: reference === null ? null : median(reference), ratio,
    met: goal === null ? null : meets(goal, figure, ratio), cpu: middle(cpu), referenceCpu: middle(referenceCpu),
  }
}

/** A row that says in words why there is no figure. */
export const noted = (name, unit, note) => ({ name, unit, goal: '', ours: note, reference: null, ratio: null, met: null, cpu: null, referenceCpu: null })

const middle = (numbers) => numbers === null || numbers.length === 0 || numbers.some((number) => number === null) ? null : median(numbers)

function meets(goal, figure, ratio) {
  if (goal.atMost !== undefined && !(figure <= goal.atMost)) return false
  if (goal.atLeast !== undefined && !(figure >= goal.atLeast)) return false
  return goal.ratio === undefined || ratio === null || ratio >= goal.ratio
}

function textOf(goal) {
  if (goal === null) return ''
  const bound = goal.atMost !== undefined ? `≤ ${goal.atMost}` : goal.atLeast !== undefined ? `≥ ${goal.atLeast.toLocaleString('en')}` : ''
  return [bound, goal.ratio === undefined ? '' : `≥ ${goal.ratio}×`].filter(Boolean).join(', ')
}

/**
 * Two rows, p50 and p99, from the times of single operations in ms. `rounds` is a list of `{ times, cpu }`, one per round.
 * p50 is the median of the rounds' medians. p99 is that of all rounds' operations together: one round has too few for it.
 */
export function latencyRows({ name, goals = {}, ours, reference = null }) {
  const at = (share) => (round) => percentile(round.times, share)
  const all = (rounds) => percentile(rounds.flatMap((round) => round.times), 0.99)
  const cpu = { cpu: ours.map((round) => round.cpu ?? null), referenceCpu: reference?.map((round) => round.cpu ?? null) ?? null }
  return [
    row({ name: `${name}, p50`, unit: 'ms', goal: goals.p50 ?? null, ours: ours.map(at(0.5)), reference: reference?.map(at(0.5)) ?? null, ...cpu }),
    row({ name: `${name}, p99`, unit: 'ms', goal: goals.p99 ?? null, ours: [all(ours)], reference: reference && [all(reference)] }),
  ]
}
