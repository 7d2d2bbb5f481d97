import { randomInt } from 'node:crypto'
import { interleave, throughput, timeEach } from '../rounds.mjs'
import { latencyRows, row } from '../rows.mjs'

export const title = 'Threads: pages of 100'

/** Threads of one user. */
const PER_USER = 50
const TOPICS = ['billing', 'travel', 'research', 'code', 'support']
/** Threads that match the rare value, and threads whose last run failed. */
const RARE = 50

export async function measure({ rounds, isQuick, superstep, say }) {
  const server = await superstep()
  const total = isQuick ? 5_000 : 100_000
  say(`Seeding ${total.toLocaleString('en')} threads`)
  const seeded = await throughput(total, 32, (n) => server.client.json('POST', '/threads', { metadata: metadataOf(n, total) }), server)
  const failing = Array.from({ length: RARE }, () => server.client.send('POST', '/runs/wait', { assistant_id: 'failing', input: { value: 0 }, on_completion: 'keep' }))
  await Promise.all(failing)

  const search = async (body, expected) => {
    const page = await server.client.json('POST', '/threads/search', { limit: 100, ...body })
    if (page.length !== expected) throw new Error(`A search for ${JSON.stringify(body)} gave ${page.length} threads instead of ${expected}`)
  }
  const searches = {
    'Newest page of 100': () => search({}, 100),
    'Metadata filter, 50 of all match': () => search({ metadata: { campaign: 'rare' } }, RARE),
    'Metadata filter, half of all match': () => search({ metadata: { tier: 'common' } }, 100),
    'Metadata filter, one user': () => search({ metadata: { user: `user-${randomInt(total / PER_USER)}` } }, PER_USER),
    'Status filter, 50 match': () => search({ status: 'error' }, RARE),
    'Status filter, nearly all match': () => search({ status: 'idle' }, 100),
    'Last page': () => search({ offset: total + RARE - 100 }, 100),
  }
  const count = isQuick ? 20 : 100
  for (const one of Object.values(searches)) await one()
  const results = await interleave(rounds, Object.fromEntries(Object.entries(searches).map(([name, one]) => [name, () => timeEach(count, one, server)])))
  return [
    row({ name: `Creating the ${total.toLocaleString('en')} threads, 32 clients`, unit: 'threads/s', lowerIsBetter: false, ours: [seeded.perSecond], cpu: [seeded.cpu] }),
    ...Object.entries(results).flatMap(([name, ours]) => latencyRows({ name, goals: { p99: { atMost: 10 } }, ours })),
  ]
}

/** What applications write there: whose thread it is, what it is about, and values of many and of few threads. */
function metadataOf(n, total) {
  const isRare = n % (total / RARE) === 0
  return {
    graph_id: 'trivial', user: `user-${n % (total / PER_USER)}`, topic: TOPICS[n % TOPICS.length], n,
    ...(n % 2 === 0 ? { tier: 'common' } : {}), ...(isRare ? { campaign: 'rare' } : {}),
  }
}
