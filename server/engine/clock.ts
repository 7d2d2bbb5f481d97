/** Time as the engine sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls back after `ms`; returns a cancel. Never keeps the process alive. */
  after(ms: number, callback: () => void): () => void
}

/** Longer delays wrap around in Node's timers. */
const LONGEST = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, Math.min(Math.max(ms, 0), LONGEST))
    timer.unref()
    return () => clearTimeout(timer)
  },
}

export const stamp = (clock: Clock): string => new Date(clock.now()).toISOString()
