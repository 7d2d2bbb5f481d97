import { expect, onTestFinished, test } from 'vitest'
import { eventsIn } from '../domain/event-batch.ts'
import { createSqliteStorage } from '../storage/sqlite/sqlite-storage.ts'
import { NOW, runRow, threadRow } from '../storage/testing/rows.ts'
import { createEventLog } from './event-log.ts'
import { createThreadFeed } from './thread-feed.ts'
import { createThreadLog, type ThreadPosition } from './thread-log.ts'

const LATER = '2027-01-01T00:00:00.000Z'
const metadata = { event: 'metadata', data: Buffer.from('{}') }
const custom = { event: 'custom', data: Buffer.from('1') }

function start() {
  const storage = createSqliteStorage(':memory:')
  onTestFinished(() => storage.close())
  const feed = createThreadFeed()
  const log = createEventLog(storage)
  const threadLog = createThreadLog({ storage, log, feed })
  const finish = (run_id: string) => storage.runs.finish({ run_id, status: 'success', error: null, thread: (thread) => thread, events: [], rollback: false, deleteThread: false, now: NOW })

  /** What a reader has of the thread as it is: entries as `run:number`, or `run:number!` where a run is over. */
  async function entries(from: ThreadPosition): Promise<string[]> {
    const found: string[] = []
    const gone = new AbortController()
    setImmediate(() => feed.announce({ thread_id: 't', kind: 'deleted', status: null }))
    for await (const entry of threadLog.read('t', from, gone.signal)) {
      if (entry.kind === 'end') found.push(`${entry.part.run_id}:${entry.last}!`)
      else for (const { seq } of eventsIn(entry.batch)) found.push(`${entry.part.run_id}:${seq}`)
    }
    return found
  }
  return { storage, entries, finish }
}

async function withTwoRuns() {
  const started = start()
  const { storage, finish } = started
  await storage.threads.insert(threadRow('t'))
  for (const id of ['a', 'b']) {
    await storage.runs.create({ run: runRow(id, 't'), newThread: null, onThread: (thread) => thread, decide: () => ({ kind: 'insert' }), start: () => ({ stamp: NOW, firstEvents: () => [metadata] }) })
    await storage.events.append('t', id, () => [custom, custom])
    await finish(id)
    await storage.events.appendUpdate({ thread_id: 't', run_id: `after ${id}` }, { event: 'state_update', data: Buffer.from('{}') }, NOW)
  }
  return started
}

test('a reader goes from run to run, and hears of each end once', async () => {
  const { entries } = await withTwoRuns()
  const all = ['a:1', 'a:2', 'a:3', 'a:3!', 'after a:4', 'b:5', 'b:6', 'b:7', 'b:7!', 'after b:8']
  expect(await entries({ after: -1, knowsEnd: false })).toEqual(all)
  expect(await entries({ after: 2, knowsEnd: false })).toEqual(all.slice(2))
  expect(await entries({ after: 3, knowsEnd: false })).toEqual(all.slice(3))
  expect(await entries({ after: 3, knowsEnd: true })).toEqual(all.slice(4))
  expect(await entries({ after: 4, knowsEnd: false })).toEqual(all.slice(5))
  expect(await entries({ after: 'live', knowsEnd: false })).toEqual([])
  expect(await entries({ after: 99, knowsEnd: false })).toEqual([])
})

test('what retention removed is passed over', async () => {
  const { storage, entries } = await withTwoRuns()
  await storage.events.expire(LATER)
  expect(await entries({ after: -1, knowsEnd: false })).toEqual([])
  await storage.events.append('t', 'c', () => [metadata])
  expect(await entries({ after: 6, knowsEnd: false })).toEqual(['c:9', 'c:9!'])
})

test('a run that is tried again comes before all that wait, so that logs of runs follow one another', async () => {
  const { storage } = start()
  await storage.threads.insert(threadRow('t'))
  const create = (id: string, due_at: number) => storage.runs.create({ run: runRow(id, 't', { due_at }), newThread: null, onThread: (thread) => thread, decide: () => ({ kind: 'insert' }) })
  const claim = async () => (await storage.runs.claimNext(1000, NOW, false, () => [metadata]))?.run.run_id
  await create('delayed', 500)
  expect(await claim()).toBe('delayed')
  await create('at once', 0)
  await storage.runs.requeue('delayed', NOW, { refund: false, alone: false })
  expect(await claim()).toBe('delayed')
})
