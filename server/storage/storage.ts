import type { Assistant, AssistantFilter } from '../contract/assistant.ts'
import type { JsonObject } from '../contract/common.ts'
import type { CancelAction, MultitaskStrategy, RunFailure, RunKwargs, RunStatus } from '../contract/run.ts'
import type { Interrupt, ThreadFilter, ThreadStatus, ThreadTtl } from '../contract/thread.ts'
import type { EventBatch, NewEvent } from '../domain/event-batch.ts'
import type { MultitaskDecision } from '../domain/multitask.ts'
import type { CronFiring, CronStore } from './crons.ts'
import type { ItemStore } from './items.ts'
import type { SpanStore } from './spans.ts'
import type { WebhookStore } from './webhooks.ts'

export type * from './crons.ts'
export type * from './items.ts'
export type * from './spans.ts'
export type * from './webhooks.ts'

/**
 * What the platform keeps, whatever keeps it. Every call is one atomic operation; a promise of a write
 * resolves when it is durable, if nothing else is said. Calls of one moment may share a transaction (group commit).
 */
export interface Storage {
  readonly assistants: AssistantStore
  readonly threads: ThreadStore
  readonly runs: RunStore
  readonly checkpoints: CheckpointStore
  readonly events: EventStore
  readonly items: ItemStore
  readonly crons: CronStore
  readonly webhooks: WebhookStore
  readonly spans: SpanStore
  /** Resolves when all that is committed by now is safe from loss of power. */
  durable(): Promise<void>
  /** Bytes on disk. */
  size(): number
  /**
   * One slice of background work, of about `budgetMs`: removes what is left of deleted threads, what nothing refers to any more,
   * and gives free space back. True while there is more to do.
   */
  maintain(budgetMs: number): Promise<boolean>
  /** Throws when the database can't be read. */
  ping(): void
  /** What was found to be wrong with the file, and what to do; null when nothing was. */
  problem(): string | null
  /** What the failure of a read or write means to a person, as a `PlatformError`; other errors as they are. */
  explain(error: unknown): unknown
  /** Writes a checked copy as of one moment to a file, while everything goes on; returns its bytes. */
  backup(file: string): Promise<number>
  close(): Promise<void>
}

export interface Page { limit: number, offset: number }
export interface Sort { by: string, descending: boolean }

export type AssistantRow = Assistant
export interface AssistantVersion extends Omit<Assistant, 'updated_at'> {}

export interface AssistantStore {
  /** False when the id is taken. */
  insert(assistant: AssistantRow): Promise<boolean>
  get(id: string): AssistantRow | null
  search(filter: AssistantFilter, sort: Sort, page: Page | null): { rows: AssistantRow[], total: number }
  /** Applies `change` to the current row and keeps the result as a new version; null when there is none. */
  addVersion(id: string, change: (current: AssistantRow) => AssistantRow): Promise<AssistantRow | null>
  /** Newest first; `metadata` is contained in that of each. */
  versions(id: string, metadata: JsonObject | null, page: Page): { rows: AssistantVersion[], total: number }
  /** Makes an old version's content current; null when it does not exist. */
  setLatest(id: string, version: number, now: string): Promise<AssistantRow | null>
  delete(id: string): Promise<boolean>
}

export interface ThreadRow {
  thread_id: string
  title: string | null
  status: ThreadStatus
  metadata: JsonObject
  config: JsonObject
  interrupts: Record<string, Interrupt[]>
  error: string | null
  created_at: string
  updated_at: string
  state_updated_at: string
  ttl: ThreadTtl | null
}
/** What a thread sees, shared with others or not; bytes are those of the stored texts. */
export interface ThreadStorage {
  checkpoints: { count: number, bytes: number }
  /** Different values; what several checkpoints have alike counts once. */
  channel_values: { count: number, bytes: number, by_channel: Record<string, { versions: number, bytes: number }> }
  pending_writes: { count: number, bytes: number }
  /** Of all these, what the thread has from the one it was copied from. */
  shared_bytes: number
}
/** The active ones among a deleted thread's runs have a worker or readers to tell. */
export interface DeletedThread { readonly activeRunIds: string[] }
/** `deleted` is null for a thread that stays with its newest checkpoint. */
export interface ExpiredThread { readonly thread_id: string, readonly deleted: DeletedThread | null }
export interface ThreadCounts { checkpoints: number, branches: number }
export interface ThreadQuery extends ThreadFilter { text?: string | null, graph_id?: string | null }

