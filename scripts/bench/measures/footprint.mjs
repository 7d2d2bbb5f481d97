import { setTimeout as pause } from 'node:timers/promises'
import { waitFor } from '../operations.mjs'
import { HAS_PROC } from '../processes.mjs'
import { interleave, throughput } from '../rounds.mjs'
import { noted, row } from '../rows.mjs'

export const title = 'Footprint of the server and one worker (resident memory of all its processes)'

const SETTLE_MS = 3_000
const WARM_RUNS = 1_000
const CLIENTS = 16

/** Runs that leave their threads behind would grow the data, so these leave none. */
const run = (server, count) => throughput(count, CLIENTS, () => waitFor(server, 'trivial'), server)

async function settled(server) {
  await pause(SETTLE_MS)
  return server.memory()
}

export async function measure({ rounds, isQuick, soak, superstep, reference, hasReference, say }) {
  const starts = await interleave(rounds, { ours: () => startOnce(superstep), other: hasReference ? () => startOnce(reference) : null })
  const line = (name, unit, goal, of) => row({ name, unit, goal, ours: starts.ours.map(of), reference: starts.other?.map(of) ?? null })
  const start = line('Start → /ok answers', 's', { atMost: 0.6 }, ({ seconds }) => seconds)
  if (!HAS_PROC) return [start, noted('Resident memory', 'MB', 'needs /proc')]
  const ours = await superstep()
  await run(ours, isQuick ? 100 : WARM_RUNS)
  const warm = await settled(ours)
  say(`${soak.toLocaleString('en')} runs`)
  const { cpu } = await run(ours, soak)
  const after = await settled(ours)
  return [
    start,
    line('Idle for 3 s, before any run', 'MB', { atMost: 180 }, ({ memory }) => memory),
    row({ name: `Idle for 3 s, after ${isQuick ? 100 : WARM_RUNS} runs`, unit: 'MB', ours: [warm] }),
    row({ name: `Idle for 3 s, after ${soak.toLocaleString('en')} more`, unit: 'MB', ours: [after], cpu: [cpu] }),
    row({ name: `Growth by those ${soak.toLocaleString('en')} runs`, unit: '%', goal: { atMost: 10 }, ours: [(after / warm - 1) * 100] }),
  ]
}

async function startOnce(launch) {
  const server = await launch()
  const memory = await settled(server)
  await server.end()
  return { seconds: server.startMs / 1000, memory }
}
