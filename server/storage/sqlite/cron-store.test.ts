import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CronFiring, RunCreation, Storage } from '../storage.ts'
import { cronRow, runRow, threadRow } from '../testing/rows.ts'
import { createSqliteStorage } from './sqlite-storage.ts'

let storage: Storage
beforeEach(() => { storage = createSqliteStorage(':memory:') })
afterEach(() => storage.close())

const firing: CronFiring = { cron_id: 'c', revision: 0, due: 100, next: 200 }
const creation = (run_id: string, change: Partial<RunCreation> = {}): RunCreation =>
  ({ run: runRow(run_id, `t-${run_id}`), newThread: threadRow(`t-${run_id}`), onThread: (thread) => thread, decide: () => ({ kind: 'insert' }), firing, ...change })
const make = async (run_id: string, change?: Partial<RunCreation>) => (await storage.runs.create(creation(run_id, change))).kind

describe('the run of a due time', () => {
  beforeEach(() => storage.crons.insert(cronRow('c', { next_due: 100 })))

  test('is made once, whoever else tries in the same moment', async () => {
    expect(await Promise.all([make('1'), make('2'), make('3')])).toEqual(['created', 'not_due', 'not_due'])
    expect(storage.crons.get('c')).toMatchObject({ next_due: 200 })
    expect(storage.runs.get('2')).toBeNull()
    expect(storage.threads.get('t-2')).toBeNull()
  })

  test('is not made of what the cron said before it was changed', async () => {
    const changed = storage.crons.patch('c', (current) => ({ ...current, metadata: { a: 1 } }))
    expect(await make('1')).toBe('not_due')
    expect(await changed).toMatchObject({ revision: 1, next_due: 100 })
    expect(await make('2', { firing: { ...firing, revision: 1 } })).toBe('created')
  })

  test('is not made of a cron that is gone', async () => {
    const gone = storage.crons.delete('c')
    expect([await make('1'), await gone]).toEqual(['not_due', true])
  })

  test('that is refused leaves the cron due, until that is told', async () => {
    await storage.threads.insert(threadRow('busy'))
    expect(await make('1', { run: runRow('1', 'busy'), newThread: null, decide: () => ({ kind: 'refuse' }) })).toBe('busy')
    expect(storage.crons.get('c')).toMatchObject({ next_due: 100 })
    await storage.crons.pass(firing, 'busy')
    expect(storage.crons.get('c')).toMatchObject({ next_due: 200, error: 'busy' })
    await storage.crons.pass({ ...firing, next: 300 }, 'late')
    expect(storage.crons.get('c')).toMatchObject({ next_due: 200, error: 'busy' })
  })

  test('is taken back with the cron when its transaction fails', async () => {
    await expect(make('1', { onThread: () => { throw new Error('no') } })).rejects.toThrow('no')
    expect(storage.crons.get('c')).toMatchObject({ next_due: 100 })
    expect(await make('1')).toBe('created')
  })
})

describe('crons', () => {
  test('of a thread that is not there are not stored, and go with one that is', async () => {
    expect(await storage.crons.insert(cronRow('c', { thread_id: 't' }))).toBe(false)
    await storage.threads.insert(threadRow('t'))
    const [gone, stored] = await Promise.all([storage.threads.delete('t'), storage.crons.insert(cronRow('c', { thread_id: 't' }))])
    expect([gone !== null, stored]).toEqual([true, false])
    await storage.threads.insert(threadRow('t'))
    await storage.crons.insert(cronRow('c', { thread_id: 't', next_due: 1 }))
    await storage.threads.delete('t')
    expect([storage.crons.get('c'), storage.crons.nextDue()]).toEqual([null, null])
  })

  test('are due in the order of their times', async () => {
    for (const [id, next_due] of [['late', 20], ['never', null], ['early', 10], ['same', 10], ['later', 30]] as const) await storage.crons.insert(cronRow(id, { next_due }))
    expect([storage.crons.due(9), storage.crons.due(20), storage.crons.nextDue()]).toEqual([[], ['early', 'same', 'late'], 10])
  })
})