export interface ThreadStore {
  insert(thread: ThreadRow): Promise<boolean>
  /** Resolves when nothing is left of a deleted thread of this id: who makes it then makes it in the same transaction as what else is put in that turn. */
  whenFree(id: string): Promise<void>
  get(id: string): ThreadRow | null
  patch(id: string, change: (current: ThreadRow) => ThreadRow): Promise<ThreadRow | null>
  /** Also its runs. Null when there is no such thread. */
  delete(id: string): Promise<DeletedThread | null>
  /** Whether some thread's time is over at `now`, in milliseconds since 1970. A thread that a run holds has time. */
  hasExpired(now: number): boolean
  /** Deletes or prunes some of the threads whose time is over. */
  expire(now: number): Promise<ExpiredThread[]>
  search(query: ThreadQuery, sort: Sort, page: Page | null): { rows: ThreadRow[], total: number }
  /** Ids of all threads that match, in order. */
  ids(query: ThreadQuery, sort: Sort): string[]
  counts(id: string): ThreadCounts
  /** Takes its time for a long thread, and blocks nobody meanwhile. */
  storage(id: string): Promise<ThreadStorage>
  /** A new thread with all checkpoints of another; false when the source is gone. */
  copy(from: string, to: ThreadRow): Promise<boolean>
  /** Ids of threads whose metadata names the assistant. */
  idsOfAssistant(assistantId: string): string[]
}

export interface RunRow {
  run_id: string
  thread_id: string
  assistant_id: string
  graph_id: string
  status: RunStatus
  cancel: CancelAction | null
  metadata: JsonObject
  kwargs: RunKwargs
  multitask_strategy: MultitaskStrategy
  temporary: boolean
  /** It shares no worker: one that it was on died, and it may have been the reason. */
  alone: boolean
  attempt: number
  /** Milliseconds since 1970; 0 for at once, whatever the clock says later. */
  due_at: number
  error: RunFailure | null
  cancel_reason: string | null
  created_at: string
  updated_at: string
  started_at: string | null
  ended_at: string | null
}

/** What a run logs as it starts, in the transaction that starts it. */
export type FirstEvents = (run: RunRow) => readonly NewEvent[]
/** A run that is now running, and what was logged of it; `events` may be told when the disk has them. */
export interface StartedRun { readonly run: RunRow, readonly events: EventBatch | null }

export interface RunCreation {
  readonly run: RunRow
  /** Inserted in the same transaction when the thread does not exist yet; null refuses. */
  readonly newThread: ThreadRow | null
  /** Applied to the thread: status, metadata, config, title. */
  readonly onThread: (thread: ThreadRow) => ThreadRow
  readonly decide: (isActive: boolean) => MultitaskDecision
  /**
   * Asked last, inside the transaction, where nothing on its thread stands before the run: the time to start it at, or null to
   * leave it to be claimed.
   */
  readonly start?: () => { stamp: string, firstEvents: FirstEvents } | null
  /** The due time that the run is for: passed in the same transaction, and no run is made where it was already. */
  readonly firing?: CronFiring
}
export type RunCreationResult =
  | { kind: 'created', run: RunRow, started: StartedRun | null, threadCreated: boolean, cancelled: RunRow[], removed: RunRow[] }
  | { kind: 'no_thread' } | { kind: 'busy' } | { kind: 'not_due' }

