import Database from 'better-sqlite3'
import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { warmUp } from '../operations.mjs'
import { removeFolder } from '../servers.mjs'
import { interleave, timeEach } from '../rounds.mjs'
import { latencyRows, row } from '../rows.mjs'
import { linearity, mean } from '../stats.mjs'

export const title = 'A conversation of turns of 5 kB + 5 kB on one thread, unmodified graph'

const TEXT = 'Please look at this once more and say what you think of it. '.repeat(85).slice(0, 5_000)
/** How a client listens decides what the event log holds besides the checkpoints. */
const MAIN = ['updates']
const OTHERS = { 'messages streamed': ['messages-tuple'], 'values streamed (the default)': ['values'] }

const first = ({ times }) => mean(times.slice(0, 10))
const half = ({ times }) => mean(times.slice(times.length / 2 - 5, times.length / 2 + 5))
const last = ({ times }) => mean(times.slice(-10))

export async function measure({ rounds, isQuick, superstep, bare, temporaryFolder, say }) {
  const turns = isQuick ? 40 : 200
  const alone = await bare()
  await alone.run('trivial', 'memory', 50)
  say(`${turns} turns, ${rounds} rounds`)
  const { ours, sqlite } = await interleave(rounds, {
    ours: () => converse({ turns, modes: MAIN, superstep, temporaryFolder }),
    sqlite: alone.hasSqlite ? () => alone.converse(turns, TEXT) : null,
  })
  const others = {}
  for (const [listener, modes] of Object.entries(OTHERS)) {
    say(`${turns} turns, ${listener}`)
    others[listener] = await converse({ turns, modes, superstep, temporaryFolder, reads: 0 })
  }
  return rowsOf({ turns, ours, sqlite, others })
}

function rowsOf({ turns, ours, sqlite, others }) {
  const full = sqlite?.map(({ sizes }) => sizes.at(-1) / 1e6) ?? null
  const sizeRow = (listener, results, goal = null) => row({ name: `Database after ${turns} turns, ${listener}`, unit: 'MB', goal, ours: results.map(({ fileSize }) => fileSize / 1e6), reference: full })
  const steps = ours[0].supersteps
  const timeRow = (name, share, of, extra = {}) => row({ name, unit: 'ms', ours: ours.map((round) => of(round) / share), reference: sqlite?.map((round) => of(round) / share) ?? null, ...extra })
  return [
    sizeRow('updates streamed', ours, { atMost: 6 }),
    ...Object.entries(others).map(([listener, result]) => sizeRow(listener, [result])),
    row({ name: 'Size of the final state as JSON', unit: 'MB', ours: ours.map(({ stateBytes }) => stateBytes / 1e6) }),
    row({ name: 'R² of a line through size over turns', unit: '', goal: { atLeast: 0.99 }, ours: ours.map(({ sizes }) => linearity(sizes.map((_, at) => at), sizes)) }),
    timeRow('Turn, mean of the first 10', 1, first),
    timeRow('Turn, mean of the last 10', 1, last),
    timeRow(`Superstep (${steps} per turn), first 10 turns`, steps, first),
    timeRow('Superstep, 10 turns around the middle', steps, half, { goal: { atMost: 6 } }),
    timeRow('Superstep, last 10 turns', steps, last, { cpu: ours.map(({ cpu }) => cpu) }),
    ...latencyRows({ name: 'Reading the state', ours: ours.map(({ state }) => state) }),
    ...latencyRows({ name: 'History, 50 states', ours: ours.map(({ history }) => history) }),
  ]
}

/** The turns one after the other on one thread; what was on disk after each, and after the server had closed its file. */
async function converse({ turns, modes, superstep, temporaryFolder, reads: readCount = 5 }) {
  const dataDir = temporaryFolder()
  const server = await superstep({ dataDir })
  // So that the first turns are not slow for want of compiled code; these runs leave no thread behind.
  await warmUp(server, 'trivial', 50)
  const thread = `/threads/${randomUUID()}`
  const sizes = []
  const measured = sizeReader(join(dataDir, 'superstep.db'))
  const say = (on) => server.client.stream('POST', `${on}/runs/stream`, { assistant_id: 'messages', input: { messages: [{ role: 'user', content: TEXT }] }, if_not_exists: 'create', stream_mode: modes }, { onChunk: refuseErrors })
  const supersteps = await countSupersteps(server, say)
  const turn = async () => {
    const started = performance.now()
    await say(thread)
    const ms = performance.now() - started
    sizes.push(measured.size())
    return ms
  }
  const { times, cpu } = await timeEach(turns, turn, server, Infinity)
  measured.close()
  const state = await server.client.json('GET', `${thread}/state`)
  if (state.values.messages?.length !== turns * 2) throw new Error(`The conversation is not complete: ${JSON.stringify(state).slice(0, 400)} ${server.output().slice(-2_000)}`)
  const reads = {
    state: await timeEach(readCount * 4, () => server.client.send('GET', `${thread}/state`), server),
    history: await timeEach(readCount, () => server.client.send('POST', `${thread}/history`, { limit: 50 }), server),
  }
  await server.end()
  const fileSize = statSync(join(dataDir, 'superstep.db')).size
  removeFolder(dataDir)
  return { times, sizes, fileSize, supersteps, stateBytes: Buffer.byteLength(JSON.stringify(state)), cpu: cpu === null ? null : cpu / supersteps, ...reads }
}

function refuseErrors(chunk) {
  const text = chunk.toString('latin1')
  const at = text.indexOf('event: error\n')
  if (at >= 0) throw new Error(`A turn failed: ${text.slice(at, at + 400)}`)
}

/** What the file will be once its write-ahead log is folded in: pages in use and free ones, read beside the running server. */
function sizeReader(file) {
  const db = new Database(file, { readonly: true })
  return {
    size: () => db.pragma('page_count', { simple: true }) * db.pragma('page_size', { simple: true }),
    close: () => db.close(),
  }
}

/** How many checkpoints of one turn a superstep made (that of its input is none), counted on a thread that stays at one turn. */
async function countSupersteps(server, say) {
  const thread = `/threads/${randomUUID()}`
  await say(thread)
  const states = await server.client.json('POST', `${thread}/history`, { limit: 100 })
  return states.filter(({ metadata }) => metadata.source === 'loop').length
}
