import { interleave, throughput } from '../rounds.mjs'
import { waitFor, warmUp } from '../operations.mjs'
import { row } from '../rows.mjs'

export const title = 'Runs per second'

export async function measure({ rounds, isQuick, superstep, reference }) {
  const [one, two, other] = [await superstep({ workers: 1 }), await superstep({ workers: 2 }), await reference()]
  for (const server of [one, two]) {
    await warmUp(server, 'trivial', 300)
    await warmUp(server, 'cpu', 20)
  }
  if (other) await warmUp(other, 'trivial', 5)
  const scale = isQuick ? 0.2 : 1
  const loop = (server, graph, clients, count) => server && (() => throughput(Math.ceil(count * scale), clients, () => waitFor(server, graph), server))
  const results = await interleave(rounds, {
    one32: loop(one, 'trivial', 32, 2_000), two32: loop(two, 'trivial', 32, 2_000), other32: loop(other, 'trivial', 32, 160),
    one10: loop(one, 'trivial', 10, 1_000), other10: loop(other, 'trivial', 10, 50),
    oneCpu: loop(one, 'cpu', 32, 200), twoCpu: loop(two, 'cpu', 32, 200), otherCpu: loop(other, 'cpu', 32, 100),
  })
  const perSecond = (name) => results[name]?.map((result) => result.perSecond) ?? null
  const cpu = (name) => results[name]?.map((result) => result.cpu) ?? null
  const line = (name, ours, reference, goal) => row({ name, unit: 'runs/s', goal, lowerIsBetter: false, ours: perSecond(ours), reference: perSecond(reference), cpu: cpu(ours), referenceCpu: cpu(reference) })
  const gain = (name, two, one, goal) => row({ name, unit: '×', goal, lowerIsBetter: false, ours: perSecond(two).map((value, at) => value / perSecond(one)[at]) })
  return [
    line('32 clients, 1 worker', 'one32', 'other32', { atLeast: 900, ratio: 18 }),
    line('10 clients, 1 worker', 'one10', 'other10', null),
    line('32 clients, 2 workers', 'two32', 'other32', null),
    gain('32 clients, 2 workers over 1', 'two32', 'one32', { atLeast: 1 }),
    line('CPU graph (2 × ~5 ms), 1 worker', 'oneCpu', 'otherCpu', null),
    line('CPU graph, 2 workers', 'twoCpu', 'otherCpu', null),
    gain('CPU graph, 2 workers over 1', 'twoCpu', 'oneCpu', { atLeast: 1 }),
  ]
}