/** How a run ended, and what its thread becomes: one transaction. */
export interface RunEnd {
  readonly run_id: string
  readonly status: RunStatus
  readonly error: RunFailure | null
  /** Given the status that was stored: a run that was asked to stop ends `interrupted`, whatever is said here. */
  readonly thread: (thread: ThreadRow, isActive: boolean, status: RunStatus) => ThreadRow
  readonly events: readonly NewEvent[]
  /** Roll back: the run and the checkpoints it wrote disappear. */
  readonly rollback: boolean
  /** Of a stateless run; the thread stays when others run on it. */
  readonly deleteThread: boolean
  readonly now: string
}

/** What was stored of a run's end; `thread` is the status of its thread, null where that is gone. */
export interface RunFinish { readonly status: RunStatus, readonly thread: ThreadStatus | null, readonly events: EventBatch | null }

/** A run in a list of all threads' runs; `seq` is its place in it. */
export type ListedRun = Omit<RunRow, 'kwargs'> & { readonly seq: number, readonly thread_title: string | null }

export interface RunStore {
  /** `onCommit` is called before the promise resolves, when readers see the run and it may be claimed. */
  create(creation: RunCreation, onCommit?: (result: RunCreationResult) => void): Promise<RunCreationResult>
  get(runId: string): RunRow | null
  /** What of a run changes, at a fraction of the price of all of it. */
  state(runId: string): Pick<RunRow, 'status' | 'cancel' | 'error'> | null
  list(threadId: string, filter: { status: RunStatus | null, newestFirst: boolean }, page: Page | null): RunRow[]
  /** Runs of all threads, newest first; `before` is the `seq` of the last one known. */
  listAll(filter: { status: RunStatus | null, graphId: string | null, cronId: string | null, before: number | null }, limit: number): ListedRun[]
  /** When the pending run that was made first was made. */
  oldestPending(): string | null
  active(threadId: string): RunRow[]
  /** How many a list without a page would have. */
  countOf(threadId: string, status: RunStatus | null): number
  /** Runs of all threads that have not ended and were not asked to, in a status or `all`; those that wait come first, so that none starts in the place of one that was stopped. */
  cancellable(status: 'pending' | 'running' | 'all'): LogKey[]
  /**
   * The run that is due longest and whose thread has no live run, now marked running; `alone` asks for one that shares no worker.
   * Resolves when it is committed: a claim that is lost is made again.
   */
  claimNext(now: number, stamp: string, alone: boolean, firstEvents: FirstEvents): Promise<StartedRun | null>
  /** Whether a run waits that could be claimed. */
  offers(now: number): boolean
  /** Whether a run that shares no worker could be claimed. */
  offersAlone(now: number): boolean
  /** When the next delayed run is due, in milliseconds since 1970. */
  nextDue(now: number): number | null
  /** A running run goes back to the queue for its next attempt; `refund` does not count the one it had, `alone` keeps others away from it. */
  requeue(runId: string, now: string, how: { refund: boolean, alone: boolean }): Promise<boolean>
  /** A pending run ends at once (`ended`; a stateless one's thread goes with it), a running one is marked to stop (`stopping`). */
  requestCancel(runId: string, action: CancelAction, now: string, reason?: string | null): Promise<'ended' | 'stopping' | 'none'>
  /** Null when the run has ended already or is gone. */
  finish(end: RunEnd): Promise<RunFinish | null>
  delete(runId: string): Promise<boolean>
  /** Running rows: at start these are orphans of a server that died. */
  running(): RunRow[]
  counts(): { pending: number, running: number }
}

/** Whose events: a run's part of its thread's log. */
export interface LogKey { readonly thread_id: string, readonly run_id: string }
/** A part of its thread's log: of a run, or of one change of the state through the API, which goes by an id of its own. */
export interface LogPart extends LogKey { readonly kind: 'run' | 'update', /** The number that it, or a later attempt of the run, begins with. */ readonly first: number }

