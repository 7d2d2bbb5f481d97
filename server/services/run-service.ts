import type { CancelAction, Run, RunCancel, RunCreate, RunStatus } from '../contract/run.ts'
import type { JsonObject } from '../contract/common.ts'
import type { ThreadTtl } from '../contract/thread.ts'
import { configurableHeaders, type HeaderRules } from '../domain/configurable-headers.ts'
import { pickEvents } from '../domain/event-batch.ts'
import { isInside } from '../domain/event-filter.ts'
import { mergeRun, mergeThreadConfig } from '../domain/merge-run.ts'
import { decideMultitask } from '../domain/multitask.ts'
import { createFinalOutput } from '../domain/final-output.ts'
import { isTerminal } from '../domain/run-transitions.ts'
import { titleOf } from '../domain/title.ts'
import { uuid7 } from '../domain/uuid7.ts'
import { stamp, type Clock } from '../engine/clock.ts'
import type { EventLog } from '../engine/event-log.ts'
import type { AuthUser } from '../engine/user-auth.ts'
import type { RunLifecycle } from '../engine/run-lifecycle.ts'
import type { RunQueue } from '../engine/run-queue.ts'
import type { ThreadFeed } from '../engine/thread-feed.ts'
import type { ThreadLog } from '../engine/thread-log.ts'
import type { WebhookQueue } from '../engine/webhook-queue.ts'
import { settledThread, whyRefused } from '../engine/thread-outcome.ts'
import { checkpointNotFound, PlatformError, runNotFound, threadNotFound } from '../errors.ts'
import type { CronFiring, LogKey, RunCreation, RunRow, Storage } from '../storage/storage.ts'
import { refuseBoth, type AssistantService } from './assistant-service.ts'
import { cancelMany } from './cancel-many.ts'
import { selectFields } from './select-fields.ts'
import type { StateService } from './state-service.ts'
import { newThread } from './thread-service.ts'
import type { WebhookService } from './webhook-service.ts'

/** Whose request a run comes of. */
export interface RunOrigin {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly user?: AuthUser | null
  /** For the metadata of a thread that the run makes, so that it is the user's. */
  readonly owned?: JsonObject | null
}

export interface StreamOptions {
  /** Event id to go on after; -1 for all, `'live'` for what comes from now on. */
  readonly after: number | 'live'
  /** Base names of stream modes to keep; null keeps all. */
  readonly modes: readonly string[] | null
  /** Namespaces that events of subgraphs must be in or below; null keeps all. */
  readonly namespaces?: readonly string[] | null
  readonly signal: AbortSignal
}

export interface RunService {
  /** A null thread makes a temporary one that goes when the run ends (unless `on_completion` keeps it). */
  create(threadId: string | null, body: RunCreate, from: RunOrigin): Promise<Run>
  /** The run of a cron's due time, made in the transaction that passes it. Throws `conflict` where it has passed already. */
  createForCron(threadId: string | null, body: RunCreate, firing: CronFiring, from: Pick<RunOrigin, 'user' | 'owned'>): Promise<Run>
  /** Stateless runs, all or, where one can't be made, none; committed together. */
  createBatch(bodies: readonly RunCreate[], from: RunOrigin): Promise<Run[]>
  get(threadId: string, runId: string): Run
  list(threadId: string, filter: { status: RunStatus | null, limit: number, offset: number, select: string[] | null }): { items: Partial<Run>[], total: number }
  delete(threadId: string, runId: string): Promise<void>
  /** Marks it at once; with `wait` resolves when the worker has stopped. `reason` is kept in the run. */
  cancel(threadId: string, runId: string, action: CancelAction, wait: boolean, reason?: string | null): Promise<void>
  /** Some runs of one thread, or all that are in a status. */
  cancelMany(body: RunCancel, action: CancelAction): Promise<void>
  cancelAll(threadId: string): Promise<void>
  /** Its row is gone: stops its worker, or closes the stream that nobody else would. */
  drop(runId: string): void
  /** Server-sent events as bytes, some whole ones at a time. Throws when retention took what was not read yet. */
  stream(run: LogKey, options: StreamOptions): AsyncGenerator<Uint8Array>
  /** The final output (§2.9): last values, `__interrupt__` added when it waits, or `__error__`. */
  output(run: LogKey, signal: AbortSignal): Promise<unknown>
  /** Of a stateless run, by its id alone. */
  find(runId: string): Run
}

interface Parts {
  storage: Storage, assistants: AssistantService, states: StateService, queue: RunQueue, lifecycle: RunLifecycle
  log: EventLog, threadLog: ThreadLog, feed: ThreadFeed, clock: Clock, ttl: ThreadTtl | null
  /** A run was cancelled before it began. */
  onEnd?: (run: RunRow, status: RunStatus) => void
  webhooks: Pick<WebhookService, 'check'>, webhookQueue: WebhookQueue
  /** Which headers of a request reach the graph. */
  headerRules?: HeaderRules | undefined
}

