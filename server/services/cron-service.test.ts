import { afterEach, beforeEach, expect, test } from 'vitest'
import { PlatformError } from '../errors.ts'
import { createSqliteStorage } from '../storage/sqlite/sqlite-storage.ts'
import type { Storage } from '../storage/storage.ts'
import { cronRow, NOW } from '../storage/testing/rows.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import type { AssistantService } from './assistant-service.ts'
import { createCronService, type CronService } from './cron-service.ts'
import type { RunService } from './run-service.ts'
import type { ThreadService } from './thread-service.ts'

const START = Date.parse(NOW)
let [storage, crons]: [Storage, CronService] = [null!, null!]
let answer: () => Promise<never>

beforeEach(() => {
  storage = createSqliteStorage(':memory:')
  crons = createCronService({
    storage, clock: createManualClock(NOW), wake: () => {}, webhooks: { check: () => {} }, assistants: {} as AssistantService,
    threads: { expire: async () => {} } as ThreadService, runs: { createForCron: () => answer() } as unknown as RunService,
  })
})
afterEach(() => storage.close())

const add = (change: Parameters<typeof cronRow>[1]) => storage.crons.insert(cronRow('c', { next_due: START, ...change }))

test('a cron whose run the storage can\'t take stays due', async () => {
  await add({})
  answer = () => Promise.reject(new PlatformError('storage_full', 'The disk is full.'))
  await expect(crons.fire('c')).rejects.toThrow('The disk is full.')
  expect(storage.crons.get('c')).toMatchObject({ next_due: START, error: null })
})

test('a cron whose run is refused passes that time and says why', async () => {
  await add({})
  answer = () => Promise.reject(new PlatformError('assistant_not_found', 'No such assistant.'))
  await crons.fire('c')
  expect(storage.crons.get('c')).toMatchObject({ next_due: START + 60_000, error: 'No such assistant.' })
})

test('a cron of a time zone that is no more comes to rest and says why', async () => {
  await add({ timezone: 'Europe/Atlantis' })
  await crons.fire('c')
  expect(crons.get('c')).toMatchObject({ next_run_date: null, enabled: true, error: expect.stringContaining('Europe/Atlantis') as string })
  expect(await crons.patch('c', { timezone: null })).toMatchObject({ next_run_date: '2026-01-01T00:01:00.000Z' })
})
