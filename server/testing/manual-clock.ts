import type { Clock } from '../engine/clock.ts'

export interface ManualClock extends Clock {
  /** Time goes by, once what is under way had its turns: timers that come due are called at their time, and what they begin has turns as well. */
  pass(ms: number): Promise<void>
  /** The clock is put to another time, and no timer hears of it. */
  set(time: string): void
}

/** Stands still until the test lets time pass. */
export function createManualClock(start: string): ManualClock {
  let now = Date.parse(start)
  let uptime = 0
  const timers = new Set<{ readonly at: number, readonly callback: () => void }>()

  async function turns(): Promise<void> {
    for (let i = 0; i < 10; i++) await new Promise(setImmediate)
  }

  async function pass(ms: number): Promise<void> {
    await turns()
    const end = uptime + ms
    for (;;) {
      const [timer] = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)
      const to = timer ? Math.max(timer.at, uptime) : end
      now += to - uptime
      uptime = to
      if (!timer) return
      timers.delete(timer)
      timer.callback()
      await turns()
    }
  }

  return {
    pass,
    now: () => now,
    set: (time) => { now = Date.parse(time) },
    after: (ms, callback) => {
      if (ms <= 0) {
        const immediate = setImmediate(callback)
        return () => clearImmediate(immediate)
      }
      const timer = { at: uptime + ms, callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
  }
}
