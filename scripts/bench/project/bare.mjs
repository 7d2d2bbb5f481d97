// A process that invokes graphs without any server. Messages in: `{ id, work, ... }`; out: `{ id, result }` or `{ id, error }`.
import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { MemorySaver } from '@langchain/langgraph'

const folder = process.argv[2]
const builders = await import('./builders.mjs')
const savers = {
  memory: () => new MemorySaver(),
  sqlite: async () => {
    const { SqliteSaver } = await import('@langchain/langgraph-checkpoint-sqlite')
    return SqliteSaver.fromConnString(join(folder, `${randomUUID()}.db`))
  },
}
const kept = new Map()

/** One graph with one saver, compiled once: what an application does at its start. */
async function compiled(name, saver) {
  const key = `${name} ${saver}`
  if (!kept.has(key)) kept.set(key, builders[name].compile({ checkpointer: await savers[saver]() }))
  return kept.get(key)
}

const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const work = {
  async invoke({ graph: name, saver, count }) {
    const graph = await compiled(name, saver)
    const times = []
    const before = cpuMs()
    for (let n = 0; n < count; n++) {
      const started = performance.now()
      await graph.invoke({ value: 0 }, { configurable: { thread_id: randomUUID() } })
      times.push(performance.now() - started)
    }
    return { times, cpu: (cpuMs() - before) / count }
  },

  /** Events that a node emits through `config.writer`, per second: what a server can at most hand on. */
  async emit({ input }) {
    const graph = await compiled('events', 'memory')
    const before = cpuMs()
    const started = performance.now()
    let count = 0
    for await (const _ of await graph.stream({ input }, { streamMode: 'custom', configurable: { thread_id: randomUUID() } })) count++
    return { perSecond: count / (performance.now() - started) * 1000, cpu: (cpuMs() - before) / count }
  },

  /** Turns of a conversation on one thread, kept by SqliteSaver: the size of its file after each turn (WAL folded in) and the turn's ms. */
  async converse({ turns, text }) {
    const { SqliteSaver } = await import('@langchain/langgraph-checkpoint-sqlite')
    const file = join(folder, `${randomUUID()}.db`)
    const saver = SqliteSaver.fromConnString(file)
    const graph = builders.messages.compile({ checkpointer: saver })
    const config = { configurable: { thread_id: randomUUID() } }
    const [times, sizes] = [[], []]
    for (let n = 0; n < turns; n++) {
      const started = performance.now()
      await graph.invoke({ messages: [{ role: 'user', content: text }] }, config)
      times.push(performance.now() - started)
      saver.db.pragma('wal_checkpoint(TRUNCATE)')
      sizes.push(statSync(file).size)
    }
    saver.db.close()
    return { times, sizes }
  },
}

process.on('message', async ({ id, work: name, ...options }) => {
  try {
    process.send({ id, result: await work[name](options) })
  } catch (error) {
    process.send({ id, error: error.stack })
  }
})
process.on('disconnect', () => process.exit(0))
