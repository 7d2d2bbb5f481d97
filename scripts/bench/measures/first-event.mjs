import { interleave, timeEach } from '../rounds.mjs'
import { onFreshThread, stateless, warmUp } from '../operations.mjs'
import { latencyRows } from '../rows.mjs'

export const title = 'Create a run → its first event'

const GOALS = { p50: { atMost: 2.5, ratio: 15 }, p99: { atMost: 8, ratio: 25 } }

export async function measure({ rounds, isQuick, superstep, reference }) {
  const [ours, other] = [await superstep(), await reference()]
  await warmUp(ours, 'trivial', 200)
  if (other) await warmUp(other, 'trivial', 5)
  const counts = { ours: isQuick ? 40 : 200, other: isQuick ? 4 : 10 }
  const pair = (operation) => interleave(rounds, {
    ours: () => timeEach(counts.ours, () => operation(ours, 'trivial'), ours),
    reference: other && (() => timeEach(counts.other, () => operation(other, 'trivial'), other)),
  })
  const onThread = await pair(onFreshThread)
  const without = await pair(stateless)
  return [
    ...latencyRows({ name: 'First event, new thread', goals: GOALS, ...onThread }),
    ...latencyRows({ name: 'First event, stateless', ...without }),
  ]
}