export function createRunService({ storage, assistants, states, queue, lifecycle, log, threadLog, feed, clock, ttl, onEnd, webhooks, webhookQueue, headerRules }: Parts): RunService {
  const { runs, threads } = storage

  function requireRun(threadId: string, runId: string): RunRow {
    const run = runs.get(runId)
    if (!run || run.thread_id !== threadId) throw runNotFound(runId)
    return run
  }

  const create = (threadId: string | null, body: RunCreate, from: RunOrigin) => prepare(threadId, body, from)()

  async function createBatch(bodies: readonly RunCreate[], from: RunOrigin): Promise<Run[]> {
    const prepared = bodies.map((body) => prepare(null, body, from))
    return Promise.all(prepared.map((submit) => submit()))
  }

  /** Refuses what can't be run; the returned function then makes the run. */
  function prepare(threadId: string | null, body: RunCreate, { headers, user = null, owned = null }: RunOrigin, firing?: CronFiring): () => Promise<Run> {
    const assistant = assistants.get(body.assistant_id)
    refuseBoth(body)
    if (body.webhook != null) webhooks.check(body.webhook)
    const thread = threadId === null ? null : threads.get(threadId)
    const now = stamp(clock)
    const ids = { run_id: uuid7(clock.now()), thread_id: threadId ?? uuid7(clock.now()) }
    const temporary = threadId === null && body.on_completion !== 'keep' && body.on_completion !== 'continue'
    const { kwargs, metadata } = mergeRun({ assistant, thread: thread ?? { config: {}, metadata: {} }, request: body, headers: configurableHeaders(headers, headerRules), ids, temporary, user })
    requireCheckpoint(ids.thread_id, kwargs.checkpoint)
    // A busy thread may be asked something by then: its runs are looked at as they start (`run-lifecycle.ts`).
    const refusal = thread?.status === 'busy' ? null : whyRefused(storage, { thread_id: ids.thread_id, kwargs })
    if (refusal) throw new PlatformError('unknown_interrupt', `body/command/resume: ${refusal}`)
    const run: RunRow = {
      ...ids, assistant_id: assistant.assistant_id, graph_id: assistant.graph_id, status: 'pending', cancel: null, metadata, kwargs,
      multitask_strategy: body.multitask_strategy ?? 'enqueue', temporary, alone: false, attempt: 0, due_at: body.after_seconds ? Math.round(clock.now() + body.after_seconds * 1000) : 0,
      error: null, cancel_reason: null, created_at: now, updated_at: now, started_at: null, ended_at: null,
    }
    return () => submit(run, {
      run,
      newThread: threadId === null || body.if_not_exists === 'create' ? newThread(ids.thread_id, now, { ttl: temporary ? null : ttl, metadata: { ...owned, ...(firing ? { cron_id: firing.cron_id } : {}) } }) : null,
      ...(firing ? { firing } : {}),
      decide: (active) => decideMultitask(run.multitask_strategy, active),
      start: () => queue.mayStart() ? { stamp: stamp(clock), firstEvents: lifecycle.firstEvents } : null,
      onThread: (current) => ({
        ...current, status: 'busy', error: null, updated_at: now,
        title: current.title ?? titleOf(kwargs.input),
        metadata: { ...current.metadata, graph_id: assistant.graph_id, assistant_id: assistant.assistant_id },
        config: mergeThreadConfig(current.config, body.config),
      }),
    })
  }

  async function submit(run: RunRow, creation: RunCreation): Promise<Run> {
    const { thread_id, multitask_strategy } = run
    const result = await runs.create(creation, (committed) => {
      if (committed.kind !== 'created') return
      if (committed.started) return queue.begin(committed.started)
      log.open(run)
      queue.wake()
    })
    if (result.kind === 'not_due') throw new PlatformError('conflict', 'The cron was changed, or has fired.')
    if (result.kind === 'no_thread') throw threadNotFound(thread_id)
    if (result.kind === 'busy')
      throw new PlatformError('thread_busy', 'Thread is already running a task. Wait for it to finish or choose a different multitask strategy.')
    for (const other of [...result.cancelled, ...result.removed]) stopElsewhere(other, multitask_strategy === 'rollback' ? 'rollback' : 'interrupt')
    if (result.cancelled.length || result.removed.length) webhookQueue.wake()
    feed.announce({ thread_id, kind: result.threadCreated ? 'created' : 'updated', status: 'busy' })
    return present(run)
  }

  /** A live one is told through its worker; one that never began has no one else to close its stream. */
  function stopElsewhere(run: RunRow, action: CancelAction): void {
    if (lifecycle.abort(run.run_id, action)) return
    if (run.status === 'pending') neverBegan(run)
    else log.close(run.run_id)
  }

  function neverBegan(run: RunRow): void {
    log.close(run.run_id)
    onEnd?.(run, 'interrupted')
  }

  function requireCheckpoint(threadId: string, at: { checkpoint_id?: string, checkpoint_ns?: string } | null): void {
    if (at?.checkpoint_id && !storage.checkpoints.get(threadId, at.checkpoint_ns ?? '', at.checkpoint_id)) throw checkpointNotFound(at.checkpoint_id)
  }

  async function cancel(threadId: string, runId: string, action: CancelAction, wait: boolean, reason: string | null = null): Promise<void> {
    const run = requireRun(threadId, runId)
    const result = await runs.requestCancel(runId, action, stamp(clock), reason)
    if (result === 'none') throw new PlatformError('run_not_found', `No runs found to cancel: run ${runId} has already ended.`)
    if (result === 'ended') {
      neverBegan(run)
      webhookQueue.wake()
      return settleThread(threadId)
    }
    stopElsewhere(run, action)
    // No worker has it (its end could not be stored before): this is its end.
    if (!lifecycle.isLive(runId)) await lifecycle.end(run, 'interrupted', null)
    else if (wait) await lifecycle.whenStopped(runId)
  }

  async function settleThread(threadId: string): Promise<void> {
    const thread = await threads.patch(threadId, (current) => runs.active(threadId).length > 0 ? current : { ...current, ...settledThread(storage, threadId), updated_at: stamp(clock) })
    feed.announce({ thread_id: threadId, kind: thread ? 'updated' : 'deleted', status: thread?.status ?? null })
  }

  async function* stream(run: LogKey, { after, modes, namespaces = null, signal }: StreamOptions): AsyncGenerator<Uint8Array> {
    for await (const batch of threadLog.readRun(run, after, signal)) {
      const bytes = modes || namespaces ? pickEvents(batch, (event) => (!modes || isWanted(event, modes)) && (!namespaces || isInside(event, namespaces))) : batch.bytes
      if (bytes.byteLength > 0) yield bytes
    }
  }

  async function output(run: LogKey, signal: AbortSignal): Promise<unknown> {
    const final = createFinalOutput()
    for await (const batch of threadLog.readRun(run, -1, signal)) final.take(batch)
    const failure = final.failure()
    if (failure) return { __error__: failure }
    const stored = runs.state(run.run_id)?.error
    if (stored) return { __error__: { error: stored.error, message: stored.message } }
    return final.values() ?? waitingOutput(run.thread_id)
  }

  /** Nobody asked the run for values: the state stands in, with its open questions. */
  function waitingOutput(threadId: string): unknown {
    const values = states.values(threadId)
    const open = Object.values(threads.get(threadId)?.interrupts ?? {}).flat()
    return open.length && typeof values === 'object' ? { ...values, __interrupt__: open } : values
  }

  return {
    create, createBatch, createForCron: async (threadId, body, firing, from) => prepare(threadId, body, { ...from, headers: {} }, firing)(),
    cancel, stream, output,
    cancelMany: (body, action) => cancelMany({ storage, cancel: ({ thread_id, run_id }) => cancel(thread_id, run_id, action, false) }, body, action),
    drop: (runId) => {
      lifecycle.abort(runId, 'interrupt')
      log.close(runId)
    },
    get: (threadId, runId) => present(requireRun(threadId, runId)),
    find: (runId) => {
      const run = runs.get(runId)
      if (!run) throw runNotFound(runId)
      return present(run)
    },
    list: (threadId, { status, limit, offset, select }) => {
      if (!threads.get(threadId)) throw threadNotFound(threadId)
      return { total: runs.countOf(threadId, status), items: selectFields(runs.list(threadId, { status, newestFirst: true }, { limit, offset }).map(present), select) }
    },
    delete: async (threadId, runId) => {
      const run = requireRun(threadId, runId)
      if (!isTerminal(run.status)) throw new PlatformError('run_active', `Run ${runId} is ${run.status}: cancel it first.`)
      await runs.delete(runId)
    },
    cancelAll: async (threadId) => {
      for (const run of runs.active(threadId)) {
        const result = await runs.requestCancel(run.run_id, 'interrupt', stamp(clock))
        if (result === 'ended') neverBegan(run)
        else if (result === 'stopping') stopElsewhere(run, 'interrupt')
      }
      webhookQueue.wake()
      await Promise.all(runs.list(threadId, { status: null, newestFirst: true }, null).map((run) => lifecycle.whenStopped(run.run_id)))
    },
  }
}

/** Readers see a run that is being cancelled as interrupted at once (§3.7). */
function present(run: RunRow): Run {
  const { run_id, thread_id, assistant_id, created_at, updated_at, metadata, kwargs, multitask_strategy, cancel_reason } = run
  return {
    run_id, thread_id, assistant_id, created_at, updated_at, status: run.status === 'running' && run.cancel ? 'interrupted' : run.status, metadata, kwargs, multitask_strategy,
    langsmith_session_name: kwargs.langsmith_tracer?.project_name ?? null, cancel_reason,
  }
}

const FAMILY: Readonly<Record<string, string>> = { 'messages-tuple': 'messages' }
const ALWAYS = new Set(['metadata', 'error', 'end', 'feedback'])

/** Modes are matched by base name before `|`; all messages events are one family (§2.4). */
function isWanted(event: string, modes: readonly string[]): boolean {
  const base = event.split('|', 1)[0]!.split('/', 1)[0]!
  return ALWAYS.has(base) || modes.some((mode) => (FAMILY[mode] ?? mode) === base)
}
