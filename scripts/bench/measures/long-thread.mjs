import { randomInt, randomUUID } from 'node:crypto'
import { interleave, timeEach } from '../rounds.mjs'
import { latencyRows, row } from '../rows.mjs'

export const title = 'One thread of many checkpoints'

const PAGE = 1_000

export async function measure({ rounds, isQuick, superstep, say }) {
  const server = await superstep()
  const wanted = isQuick ? 500 : 10_000
  const thread = `/threads/${randomUUID()}`
  say(`Running ${wanted.toLocaleString('en')} supersteps`)
  const seed = await seedThread(server, thread, wanted, 'sync')
  const overlapped = await seedThread(server, `/threads/${randomUUID()}`, wanted / 5, 'async')
  const ids = await allCheckpoints(server, thread)
  if (ids.length < wanted) throw new Error(`The thread has ${ids.length} checkpoints instead of ${wanted}`)
  const any = () => ids[randomInt(ids.length)]

  const history = async (body, expected) => {
    const page = await server.client.json('POST', `${thread}/history`, body)
    if (page.length !== expected) throw new Error(`A page of history had ${page.length} checkpoints instead of ${expected}`)
  }
  const operations = {
    'History, first page of 10': [{ atMost: 10 }, () => history({ limit: 10 }, 10)],
    'History, first page of 100': [{ atMost: 10 }, () => history({ limit: 100 }, 100)],
    'History, a page of 10 near the beginning': [{ atMost: 10 }, () => history({ limit: 10, before: ids[20] }, 10)],
    'Any state by its checkpoint id': [{ atMost: 30 }, () => server.client.json('GET', `${thread}/state/${any()}`)],
    'Fork (an edited state at any checkpoint)': [{ atMost: 20 }, () => server.client.json('POST', `${thread}/state`, { checkpoint_id: any(), values: { value: 1 }, as_node: 'step' })],
    'Copy of the thread': [{ atMost: 20 }, () => server.client.json('POST', `${thread}/copy`)],
  }
  for (const [, operation] of Object.values(operations)) await operation()
  const counts = (name) => Math.ceil((name.startsWith('Copy') ? 10 : 50) * (isQuick ? 0.2 : 1))
  const results = await interleave(rounds, Object.fromEntries(Object.entries(operations).map(([name, [, operation]]) => [name, () => timeEach(counts(name), operation, server)])))
  return [
    row({ name: `Making it: ${wanted.toLocaleString('en')} supersteps of one run (sync), each`, unit: 'ms', ours: [seed.ms], cpu: [seed.cpu] }),
    row({ name: `${(wanted / 5).toLocaleString('en')} supersteps of one run (async), each`, unit: 'ms', ours: [overlapped.ms], cpu: [overlapped.cpu] }),
    ...Object.entries(results).flatMap(([name, ours]) => latencyRows({ name, goals: { p99: operations[name][0] }, ours })),
  ]
}

/** Reads the run's updates to its end, so that it is known to have succeeded. Gives ms and processor ms per superstep. */
async function seedThread(server, thread, steps, durability) {
  const before = server.cpu()
  const started = performance.now()
  const body = { assistant_id: 'looping', input: { input: steps }, durability, if_not_exists: 'create', stream_mode: ['updates'], config: { recursion_limit: steps + 10 } }
  await server.client.stream('POST', `${thread}/runs/stream`, body, { onChunk: () => {} })
  const { status, error } = await server.client.json('GET', thread)
  if (status !== 'idle') throw new Error(`The long run left its thread ${status}: ${error}`)
  return { ms: (performance.now() - started) / steps, cpu: before === null ? null : (server.cpu() - before) / steps }
}

/** Oldest first. */
async function allCheckpoints(server, thread) {
  const ids = []
  for (;;) {
    const page = await server.client.json('POST', `${thread}/history`, { limit: PAGE, ...(ids.length ? { before: ids.at(-1) } : {}) })
    ids.push(...page.map(({ checkpoint }) => checkpoint.checkpoint_id))
    if (page.length < PAGE) return ids.reverse()
  }
}
