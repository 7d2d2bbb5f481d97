import type { RunStatus } from '../contract/run.ts'
import type { EventBatch } from '../domain/event-batch.ts'
import { isTerminal } from '../domain/run-transitions.ts'
import type { LogKey, LogPart, Storage } from '../storage/storage.ts'
import type { EventLog } from './event-log.ts'
import type { ThreadFeed } from './thread-feed.ts'

/** What a reader of a whole thread comes by, in the order of the log. */
export type ThreadEntry =
  | { readonly kind: 'events', readonly part: LogPart, readonly batch: EventBatch }
  /** The run is over; `last` is the number of its last event. The status is null where its row is gone. */
  | { readonly kind: 'end', readonly part: LogPart, readonly last: number, readonly status: RunStatus | null }

export interface ThreadPosition {
  /** The number of the last event that the reader has, -1 for none; `'live'` for what comes from now on. */
  readonly after: number | 'live'
  /** The reader has also heard that the run of that event is over. */
  readonly knowsEnd: boolean
}

export interface ThreadLog {
  /** Events of one run, whoever may have it; see `EventLog.read`. */
  readRun(log: LogKey, after: number | 'live', signal: AbortSignal): AsyncGenerator<EventBatch>
  /**
   * All of a thread's runs and changes, those that are kept and those to come, until the thread is deleted. What retention removed
   * is passed over. A thread that does not exist yet is waited for.
   */
  read(threadId: string, from: ThreadPosition, signal: AbortSignal): AsyncGenerator<ThreadEntry>
}

/**
 * A thread's log is one run's after another's: a thread has one run at a time, and a run that is tried again comes before all that
 * wait. So a reader follows one run to its end and looks for what begins after it.
 */
export function createThreadLog({ storage, log, feed }: { storage: Storage, log: EventLog, feed: ThreadFeed }): ThreadLog {
  const { events, runs } = storage

  function readRun(run: LogKey, after: number | 'live', signal: AbortSignal): AsyncGenerator<EventBatch> {
    const row = runs.state(run.run_id)
    if (row && !isTerminal(row.status)) log.open(run)
    return log.read(run, after, signal)
  }

  const mayEmit = ({ run_id }: LogPart) => {
    const row = runs.state(run_id)
    return row !== null && !isTerminal(row.status)
  }

  async function* read(threadId: string, from: ThreadPosition, signal: AbortSignal): AsyncGenerator<ThreadEntry> {
    const news = createNews(feed, threadId, signal)
    try {
      const isLive = from.after === 'live'
      let part = events.partAt(threadId, isLive ? Number.MAX_SAFE_INTEGER : Number(from.after))
      let cursor = isLive ? part ? events.last(part) : 0 : Number(from.after)
      // What ended before is known: to one who has a later event, and to one who asks for what comes from now on.
      if (part && !(isLive ? mayEmit(part) : events.last(part) > cursor || !from.knowsEnd && events.last(part) === cursor)) part = null
      for (let start: number | 'live' = isLive ? 'live' : cursor; !signal.aborted; start = cursor) {
        if (part) {
          for await (const batch of readRun(part, start, signal)) {
            yield { kind: 'events', part, batch }
            cursor = batch.last
          }
          if (signal.aborted) return
          cursor = Math.max(cursor, events.last(part))
          if (part.kind === 'run') yield { kind: 'end', part, last: cursor, status: runs.state(part.run_id)?.status ?? null }
        }
        if (news.isDeleted()) return
        part = events.partAfter(threadId, cursor)
        if (!part) await news.next()
      }
    } finally {
      news.stop()
    }
  }

  return { read, readRun }
}

interface News { next(): Promise<void>, isDeleted(): boolean, stop(): void }

/** Whether something happened to the thread since it was last asked, or the reader has gone. */
function createNews(feed: ThreadFeed, threadId: string, signal: AbortSignal): News {
  let isDeleted = false
  let isNew = false
  let wake = () => {}
  const tell = () => {
    isNew = true
    wake()
  }
  const unwatch = feed.watch(threadId, ({ kind }) => {
    if (kind === 'deleted') isDeleted = true
    tell()
  })
  signal.addEventListener('abort', tell)
  return {
    isDeleted: () => isDeleted,
    next: async () => {
      if (!isNew && !isDeleted && !signal.aborted) await new Promise<void>((resolve) => { wake = resolve })
      isNew = false
    },
    stop: () => {
      unwatch()
      signal.removeEventListener('abort', tell)
    },
  }
}
