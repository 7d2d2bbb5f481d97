import { setImmediate as turn } from 'node:timers/promises'
import type { AgentTree, Subscription } from '../contract/protocol.ts'
import { eventsIn } from '../domain/event-batch.ts'
import { frameOf, logSeqOf, SLOTS, type ProtocolEvent } from '../domain/protocol-event.ts'
import { isSubscribed } from '../domain/protocol-filter.ts'
import { createRunProjection, type RunProjection } from '../domain/protocol-run.ts'
import type { Clock } from '../engine/clock.ts'
import type { ThreadEntry, ThreadLog } from '../engine/thread-log.ts'
import { threadNotFound } from '../errors.ts'
import type { LogKey, Storage } from '../storage/storage.ts'

export interface ProtocolFrame { readonly event_id: string, readonly seq: number, readonly method: string, readonly json: string }

export interface ProtocolService {
  /**
   * The thread's events that a subscription asks for, some at a time: what is kept, then what comes, until the thread is deleted
   * (§2.8). A thread that is not there is refused, or waited for where the first command makes it.
   */
  subscribe(threadId: string, subscription: Subscription, options: { signal: AbortSignal, waitForThread: boolean }): AsyncGenerator<readonly ProtocolFrame[]>
  /** The graphs of a run so far. */
  tree(run: LogKey, graphName: string): Promise<AgentTree>
  /** Whatever is known of the thread now has no greater number; with a run that a command has made, what came before it. */
  appliedThrough(threadId: string, madeRunId: string | null): number
}

/** A reader that asks for little may have a long log to go through: others have their turn in between. */
const LONG_BYTES = 64 * 1024
const PAGE_BYTES = 256 * 1024

export function createProtocolService({ storage, threadLog, clock }: { storage: Storage, threadLog: ThreadLog, clock: Clock }): ProtocolService {
  const { events, runs } = storage

  /** What an event says depends on those before it: a run is always read from its beginning. */
  function startOf(threadId: string, since: number | null | undefined): number {
    const part = since !== null && since !== undefined && since >= 0 ? events.partAt(threadId, logSeqOf(since)) : null
    return part ? events.first(part) - 1 : -1
  }

  const graphOf = (runId: string) => runs.get(runId)?.graph_id ?? 'root'

  function createReader() {
    let current: { readonly runId: string, readonly projection: RunProjection } | null = null
    return (entry: ThreadEntry): ProtocolEvent[] => {
      const { part: { kind, run_id } } = entry
      if (kind === 'update') return []
      if (current?.runId !== run_id) current = { runId: run_id, projection: createRunProjection(graphOf(run_id)) }
      const { projection } = current
      return entry.kind === 'end' ? projection.end(entry.last, entry.status) : [...eventsIn(entry.batch)].flatMap(projection.take)
    }
  }

  async function* framesOf(threadId: string, subscription: Subscription, signal: AbortSignal): AsyncGenerator<readonly ProtocolFrame[]> {
    const read = createReader()
    for await (const entry of threadLog.read(threadId, { after: startOf(threadId, subscription.since), knowsEnd: false }, signal)) {
      const wanted = read(entry).filter((event) => isSubscribed(subscription, event))
      if (wanted.length) yield wanted.map((event) => ({ event_id: event.event_id, seq: event.seq, method: event.method, json: frameOf(event, clock.now()) }))
      if (entry.kind === 'events' && entry.batch.bytes.byteLength > LONG_BYTES) await turn()
    }
  }

  return {
    subscribe: (threadId, subscription, { signal, waitForThread }) => {
      if (!waitForThread && !storage.threads.get(threadId)) throw threadNotFound(threadId)
      return framesOf(threadId, subscription, signal)
    },
    tree: async (run, graphName) => {
      const projection = createRunProjection(graphName)
      let last = 0
      for (let page = events.after(run, last, PAGE_BYTES); page; page = events.after(run, last, PAGE_BYTES)) {
        for (const event of eventsIn(page)) projection.take(event)
        last = page.last
        await turn()
      }
      const status = runs.state(run.run_id)?.status ?? null
      if (status !== 'pending' && status !== 'running') projection.end(last, status)
      return projection.tree()
    },
    appliedThrough: (threadId, madeRunId) => {
      // The run may have told much by now. Clients take what has no greater number for known, and would miss it.
      const first = madeRunId === null ? 0 : events.first({ thread_id: threadId, run_id: madeRunId })
      if (first > 0) return first * SLOTS - 1
      const newest = events.partAt(threadId, Number.MAX_SAFE_INTEGER)
      return newest ? events.last(newest) * SLOTS + SLOTS - 1 : 0
    },
  }
}
