import { expect, test, vi } from 'vitest'
import { createManualClock } from '../testing/manual-clock.ts'
import { createHousekeeping } from './housekeeping.ts'

test('it comes again and again, also after a turn that failed, until it is stopped', async () => {
  const clock = createManualClock('2026-01-01T00:00:00.000Z')
  const bugs: unknown[] = []
  const work = vi.fn<() => Promise<void>>().mockRejectedValueOnce(new Error('once')).mockResolvedValue()
  const keeping = createHousekeeping({ clock, everyMs: 1000, work, reportBug: (error) => bugs.push(error) })
  keeping.start()
  for (const turns of [1, 2, 3]) {
    await clock.pass(1000)
    expect(work).toHaveBeenCalledTimes(turns)
  }
  expect(bugs).toEqual([new Error('once')])
  await keeping.stop()
  await clock.pass(10_000)
  expect(work).toHaveBeenCalledTimes(3)
})

test('stopping waits for what is under way, which is told to stop', async () => {
  const clock = createManualClock('2026-01-01T00:00:00.000Z')
  const step = Promise.withResolvers<void>()
  let said: boolean | null = null
  const keeping = createHousekeeping({
    clock, everyMs: 1000, atStart: true, reportBug: () => {},
    work: async (goOn) => {
      await step.promise
      said = goOn()
    },
  })
  keeping.start()
  const stopped = keeping.stop()
  step.resolve()
  await stopped
  expect(said).toBe(false)
})
