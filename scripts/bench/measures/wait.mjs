import { interleave, timeEach } from '../rounds.mjs'
import { waitFor, warmUp } from '../operations.mjs'
import { latencyRows, row } from '../rows.mjs'
import { percentile } from '../stats.mjs'

export const title = 'Run and wait for the output'

export async function measure({ rounds, isQuick, superstep, reference, bare }) {
  const [ours, other, invoke] = [await superstep(), await reference(), await bare()]
  await warmUp(ours, 'trivial', 200)
  if (other) await warmUp(other, 'trivial', 5)
  const counts = { ours: isQuick ? 40 : 200, other: isQuick ? 4 : 10 }
  const bareCount = counts.ours
  await invoke.run('trivial', 'memory', 200)
  const trivial = await interleave(rounds, {
    ours: () => timeEach(counts.ours, () => waitFor(ours, 'trivial'), ours),
    memory: () => invoke.run('trivial', 'memory', bareCount),
    sqlite: invoke.hasSqlite ? () => invoke.run('trivial', 'sqlite', bareCount) : null,
    reference: other && (() => timeEach(counts.other, () => waitFor(other, 'trivial'), other)),
  })
  await warmUp(ours, 'ten', 20)
  const ten = await interleave(rounds, {
    ours: () => timeEach(counts.ours / 2, () => waitFor(ours, 'ten'), ours),
    reference: other && (() => timeEach(counts.other, () => waitFor(other, 'ten'), other)),
  })
  const p50 = (results) => results.map(({ times }) => percentile(times, 0.5))
  const over = (saver) => p50(trivial.ours).map((value, at) => value - p50(trivial[saver])[at])
  return [
    ...latencyRows({ name: '2 nodes, runs/wait', goals: { p50: { atMost: 3, ratio: 180 } }, ours: trivial.ours, reference: trivial.reference }),
    row({ name: '2 nodes, over bare invoke with MemorySaver, p50', unit: 'ms', goal: { atMost: 2 }, ours: over('memory') }),
    ...latencyRows({ name: '2 nodes, bare invoke with MemorySaver', ours: trivial.memory }),
    ...trivial.sqlite ? [
      row({ name: '2 nodes, over bare invoke with SqliteSaver, p50', unit: 'ms', ours: over('sqlite') }),
      ...latencyRows({ name: '2 nodes, bare invoke with SqliteSaver', ours: trivial.sqlite }),
    ] : [],
    ...latencyRows({ name: '10 nodes, runs/wait', ours: ten.ours, reference: ten.reference }),
  ]
}
