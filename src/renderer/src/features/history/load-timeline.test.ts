import type { TimelineEntry } from '@contract/studio.ts'
import { expect, test } from 'vitest'
import { readNewest, readOlder, type KnownTimeline, type ReadTimeline } from './load-timeline.ts'

const entry = (n: number, change: Partial<TimelineEntry> = {}): TimelineEntry => ({
  checkpoint_id: String(n).padStart(5, '0'), checkpoint_ns: '', parent_checkpoint_id: n ? String(n - 1).padStart(5, '0') : null, run_id: null, step: n, source: 'loop',
  nodes: [], next: [], created_at: '', changed: [], bytes: 1, interrupts: 0, error: null, ...change,
})
const NOTHING: KnownTimeline = { entries: [], hasOlder: false }

/** Answers like the server does, and counts what it was asked for. */
function createServer(length: number) {
  const rows = Array.from({ length }, (_, n) => entry(n))
  const sent: number[] = []
  const read: ReadTimeline = async ({ limit, before, after }) => {
    const from = rows.filter((row) => (!before || row.checkpoint_id < before) && (!after || row.checkpoint_id > after))
    const checkpoints = [...rows.filter((row) => row.checkpoint_id === after), ...from.slice(-limit)]
    sent.push(checkpoints.length)
    return { checkpoints, total: rows.length, older: from.length > limit }
  }
  return { rows, sent, read }
}

async function readAll(read: ReadTimeline): Promise<KnownTimeline> {
  let known = await readNewest(read, NOTHING)
  while (known.hasOlder) known = await readOlder(read, known)
  return known
}

test('the newest page comes first, the rest page by page', async () => {
  const { rows, read } = createServer(1234)
  const first = await readNewest(read, NOTHING)
  expect(first).toEqual({ entries: rows.slice(-200), hasOlder: true })
  expect(await readAll(read)).toEqual({ entries: rows, hasOlder: false })
})

test('after a superstep only what is new is read, and what it changed', async () => {
  const { rows, sent, read } = createServer(1234)
  const known = await readAll(read)
  rows[1233] = entry(1233, { next: ['done'] })
  rows.push(entry(1234))
  sent.length = 0
  expect((await readNewest(read, known)).entries).toEqual(rows)
  expect(sent).toEqual([2])
})

test('while older pages are missing, new ones are put to those at hand', async () => {
  const { rows, read } = createServer(900)
  const first = await readNewest(read, NOTHING)
  rows.push(entry(900))
  const next = await readNewest(read, first)
  expect(next).toEqual({ entries: rows.slice(-201), hasOlder: true })
})

test('more news than a page holds leaves no gap', async () => {
  const { rows, read } = createServer(10)
  const known = await readNewest(read, NOTHING)
  rows.push(...Array.from({ length: 1300 }, (_, i) => entry(10 + i)))
  expect((await readNewest(read, known)).entries).toEqual(rows)
})

test('checkpoints of a run that was rolled back disappear', async () => {
  const { rows, read } = createServer(30)
  const known = await readNewest(read, NOTHING)
  rows.splice(25)
  rows.push(entry(31))
  expect(await readNewest(read, known)).toEqual({ entries: rows, hasOlder: false })
})
