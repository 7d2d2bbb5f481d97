import { cutAfter, cutUpTo, type EventBatch, type NewEvent } from '../domain/event-batch.ts'
import type { LogKey, Storage } from '../storage/storage.ts'

/** What is kept in memory of a run for readers that are about to take it; who is further behind reads from storage. */
const TAIL_BYTES = 256 * 1024
/** What a reader takes from storage at a time. */
const PAGE_BYTES = 256 * 1024

export interface EventLog {
  /** Logs what `take` gives when the transaction runs; readers hear when the disk has it. */
  append(log: LogKey, take: () => readonly NewEvent[]): Promise<void>
  /** Hands out events that a transaction elsewhere has logged already. */
  publish(runId: string, batch: EventBatch): void
  /** The run is over: readers end once they have all. */
  close(runId: string): void
  /** The run may emit from now on. Readers know what was logged up to `last`; all there is, unless said. */
  open(log: LogKey, last?: number): void
  /**
   * Events after `after` and then live ones, until the run ends. `'live'`: only what comes from now on. A reader may be
   * as slow as it likes: it costs a page. Throws when retention removed what it had not read yet.
   */
  read(log: LogKey, after: number | 'live', signal: AbortSignal): AsyncGenerator<EventBatch>
}

/** A run that may still emit, as far as its readers need it. */
interface OpenRun {
  /** The number of the last event that was published. */
  last: number
  /** The newest batches: everything after `tailFrom`. */
  tail: EventBatch[]
  tailBytes: number
  tailFrom: number
  readers: number
  /** Readers that have everything. */
  readonly waiting: Set<() => void>
  isClosed: boolean
}

/** The thread's one event log, read by run. A reader is no more than the number it got to, so there is no gap and no double. */
export function createEventLog({ events }: Pick<Storage, 'events'>): EventLog {
  const openRuns = new Map<string, OpenRun>()

  /**
   * The tail holds only what follows on from it. After a batch that comes out of its turn, or whose forerunner was never told of
   * (its sync failed), readers go to storage, which has all of them in order: whoever tells what when, no reader has a gap.
   */
  function publish(runId: string, batch: EventBatch): void {
    const run = openRuns.get(runId)
    if (!run || batch.last <= run.last) return
    const follows = batch.first === run.last + 1
    run.last = batch.last
    if (run.readers === 0 || !follows) dropTail(run)
    else extendTail(run, batch)
    wakeAll(run)
  }

  async function* read(log: LogKey, after: number | 'live', signal: AbortSignal): AsyncGenerator<EventBatch> {
    const run = openRuns.get(log.run_id) ?? { ...openRun(events.last(log)), isClosed: true }
    let cursor = after === 'live' ? run.last : Math.max(after, 0)
    run.readers++
    const onAbort = () => wakeAll(run)
    signal.addEventListener('abort', onAbort)
    try {
      while (!signal.aborted) {
        const batch = nextAfter(run, log, cursor)
        if (batch) {
          yield batch
          cursor = batch.last
        } else if (cursor < run.last) throw new Error('The events were removed before they were read.')
        else if (run.isClosed) return
        else await news(run)
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      if (--run.readers === 0) dropTail(run)
    }
  }

  function nextAfter(run: OpenRun, log: LogKey, cursor: number): EventBatch | null {
    const stored = cursor < run.tailFrom ? events.after(log, cursor, PAGE_BYTES) : inTail(run, cursor)
    // What is committed and not yet on the disk is nobody's to know.
    const batch = stored && !run.isClosed ? cutUpTo(stored, run.last) : stored
    return batch && cutAfter(batch, cursor)
  }

  return {
    publish, read,
    open: (log, last) => {
      if (!openRuns.has(log.run_id)) openRuns.set(log.run_id, openRun(last ?? events.last(log)))
    },
    append: async ({ thread_id, run_id }, take) => {
      const batch = await events.append(thread_id, run_id, take)
      if (batch) publish(run_id, batch)
    },
    close: (runId) => {
      const run = openRuns.get(runId)
      openRuns.delete(runId)
      if (!run) return
      run.isClosed = true
      wakeAll(run)
    },
  }
}

const openRun = (last: number): OpenRun => ({ last, tail: [], tailBytes: 0, tailFrom: last, readers: 0, waiting: new Set(), isClosed: false })

/** Most readers want the newest batch: looked for from there. */
function inTail({ tail }: OpenRun, cursor: number): EventBatch | null {
  let at = tail.length
  while (at > 0 && tail[at - 1]!.last > cursor) at--
  return tail[at] ?? null
}

/** Resolves when there may be more. Once all readers have everything, nothing need be kept for them. */
function news(run: OpenRun): Promise<void> {
  return new Promise((resolve) => {
    run.waiting.add(resolve)
    if (run.waiting.size === run.readers) dropTail(run)
  })
}

function wakeAll(run: OpenRun): void {
  for (const wake of run.waiting) wake()
  run.waiting.clear()
}

function extendTail(run: OpenRun, batch: EventBatch): void {
  run.tail.push(batch)
  run.tailBytes += batch.bytes.byteLength
  while (run.tailBytes > TAIL_BYTES && run.tail.length > 1) {
    const oldest = run.tail.shift()!
    run.tailBytes -= oldest.bytes.byteLength
    run.tailFrom = oldest.last
  }
}

function dropTail(run: OpenRun): void {
  run.tail = []
  run.tailBytes = 0
  run.tailFrom = run.last
}
