// What the server has promised by answering. Checked after every recovery.

/**
 * A register is a value that one client alone writes: a thread that is there or not, an item, a name. Null is what is not there. While a write is unanswered,
 * both the old and the new value are right; an answer leaves the new one, a refusal the old ones.
 */
export function createLedger() {
  const registers = new Map()
  const runs = new Map()
  const updates = []
  const violations = []

  return {
    runs, updates, violations,
    /** Deaths so far of any process that may have been running something. */
    deaths: 0,
    /** True from the first fault on that may make a run fail by itself, like a full disk. */
    mayFail: false,
    registers,
    violate: (what, details = {}) => violations.push({ what, ...details }),

    write: (name, value, initial = null) => {
      const before = registers.get(name) ?? [initial]
      registers.set(name, [...before, value])
      return { done: () => registers.set(name, [value]), refused: () => registers.set(name, before) }
    },
    /** Looks whether `value` may be, and holds the server to it from now on. */
    observe(name, value, details) {
      const possible = registers.get(name)
      registers.set(name, [value])
      if (!possible.some((candidate) => JSON.stringify(candidate) === JSON.stringify(value))) this.violate(`${name} is ${JSON.stringify(value)}, but must be ${possible.map((one) => JSON.stringify(one)).join(' or ')}`, details)
    },

    /** A run about to be asked for. `outcomes`: how it may end as far as is known; `gone` when its row may be deleted. */
    expectRun(run) {
      const entry = {
        runId: null, isTemporary: false, ended: null, ranges: [], seen: new Map(), outcomes: new Set([run.isTemporary ? 'gone' : 'success']),
        deathsBefore: this.deaths, neverAfter: null, ...run,
      }
      runs.set(run.token, entry)
      return entry
    },
    runsOn: (threadId) => [...runs.values()].filter((run) => run.threadId === threadId),
    accepted: () => [...runs.values()].filter((run) => run.runId !== null),
  }
}
