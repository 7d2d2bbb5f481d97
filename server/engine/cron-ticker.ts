import type { Storage } from '../storage/storage.ts'
import type { Clock } from './clock.ts'

export interface CronTicker {
  /** Some cron's times have changed. */
  wake(): void
  /** Fires nothing more. Resolves when what was begun is done. */
  stop(): Promise<void>
}

/** After a failure, of the storage mostly, what is still due is tried again. */
const RETRY_MS = 1000
/** Timers don't know when the clock was put forward, or the machine slept; so long it takes to be seen. */
const SAFETY_NET_MS = 30_000
/** So many share a transaction. */
const SLICE = 100

interface Parts {
  readonly storage: Storage
  readonly clock: Clock
  /** Makes the run of a cron that is due, and its next due time, in one transaction. */
  readonly fire: (cronId: string) => Promise<void>
  readonly reportBug: (error: unknown) => void
}

/**
 * Fires crons at their times: sleeps until the next one is due, and without crons altogether. What is due, and whether it
 * still is, stands in the rows alone; waking too often or twice does nothing.
 */
export function createCronTicker({ storage, clock, fire, reportBug }: Parts): CronTicker {
  let ticking: Promise<void> | null = null
  let wokenAgain = false
  let stopped = false
  let cancelTimer = () => {}

  function wake(): void {
    wokenAgain = true
    ticking ??= tick().catch(fail).finally(() => {
      ticking = null
      if (wokenAgain && !stopped) wake()
    })
  }

  async function tick(): Promise<void> {
    while (wokenAgain && !stopped) {
      wokenAgain = false
      cancelTimer()
      if (await fireAll()) sleepUntilDue()
      else sleep(RETRY_MS)
    }
  }

  /** False when some could not be fired, which keeps nobody from the others. */
  async function fireAll(): Promise<boolean> {
    const due = storage.crons.due(clock.now())
    // One of a kind: what a full disk does to one, it does to all.
    const failures = new Map<string, unknown>()
    for (let i = 0; i < due.length && !stopped; i += SLICE)
      for (const result of await Promise.allSettled(due.slice(i, i + SLICE).map(fire)))
        if (result.status === 'rejected') failures.set(String(result.reason), result.reason)
    for (const failure of failures.values()) reportBug(failure)
    return failures.size === 0
  }

  function fail(error: unknown): void {
    reportBug(error)
    sleep(RETRY_MS)
  }

  function sleepUntilDue(): void {
    const due = storage.crons.nextDue()
    if (due !== null) sleep(Math.min(SAFETY_NET_MS, Math.max(0, due - clock.now())))
  }

  function sleep(ms: number): void {
    cancelTimer()
    if (!stopped) cancelTimer = clock.after(ms, wake)
  }

  return {
    wake: () => stopped || wake(),
    stop: async () => {
      stopped = true
      cancelTimer()
      await ticking
    },
  }
}