export interface EventStore {
  /** Appends what `take` gives when the transaction runs: all that came until then is one batch. Null when there is nothing, or no thread. */
  append(threadId: string, runId: string, take: () => readonly NewEvent[]): Promise<EventBatch | null>
  /** Batches with events after `seq`, in order, joined until they have `size` bytes; null when there are none. */
  after(log: LogKey, seq: number, size: number): EventBatch | null
  /** The number of the last event stored; 0 when there is none. */
  last(log: LogKey): number
  /** The number of the first event that is still stored; 0 when there is none. */
  first(log: LogKey): number
  /** Logs something that no run did, as a part of its own that is over at `now`; false when there is no thread. */
  appendUpdate(log: LogKey, event: NewEvent, now: string): Promise<boolean>
  /** The first part that begins after the event `seq`; null when there is none. */
  partAfter(threadId: string, seq: number): LogPart | null
  /** The part that the event `seq` belongs to, or would if it is gone; null where nothing begins before it. */
  partAt(threadId: string, seq: number): LogPart | null
  /** Removes the events of runs that ended before `endedBefore` (ISO time) and of deleted ones. Resolves with the batches removed. */
  expire(endedBefore: string): Promise<number>
}

export interface CheckpointRow {
  thread_id: string
  checkpoint_ns: string
  checkpoint_id: string
  parent_checkpoint_id: string | null
  run_id: string | null
  metadata: JsonObject
  body: JsonObject
  channels: Record<string, string>
  keys: string[] | null
  overrides: Record<string, string> | null
  /** Channel that is the whole state, where it is not made of keys. */
  root: string | null
  next: string[] | null
  tasks: { id: string, name: string, path?: unknown, subgraph?: boolean }[] | null
  created_at: string
}
export interface WriteRow { task_id: string, idx: number, channel: string, value: string, run_id: string | null }
/** `committed`: readers see it and the death of the process can't undo it; it is safe from loss of power together with any later write. */
export type WriteUntil = 'durable' | 'committed'

export type PieceMap = ReadonlyMap<string, Uint8Array>

export interface CheckpointStore {
  /** `missing`: pieces referred to and not there; then nothing was written. Rejects with `checkpoint_not_found` when its parent is not there. */
  put(row: CheckpointRow, pieces: PieceMap, until?: WriteUntil): Promise<{ missing: string[] }>
  putWrites(at: Pick<CheckpointRow, 'thread_id' | 'checkpoint_ns' | 'checkpoint_id'>, writes: readonly WriteRow[], pieces: PieceMap, until?: WriteUntil): Promise<{ missing: string[] }>
  describe(at: Pick<CheckpointRow, 'thread_id' | 'checkpoint_ns' | 'checkpoint_id'>, view: Pick<CheckpointRow, 'keys' | 'overrides' | 'root' | 'next' | 'tasks'>, pieces: PieceMap, until?: WriteUntil): Promise<{ missing: string[] }>
  /** The newest of the namespace when `checkpoint_id` is null. */
  get(threadId: string, ns: string, checkpointId: string | null): CheckpointRow | null
  /** The first and the newest that a run wrote in the root namespace; null when none of them is there. */
  ofRun(threadId: string, runId: string): { first: CheckpointRow, newest: CheckpointRow } | null
  /** Newest first. A null namespace means all of them. */
  list(threadId: string | null, ns: string | null, options: { before: string | null, limit: number | null, metadata: JsonObject | null }): CheckpointRow[]
  writes(threadId: string, ns: string, checkpointId: string): WriteRow[]
  /** How many a namespace has. */
  count(threadId: string, ns: string): number
  /** Whether another one goes on from it. */
  hasChild(threadId: string, ns: string, checkpointId: string): boolean
  hasNamespace(threadId: string, ns: string): boolean
  /** JSON text of a piece. Throws when it is not there. */
  piece(hash: string): string
  deleteOfThread(threadId: string): Promise<void>
  /** Keeps the newest checkpoint and what is needed to go on from it; false when there is none, or a run has not ended. */
  keepLatest(threadId: string): Promise<boolean>
}
