import { randomUUID } from 'node:crypto'
import { createFrameReader } from '../client.mjs'
import { interleave } from '../rounds.mjs'
import { row } from '../rows.mjs'
import { measureReconnects } from './events-reconnects.mjs'

export const title = 'Events of about 200 bytes (custom events of a node, each with an id, logged)'

const AT_ONCE = { burst: 200, every: 0 }
const PER_CONNECTION = 100

/** Counts frames without reading them: the client must not be what is measured. */
function createCounter() {
  let count = 0
  let tail = ''
  return {
    add: (chunk) => {
      const text = tail + chunk.toString('latin1')
      for (let at = text.indexOf('event: custom'); at >= 0; at = text.indexOf('event: custom', at + 13)) count++
      tail = text.slice(-12)
    },
    count: () => count,
  }
}

const body = (count) => ({ assistant_id: 'events', input: { input: { count, ...AT_ONCE } }, stream_mode: ['custom'], stream_resumable: true, if_not_exists: 'create' })

/** Events per second from the first byte of the stream to the last event, and what the server needs for one. */
async function received(server, expected, read) {
  const cpuBefore = server.cpu()
  const counter = createCounter()
  let started = null
  let seconds = NaN
  await read((chunk) => {
    started ??= performance.now()
    const before = counter.count()
    counter.add(chunk)
    if (counter.count() > before) seconds = (performance.now() - started) / 1000
  })
  if (counter.count() !== expected) throw new Error(`${expected} events were sent and ${counter.count()} came`)
  return { perSecond: expected / seconds, cpu: cpuBefore === null ? null : (server.cpu() - cpuBefore) / expected }
}

/** A run that emits while it is read; tells where its log can be read again. */
async function live(server, count) {
  let replay
  const result = await received(server, count, (onChunk) =>
    server.client.stream('POST', `/threads/${randomUUID()}/runs/stream`, body(count), { onChunk, onOpen: (headers) => { replay = `${headers['content-location']}/stream` } }))
  return { ...result, replay }
}

const fromStart = (server, path, onChunk) => server.client.stream('GET', path, undefined, { headers: { 'last-event-id': '-1' }, onChunk })

/** One run, read by many connections at once while it runs; events received per second over all of them. */
async function manyReaders(server, count) {
  const threadId = randomUUID()
  const run = await server.client.json('POST', `/threads/${threadId}/runs`, body(count))
  const path = `/threads/${threadId}/runs/${run.run_id}/stream`
  const cpuBefore = server.cpu()
  const started = performance.now()
  const counters = await Promise.all(Array.from({ length: PER_CONNECTION }, async () => {
    const counter = createCounter()
    await fromStart(server, path, counter.add)
    return counter.count()
  }))
  const seconds = (performance.now() - started) / 1000
  if (counters.some((seen) => seen !== count)) throw new Error(`Of ${count} events the ${PER_CONNECTION} readers saw ${Math.min(...counters)} to ${Math.max(...counters)}`)
  const total = count * PER_CONNECTION
  return { perSecond: total / seconds, cpu: cpuBefore === null ? null : (server.cpu() - cpuBefore) / total }
}

export async function measure({ rounds, isQuick, superstep, reference, bare }) {
  const [ours, other, alone] = [await superstep(), await reference(), await bare()]
  const [count, shared, otherCount] = isQuick ? [5_000, 500, 500] : [40_000, 3_000, 2_000]
  await live(ours, 1_000)
  if (other) await live(other, 100)
  await alone.emit({ count: 1_000, ...AT_ONCE })
  let last
  const results = await interleave(rounds, {
    live: async () => last = await live(ours, count),
    replay: () => received(ours, count, (onChunk) => fromStart(ours, last.replay, onChunk)),
    many: () => manyReaders(ours, shared),
    other: other && (() => live(other, otherCount)),
    alone: () => alone.emit({ count, ...AT_ONCE }),
  })
  const line = (name, goal, mine, its = null) => row({
    name, unit: 'events/s', goal, lowerIsBetter: false,
    ours: mine.map(({ perSecond }) => perSecond), cpu: mine.map(({ cpu }) => cpu), reference: its?.map(({ perSecond }) => perSecond) ?? null, referenceCpu: its?.map(({ cpu }) => cpu) ?? null,
  })
  return [
    line('To one stream, while they are emitted', { atLeast: 100_000 }, results.live, results.other),
    line('The same from LangGraph alone, in its own process', null, results.alone),
    line('To one stream, replay of the log from its start', { atLeast: 100_000 }, results.replay),
    line(`To ${PER_CONNECTION} streams of one run, together`, { atLeast: 100_000 }, results.many),
    ...await measureReconnects(ours, isQuick ? 200 : 1_000, createFrameReader),
  ]
}
