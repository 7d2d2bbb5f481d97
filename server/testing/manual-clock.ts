import type { Clock } from '../engine/clock.ts'

export interface ManualClock extends Clock {
  /** Lets time pass: calls back whoever is due, in order. */
  advance(ms: number): void
}

/** A clock that stands still until a test moves it. */
export function createManualClock(start = Date.parse('2026-01-01T00:00:00.000Z')): ManualClock {
  let now = start
  const timers = new Set<{ readonly due: number, readonly callback: () => void }>()
  const nextUntil = (end: number) => [...timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0]
  return {
    now: () => now,
    after: (ms, callback) => {
      const timer = { due: now + Math.max(ms, 0), callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance: (ms) => {
      const end = now + ms
      for (let timer = nextUntil(end); timer; timer = nextUntil(end)) {
        now = Math.max(now, timer.due)
        timers.delete(timer)
        timer.callback()
      }
      now = end
    },
  }
}
