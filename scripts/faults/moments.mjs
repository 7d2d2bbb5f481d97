// Calls back at moments of the work: after so many answers, events or sent requests, or after some time.

export function createMoments() {
  const counts = { answers: 0, events: 0, sent: 0 }
  const waiting = []
  const timers = new Set()

  const later = (ms, callback) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      callback()
    }, ms)
    timers.add(timer)
  }
  /** Microseconds matter here: a commit takes about a thousand. */
  const afterDelay = (us, callback) => us < 1000 ? (spin(us), callback()) : later(us / 1000, callback)

  return {
    count: (what) => {
      counts[what]++
      const due = waiting.filter(({ at }) => at.on === what && at.count <= counts[what])
      for (const entry of due) {
        waiting.splice(waiting.indexOf(entry), 1)
        afterDelay(entry.at.delayUs, entry.callback)
      }
    },
    /** `at` is {on, count, delayUs}; see `moment` in plan.mjs. */
    on: (at, callback) => {
      if (at.on === 'ms') later(at.count, callback)
      else waiting.push({ at, callback })
    },
    /** What has not come by now comes at once, one after the other: there is no more work to wait for. */
    rest: async () => {
      for (let entry = waiting.shift(); entry; entry = waiting.shift()) await entry.callback()
    },
    stop: () => {
      waiting.length = 0
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

function spin(us) {
  const until = performance.now() + us / 1000
  while (performance.now() < until);
}
