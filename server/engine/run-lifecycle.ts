import type { CancelAction, RunFailure, RunStatus } from '../contract/run.ts'
import { afterLostWorker, type Blame } from '../domain/run-attempts.ts'
import { PlatformError } from '../errors.ts'
import type { FirstEvents, RunRow, StartedRun, Storage } from '../storage/storage.ts'
import { stamp, type Clock } from './clock.ts'
import type { EventLog } from './event-log.ts'
import type { GraphRuntime, RunFrame, RunJob, RunOutcome } from './graph-worker.ts'
import { storedCheckpoint } from './worker-services.ts'
import { settledThread, threadAfterRun, whyRefused } from './thread-outcome.ts'
import type { ThreadFeed } from './thread-feed.ts'
import type { WebhookQueue } from './webhook-queue.ts'

export interface RunLifecycle {
  /** Runs a run that was started to its end. Never rejects. */
  execute(started: StartedRun): Promise<void>
  /** What a run logs as it starts. */
  readonly firstEvents: FirstEvents
  /** Tells the worker of a live run to stop; false when it is not live here. */
  abort(runId: string, action: CancelAction): boolean
  /** Resolves when the run is no longer live here. */
  whenStopped(runId: string): Promise<void>
  /** Ends a run that no worker has: an orphan, or one refused before it began. */
  end(run: RunRow, status: RunStatus, failure: RunFailure | null, rollback?: boolean): Promise<void>
  /** From now on a lost run goes back to the queue for the next start, at no cost of an attempt. */
  beginShutdown(): void
  isLive(runId: string): boolean
}

interface Parts {
  readonly storage: Storage
  readonly runtime: GraphRuntime
  readonly log: EventLog
  readonly feed: ThreadFeed
  readonly webhooks: WebhookQueue
  readonly clock: Clock
  /** Milliseconds a run may take. */
  readonly timeoutMs: number
  /** How often a run is tried in all. */
  readonly mostAttempts: number
  /** Newer official servers close a run's stream with an `end` event; older clients count events (§5). */
  readonly emitEnd: boolean
  readonly reportBug: (error: unknown, context: Record<string, unknown>) => void
  readonly onEnd?: (run: RunRow, status: RunStatus) => void
}

type StopReason = CancelAction | 'timeout'
interface Live { readonly controller: AbortController, readonly stopped: Promise<void>, published(): Promise<void> }

/** So much of a run's events may wait for the disk before its worker is kept from sending more. */
const MOST_WAITING_BYTES = 8 * 1024 * 1024

const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 5000

const utf8 = new TextEncoder()
const json = (value: unknown): Uint8Array => utf8.encode(JSON.stringify(value))

const isStorageTrouble = (error: unknown): error is PlatformError => error instanceof PlatformError && error.code.startsWith('storage_')

/** Trouble with the disk is told as it is, since the reader can mend it; a bug is for the log. */
const failureOf = (error: unknown): RunFailure => isStorageTrouble(error)
  ? { error: 'StorageError', message: error.message }
  : { error: 'InternalError', message: 'The platform failed while it ran this. The server log has the details.' }

