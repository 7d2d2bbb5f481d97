import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSqliteStorage } from '../storage/sqlite/sqlite-storage.ts'
import type { CronRow, Storage } from '../storage/storage.ts'
import { cronRow, NOW } from '../storage/testing/rows.ts'
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts'
import { createCronTicker, type CronTicker } from './cron-ticker.ts'

const START = Date.parse(NOW)
let [storage, clock, ticker]: [Storage, ManualClock, CronTicker] = [null!, null!, null!]
let fired: string[]
let problems: unknown[]
/** Who asked for a timer, and for how long. */
let slept: number[]
let fail: (id: string) => boolean

beforeEach(() => {
  storage = createSqliteStorage(':memory:')
  const manual = createManualClock(NOW)
  clock = { ...manual, after: (ms, callback) => (slept.push(ms), manual.after(ms, callback)) };
  [fired, problems, slept, fail] = [[], [], [], () => false]
  ticker = createCronTicker({ storage, clock, reportBug: (error) => problems.push(error), fire })
})
afterEach(async () => {
  await ticker.stop()
  await storage.close()
})

/** Every second, for the sake of the test. */
async function fire(id: string): Promise<void> {
  if (fail(id)) throw new Error(id)
  const { revision, next_due } = storage.crons.get(id)!
  fired.push(`${id} ${(clock.now() - START) / 1000}`)
  await storage.crons.pass({ cron_id: id, revision, due: next_due!, next: clock.now() + 1000 }, null)
}
const add = (id: string, seconds: number | null, change: Partial<CronRow> = {}) => storage.crons.insert(cronRow(id, { next_due: seconds === null ? null : START + seconds * 1000, ...change }))

describe('the ticker', () => {
  test('has no timer while there is nothing to come', async () => {
    ticker.wake()
    await clock.pass(1000)
    await add('disabled', null)
    ticker.wake()
    await clock.pass(60_000)
    expect([slept, fired]).toEqual([[], []])
  })

  test('sleeps until the next one is due', async () => {
    await add('a', 10)
    ticker.wake()
    await clock.pass(12_500)
    expect(fired).toEqual(['a 10', 'a 11', 'a 12'])
    expect(slept).toEqual([10_000, 1000, 1000, 1000])
  })

  test('sees within half a minute that the clock was put forward', async () => {
    await add('a', 86_400)
    ticker.wake()
    await clock.pass(1000)
    clock.set('2026-01-02T00:00:00.000Z')
    await clock.pass(29_000)
    expect(fired).toEqual(['a 86429'])
  })

  test('keeps nobody from their time for one that fails, and tries that again', async () => {
    await add('broken', 1)
    await add('a', 1)
    fail = (id) => id === 'broken' && clock.now() < START + 3500
    ticker.wake()
    await clock.pass(4500)
    expect(fired).toEqual(['a 1', 'a 2', 'a 3', 'broken 4', 'a 4'])
    expect(problems).toHaveLength(3)
  })

  test('hears of a cron that is made while it fires others', async () => {
    await add('a', 1)
    fail = () => {
      void add('b', 1).then(() => ticker.wake())
      fail = () => false
      return false
    }
    ticker.wake()
    await clock.pass(1000)
    expect(fired).toEqual(['a 1', 'b 1'])
  })

  test('fires nothing once it is stopped', async () => {
    await add('a', 1)
    ticker.wake()
    await clock.pass(10)
    await ticker.stop()
    ticker.wake()
    await clock.pass(5000)
    expect(fired).toEqual([])
  })
})
