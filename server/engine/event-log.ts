import type { LoggedEvent } from '../contract/run.ts'
import type { Storage } from '../storage/storage.ts'

/** A reader that has fallen this far behind is ended: it comes back with its last id and misses nothing. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024
const PAGE = 1000

export interface EventLog {
  /** Appends in the order of the calls; subscribers hear after the commit. */
  append(threadId: string, runId: string, events: readonly { event: string, data: Uint8Array }[]): Promise<void>
  /** Hands out events that a transaction elsewhere has logged already. */
  publish(runId: string, events: readonly LoggedEvent[]): void
  /** The run is over: readers end once they have all. */
  close(runId: string): void
  open(runId: string): void
  isOpen(runId: string): boolean
  /** Events after `after` and then live ones, until the run ends. `'live'`: only what comes from now on. */
  read(runId: string, after: number | 'live', signal: AbortSignal): AsyncGenerator<LoggedEvent>
}

interface Reader { waiting: LoggedEvent[], bytes: number, wake: () => void, ended: boolean }

/** The thread's one event log, read by run. What is stored and what is live come from the same rows, so no gap and no double. */
export function createEventLog(storage: Storage): EventLog {
  /** Runs that may still emit, with their readers. */
  const openRuns = new Map<string, Set<Reader>>()

  function publish(runId: string, events: readonly LoggedEvent[]): void {
    for (const reader of openRuns.get(runId) ?? []) {
      if (reader.ended) continue
      reader.waiting.push(...events)
      reader.bytes += events.reduce((sum, event) => sum + event.data.byteLength, 0)
      reader.ended = reader.bytes > MOST_WAITING_BYTES
      reader.wake()
    }
  }

  function open(runId: string): Set<Reader> {
    const readers = openRuns.get(runId) ?? new Set()
    openRuns.set(runId, readers)
    return readers
  }

  async function* read(runId: string, after: number | 'live', signal: AbortSignal): AsyncGenerator<LoggedEvent> {
    const reader: Reader = { waiting: [], bytes: 0, wake: () => {}, ended: false }
    const readers = openRuns.get(runId)
    // Registered and read in one turn: an event is among the stored rows, or still to be published, or both: rows can be
    // read before their commit is on disk, and are published after it.
    const stored = after === 'live' ? [] : storedAfter(runId, after)
    const last = stored.at(-1)?.seq ?? (after === 'live' ? -1 : after)
    readers?.add(reader)
    const onAbort = () => {
      reader.ended = true
      reader.wake()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      yield* stored
      while (readers && !signal.aborted) {
        const batch = reader.waiting
        reader.waiting = []
        reader.bytes = 0
        yield* batch.filter(({ seq }) => seq > last)
        if (reader.waiting.length > 0) continue
        if (reader.ended || openRuns.get(runId) !== readers) return
        await new Promise<void>((resolve) => { reader.wake = resolve })
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      readers?.delete(reader)
    }
  }

  function storedAfter(runId: string, after: number): LoggedEvent[] {
    const all: LoggedEvent[] = []
    for (let last = after; ;) {
      const page = storage.events.ofRun(runId, last, PAGE)
      all.push(...page)
      if (page.length < PAGE) return all
      last = page.at(-1)!.seq
    }
  }

  return {
    publish,
    open: (runId) => void open(runId),
    isOpen: (runId) => openRuns.has(runId),
    append: async (threadId, runId, events) => publish(runId, await storage.events.append(threadId, runId, events)),
    close: (runId) => {
      const readers = openRuns.get(runId)
      openRuns.delete(runId)
      for (const reader of readers ?? []) reader.wake()
    },
    read,
  }
}