export function createRunLifecycle(parts: Parts): RunLifecycle {
  const { storage, runtime, log, feed, webhooks, clock } = parts
  const live = new Map<string, Live>()
  let isShuttingDown = false

  /**
   * What comes until the transaction runs is one batch. `published` resolves when readers have the last of
   * them. After a batch that could not be stored nothing more is: the log may end early, but has no gap. `record`
   * gives a promise when too much waits for the disk: whoever sends should wait for it.
   */
  function createRecorder({ run, events: first }: StartedRun, onFailure: () => void) {
    let frames: RunFrame[] = []
    let bytes = 0
    let published: Promise<unknown> = first ? storage.durable().then(() => log.publish(run.run_id, first)) : Promise.resolve()
    let failure: { readonly error: unknown } | null = null
    let waitingBytes = 0

    function append(): void {
      let taken = 0
      const appended = log.append(run, () => {
        const batch = frames
        taken = bytes
        frames = []
        bytes = 0
        return batch
      }).finally(() => { waitingBytes -= taken })
      published = Promise.all([published, appended])
      published.catch((error: unknown) => {
        failure ??= { error }
        onFailure()
      })
    }

    return {
      record: (frame: RunFrame): Promise<unknown> | void => {
        if (failure) return
        bytes += frame.data.byteLength
        waitingBytes += frame.data.byteLength
        if (frames.push(frame) === 1) append()
        if (waitingBytes > MOST_WAITING_BYTES) return published
      },
      failure: () => failure,
      published: () => published,
    }
  }

  /** Goes on from what an earlier attempt left; the first one starts as asked. */
  function jobOf(run: RunRow): RunJob {
    const { kwargs } = run
    const newest = storage.checkpoints.get(run.thread_id, '', null)
    const resumes = newest?.run_id === run.run_id
    const checkpoint = resumes ? null : kwargs.checkpoint
    return {
      run_id: run.run_id, thread_id: run.thread_id, attempt: run.attempt, alone: run.alone, graph_id: run.graph_id, assistant_id: run.assistant_id,
      input: resumes ? null : kwargs.input,
      command: resumes ? null : kwargs.command,
      checkpoint,
      ...(checkpoint ? {} : { head: newest && storedCheckpoint(storage.checkpoints, newest) }),
      config: kwargs.config, context: kwargs.context,
      stream_mode: kwargs.stream_mode, stream_subgraphs: kwargs.subgraphs,
      interrupt_before: kwargs.interrupt_before, interrupt_after: kwargs.interrupt_after,
      durability: kwargs.durability, trace: !run.temporary, langsmith_tracer: kwargs.langsmith_tracer ?? null,
    }
  }

  async function execute(started: StartedRun): Promise<void> {
    const { run } = started
    const controller = new AbortController()
    const { promise: stopped, resolve } = Promise.withResolvers<void>()
    const recorder = createRecorder(started, () => controller.abort('interrupt' satisfies StopReason))
    const entry: Live = { controller, stopped, published: async () => void await recorder.published().catch(() => {}) }
    live.set(run.run_id, entry)
    log.open(run, started.events ? started.events.first - 1 : undefined)
    const stopTimer = clock.after(parts.timeoutMs, () => controller.abort('timeout' satisfies StopReason))
    try {
      // A cancel that came between the claim and this line is in the row only.
      const asked = storage.runs.state(run.run_id)?.cancel
      if (asked) controller.abort(asked)
      feed.announce({ thread_id: run.thread_id, kind: 'updated', status: 'busy' })
      // An answer that came while the thread was busy: only now is it known what is asked. A later attempt was let in before.
      const refusal = run.attempt > 1 ? null : whyRefused(storage, run)
      if (refusal) return await surely(run, () => end(run, 'error', { error: 'UnknownInterruptError', message: refusal }))
      const outcome = await runtime.run(jobOf(run), recorder.record, controller.signal)
      // In line behind the run's last events: one transaction may take both.
      await surely(run, () => {
        const failed = recorder.failure()
        return failed ? end(run, 'error', failureOf(failed.error)) : conclude(run, outcome, controller.signal)
      })
    } catch (error) {
      parts.reportBug(error, { run_id: run.run_id })
      await surely(run, () => end(run, 'error', failureOf(error)))
    } finally {
      stopTimer()
      // A run that went back to the queue may be under way again already.
      if (live.get(run.run_id) === entry) live.delete(run.run_id)
      resolve()
    }
  }

  /** The disk may be full or locked for a while: the run's end is kept trying, or its thread would stay taken. */
  async function surely(run: RunRow, store: () => Promise<void>): Promise<void> {
    let attempt = store
    for (let wait = FIRST_RETRY_MS; !isShuttingDown; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
      try {
        return await attempt()
      } catch (error) {
        parts.reportBug(error, { run_id: run.run_id })
        // What failed for another reason than the disk would fail again: then only the end itself is stored.
        if (!isStorageTrouble(error)) attempt = () => end(run, 'error', failureOf(error))
        await new Promise<void>((resolve) => clock.after(wait, resolve))
      }
    }
  }

  async function conclude(run: RunRow, outcome: RunOutcome, signal: AbortSignal): Promise<void> {
    if (outcome.status === 'success') return end(run, 'success', null)
    if (signal.aborted && signal.reason === 'timeout') return end(run, 'timeout', { error: 'TimeoutError', message: `The run took longer than ${parts.timeoutMs / 1000} s.` })
    if (outcome.status === 'error') return end(run, 'error', outcome.error)
    if (outcome.status === 'lost' && await tryAgain(run, outcome.blame)) return
    // Asked to stop: the end below becomes an interruption (`RunStore.finish`).
    return end(run, 'error', outcome.status === 'lost' ? outcome.error : { error: 'CancelledError', message: 'The worker stopped the run without being asked.' })
  }

  async function tryAgain(run: RunRow, blame: Blame): Promise<boolean> {
    const next = afterLostWorker({ ...run, mostAttempts: parts.mostAttempts }, blame, isShuttingDown)
    return next.kind === 'again' && storage.runs.requeue(run.run_id, stamp(clock), next)
  }

  async function end(run: RunRow, status: RunStatus, failure: RunFailure | null, rollback = false): Promise<void> {
    const now = stamp(clock)
    const deleteThread = run.temporary
    const events = [
      ...(failure ? [{ event: 'error', data: json({ error: failure.error, message: failure.message }) }] : []),
      ...(parts.emitEnd ? [{ event: 'end', data: json({ run_id: run.run_id, status: rollback ? 'rollback' : status }) }] : []),
    ]
    const finished = await storage.runs.finish({
      run_id: run.run_id, status, error: failure, events, rollback, deleteThread, now,
      thread: (thread, isActive, status) => threadAfterRun(thread, settledThread(storage, run.thread_id), { failure: status === 'interrupted' ? null : failure, isActive, now }),
    })
    await live.get(run.run_id)?.published()
    if (finished) parts.onEnd?.(run, finished.status)
    if (finished?.events) log.publish(run.run_id, finished.events)
    log.close(run.run_id)
    if (run.kwargs.webhook) webhooks.wake()
    const threadStatus = finished ? finished.thread : storage.threads.get(run.thread_id)?.status ?? null
    feed.announce({ thread_id: run.thread_id, kind: threadStatus ? 'updated' : 'deleted', status: threadStatus })
  }

  return {
    execute, end,
    firstEvents: (run) => [{ event: 'metadata', data: json({ run_id: run.run_id, attempt: run.attempt, thread_id: run.thread_id }) }],
    beginShutdown: () => { isShuttingDown = true },
    isLive: (runId) => live.has(runId),
    abort: (runId, action) => {
      const entry = live.get(runId)
      entry?.controller.abort(action)
      return entry !== undefined
    },
    whenStopped: async (runId) => live.get(runId)?.stopped,
  }
}
