import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSqliteStorage } from '../storage/sqlite/sqlite-storage.ts'
import type { CheckpointRow, Storage } from '../storage/storage.ts'
import { runRow, threadRow } from '../storage/testing/rows.ts'
import { createTimeline } from './timeline-service.ts'

let storage: Storage
let timeline: ReturnType<typeof createTimeline>
beforeEach(async () => {
  storage = createSqliteStorage(':memory:')
  timeline = createTimeline(storage)
  await storage.threads.insert(threadRow('t'))
})
afterEach(() => storage.close())

const idOf = (n: number) => `c${String(n).padStart(4, '0')}`
const row = (n: number, parent: number | null): CheckpointRow => ({
  thread_id: 't', checkpoint_ns: '', checkpoint_id: idOf(n), parent_checkpoint_id: parent === null ? null : idOf(parent), run_id: null,
  metadata: { source: 'loop', step: n }, body: {}, channels: { count: String(n), same: '1' }, keys: ['count', 'same'], overrides: null, root: null,
  next: [`node${n + 1}`], tasks: [{ id: `task${n}`, name: `node${n + 1}` }], created_at: 'now',
})
const put = (n: number, parent: number | null) => storage.checkpoints.put(row(n, parent), new Map())
const write = (n: number, idx: number, channel: string, value: string) =>
  storage.checkpoints.putWrites({ thread_id: 't', checkpoint_ns: '', checkpoint_id: idOf(n) }, [{ task_id: `task${n}`, idx, channel, value, run_id: null }], new Map())
async function putChain(length: number): Promise<void> {
  for (let n = 0; n < length; n++) await put(n, n === 0 ? null : n - 1)
  for (let n = 0; n < length - 1; n++) await write(n, 0, 'count', String(n + 1))
}
const idsOf = (query: Parameters<typeof timeline>[1]) => timeline('t', query).checkpoints.map((entry) => entry.checkpoint_id)

test('pages put together are the whole timeline', async () => {
  await putChain(130)
  const whole = timeline('t', {})
  expect(whole).toMatchObject({ total: 130, older: false })
  const pages = []
  let page = timeline('t', { limit: 40 })
  for (; ; page = timeline('t', { limit: 40, before: page.checkpoints[0]!.checkpoint_id })) {
    pages.unshift(...page.checkpoints)
    if (!page.older) break
  }
  expect(pages).toEqual(whole.checkpoints)
  expect(pages[100]).toMatchObject({ nodes: ['node100'], next: ['node101'], changed: ['count'] })
})

test('after an id comes what is new, with the ones it goes on from', async () => {
  await putChain(60)
  expect(idsOf({ after: idOf(59) })).toEqual([idOf(59)])
  await write(59, 0, 'count', '60')
  await put(60, 59)
  await put(61, 5)
  const { checkpoints, older, total } = timeline('t', { after: idOf(59) })
  expect(checkpoints.map((entry) => entry.checkpoint_id)).toEqual([5, 59, 60, 61].map(idOf))
  expect({ older, total }).toEqual({ older: false, total: 62 })
})

test('when more is new than asked for, the rest is between', async () => {
  await putChain(150)
  const newest = timeline('t', { after: idOf(9), limit: 100 })
  expect(newest.older).toBe(true)
  const fresh = newest.checkpoints.filter((entry) => entry.checkpoint_id > idOf(9))
  expect(fresh).toHaveLength(100)
  const rest = timeline('t', { after: idOf(9), limit: 100, before: fresh[0]!.checkpoint_id })
  expect(rest.older).toBe(false)
  expect(new Set([...fresh, ...rest.checkpoints].map((entry) => entry.checkpoint_id)).size).toBe(141)
})

test('a step that failed again on an old checkpoint is told with what is new', async () => {
  await putChain(5)
  await storage.runs.create({
    run: runRow('r', 't', { kwargs: { checkpoint: { checkpoint_id: idOf(4) } } as never }),
    newThread: null, onThread: (thread) => thread, decide: () => ({ kind: 'insert' }),
  })
  await put(5, 3)
  await write(4, -1, '__error__', '{"message":"no luck"}')
  expect(timeline('t', { after: idOf(5) }).checkpoints).toMatchObject([{ checkpoint_id: idOf(4), error: 'no luck' }, { checkpoint_id: idOf(5), error: null }])
})
