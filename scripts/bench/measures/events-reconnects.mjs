import { randomInt, randomUUID } from 'node:crypto'
import { row } from '../rows.mjs'

/** As many as one worker runs at a time by default. */
const LIVE_RUNS = 10
/** About 2,000 events a second for 4 s. */
const PACED = { count: 8_000, burst: 20, every: 10 }
const MOST_FRAMES_PER_CONNECTION = 160

/** Readers that hang up at random and come back with the id of the last event they have, until this many reconnects were made. */
export async function measureReconnects(server, wanted, createFrameReader) {
  const totals = { reconnects: 0, events: 0, lost: 0, doubled: 0 }
  while (totals.reconnects < wanted) {
    const runs = await Promise.all(Array.from({ length: LIVE_RUNS }, () => followOneRun(server, createFrameReader)))
    for (const run of runs) for (const key of Object.keys(totals)) totals[key] += run[key]
  }
  const count = (name, value, goal) => row({ name, unit: '', goal, ours: [value] })
  return [
    row({ name: 'Random reconnects to live runs', unit: '', goal: { atLeast: wanted }, ours: [totals.reconnects] }),
    row({ name: 'Events seen by them', unit: '', ours: [totals.events] }),
    count('Events lost', totals.lost, { atMost: 0 }),
    count('Events doubled', totals.doubled, { atMost: 0 }),
  ]
}

async function followOneRun(server, createFrameReader) {
  const threadId = randomUUID()
  const run = await server.client.json('POST', `/threads/${threadId}/runs`, { assistant_id: 'events', input: { input: PACED }, stream_mode: ['custom'], stream_resumable: true, if_not_exists: 'create' })
  const path = `/threads/${threadId}/runs/${run.run_id}/stream`
  const seen = []
  let reconnects = 0
  while (!await readSome(server, path, seen, createFrameReader, randomInt(1, MOST_FRAMES_PER_CONNECTION))) reconnects++
  const all = []
  await server.client.stream('GET', path, undefined, { headers: { 'last-event-id': '-1' }, onChunk: createFrameReader((frame) => all.push(frame)) })
  return { reconnects, events: seen.length, ...compare(seen, all) }
}

/** Reads until the given number of events has come, then hangs up; true when the stream ended by itself before that. */
async function readSome(server, path, seen, createFrameReader, most) {
  let left = most
  let isCut = false
  const read = createFrameReader((frame) => {
    // What the same chunk holds past the cut is as if it never came.
    if (left-- > 0) seen.push(frame)
  })
  await server.client.stream('GET', path, undefined, {
    headers: { 'last-event-id': seen.at(-1)?.id ?? '-1' },
    onChunk: (chunk, close) => {
      read(chunk)
      if (left > 0) return
      isCut = true
      close()
    },
  })
  return !isCut
}

/** Against the log itself: each of its events once and in its order; and against what the node emitted: all of it is in the log. */
function compare(seen, all) {
  const ids = seen.map(({ id }) => id)
  const known = new Set(ids)
  const emitted = new Set(all.filter(({ event }) => event === 'custom').map(({ data }) => JSON.parse(data).n))
  return {
    lost: all.filter(({ id }) => !known.has(id)).length + PACED.count - emitted.size,
    doubled: ids.length - known.size + ids.filter((id, at) => at > 0 && Number(id) <= Number(ids[at - 1])).length,
  }
}
