/**
 * The port between the engine and whatever runs user code. `runtime/` implements {@link GraphRuntime}; the
 * engine implements {@link WorkerServices}, which the runtime calls on behalf of its workers.
 */

import type { TraceSpan } from '../contract/studio.ts'
import type { Blame } from '../domain/run-attempts.ts'

export interface GraphLoadError { message: string, file?: string, line?: number, column?: number, stack?: string }

export interface LoadedGraph { graph_id: string, description: string | null, path: string, error: GraphLoadError | null }

export type WorkerState = 'starting' | 'ready' | 'reloading' | 'failed' | 'stopped'

export interface RuntimeStatus {
  readonly state: WorkerState
  /** Counts up with each worker that took over; the Studio redraws when it changes. */
  readonly generation: number
  readonly pid: number | null
  readonly node_version: string | null
  readonly langgraph_version: string | null
  /** Milliseconds from spawn to ready of the current generation. */
  readonly ready_ms: number | null
  /** Why the newest code is not (fully) serving. The last good worker may still be. */
  readonly error: GraphLoadError | null
  readonly graphs: readonly LoadedGraph[]
}

export type Durability = 'sync' | 'async' | 'exit'

export interface CheckpointRef { checkpoint_id?: string, checkpoint_ns?: string, checkpoint_map?: Record<string, string> }

/** Everything a worker needs to know about a run. All merging (§3.3 of the wire reference) is done before. */
export interface RunJob {
  readonly run_id: string
  readonly thread_id: string
  readonly attempt: number
  /** Nothing else may be on its worker. */
  readonly alone: boolean
  readonly graph_id: string
  readonly assistant_id: string
  readonly input: unknown
  readonly command: { resume?: unknown, update?: unknown, goto?: unknown } | null
  readonly checkpoint: CheckpointRef | null
  /** tags, recursion_limit (absent: the graph's own), configurable, metadata. */
  readonly config: { tags?: string[], recursion_limit?: number, configurable: Record<string, unknown>, metadata: Record<string, unknown> }
  readonly context: Record<string, unknown> | null
  readonly stream_mode: readonly string[]
  readonly stream_subgraphs: boolean
  readonly interrupt_before: readonly string[] | '*' | null
  readonly interrupt_after: readonly string[] | '*' | null
  readonly durability: Durability
  /** Whether what happens inside is to be told. False for runs that nothing is left of. */
  readonly trace?: boolean
  /** Where the run is traced, if at all: another LangSmith project than the environment's, and the example that it tries. */
  readonly langsmith_tracer?: { readonly project_name?: string | null, readonly example_id?: string | null } | null
  /** The thread's newest checkpoint, null where it has none; absent when the run starts from another one. */
  readonly head?: StoredCheckpoint | null
}

export interface RunError { error: string, message: string, stack?: string }

/** `cancelled`: the job's signal was obeyed. `lost`: the worker died under it; another attempt may follow. */
export type RunOutcome =
  | { readonly status: 'success' }
  | { readonly status: 'error', readonly error: RunError }
  | { readonly status: 'cancelled' }
  | { readonly status: 'lost', readonly error: RunError, readonly blame: Blame }

/** One event of a run, its data serialised once, in the worker: UTF-8 JSON, no line breaks. */
export interface RunFrame { readonly event: string, readonly data: Uint8Array }

export interface StateUpdate {
  readonly graph_id: string
  readonly thread_id: string
  readonly checkpoint: CheckpointRef | null
  readonly values: unknown
  readonly as_node: string | null
  readonly config: { configurable: Record<string, unknown>, metadata: Record<string, unknown> }
}

/** States for a thread that has none, or goes on from them: each superstep is one checkpoint. */
export interface SuperstepsUpdate extends Pick<StateUpdate, 'graph_id' | 'thread_id' | 'config'> {
  readonly supersteps: readonly (readonly { values: unknown, command: RunJob['command'], as_node: string }[])[]
}

/** LangChain's drawable graph (§4.4): `data` of a node is a name or `{id, name}`. */
export interface DrawableGraph {
  nodes: { id: string, type: string, data?: unknown, metadata?: unknown }[]
  edges: { source: string, target: string, data?: string, conditional?: boolean }[]
}

/** Each a JSON Schema, or null where none can be told. `schema_problem` says why they tell less than they might. */
export interface GraphSchemas {
  input_schema: unknown
  output_schema: unknown
  state_schema: unknown
  config_schema: unknown
  context_schema: unknown
  schema_problem?: string
}

/** Takes a frame. A promise asks for patience: nothing more should be read from the worker before it settles. */
export type FrameListener = (frame: RunFrame) => Promise<unknown> | void

export interface GraphRuntime {
  /** Resolves when the first worker is ready or has failed; a failed one leaves `status().state` at `failed`. */
  start(services: WorkerServices): Promise<void>
  /** Waits for running jobs up to `graceMs`, then ends every child. Nothing is left behind. */
  stop(graceMs: number): Promise<void>
  status(): RuntimeStatus
  onStatus(listener: (status: RuntimeStatus) => void): () => void
  /** True when a run may be handed over now; `alone`, when a worker has nothing to do. */
  hasRoom(alone?: boolean): boolean
  /** Worker processes that take runs, and how many runs these can have at a time. */
  size(): { workers: number, slots: number }
  /** While true, one worker takes nothing more, so that it will soon be free for a run that must be alone. */
  keepOneFree(isWanted: boolean): void
  /** Called when room appears: the queue is woken, not polled. */
  onRoom(listener: () => void): () => void
  /** Runs a job to its end. Never rejects for the graph's own failure. `signal` cancels; its reason is the cancel action. */
  run(job: RunJob, onFrame: FrameListener, signal: AbortSignal): Promise<RunOutcome>
  updateState(update: StateUpdate): Promise<CheckpointRef & { thread_id: string }>
  applySupersteps(update: SuperstepsUpdate): Promise<CheckpointRef & { thread_id: string }>
  drawGraph(graphId: string, options: { xray: boolean | number, config: unknown }): Promise<DrawableGraph>
  schemas(graphId: string): Promise<GraphSchemas>
  subgraphs(graphId: string, options: { namespace: string | null, recurse: boolean }): Promise<Record<string, GraphSchemas>>
  /** Vectors of `dims` numbers by the project's embedding function, one for each text, one after another. */
  embed(texts: readonly string[], kind: EmbeddingKind, dims: number): Promise<Float32Array>
}

/** What is embedded: some models tell what is asked from what is found. */
export type EmbeddingKind = 'documents' | 'query'

/** A checkpoint as the worker hands it over. JSON texts in stored form (`domain/encode-value.ts`). */
export interface CheckpointPut {
  readonly thread_id: string
  readonly checkpoint_ns: string
  readonly checkpoint_id: string
  readonly parent_checkpoint_id: string | null
  readonly run_id: string | null
  /** LangGraph's CheckpointMetadata: source, step, parents … Plain JSON. */
  readonly metadata: Record<string, unknown>
  /** The checkpoint without its values: v, ts, channel_versions, versions_seen … Plain JSON. */
  readonly body: Record<string, unknown>
  /** Channel → stored form, referring to pieces. */
  readonly channels: Record<string, string>
  /** Where it is known already; else {@link WorkerServices.describeCheckpoint} brings it. */
  readonly view?: Omit<CheckpointView, 'thread_id' | 'checkpoint_ns' | 'checkpoint_id'>
}

/** What a reader needs that only the graph's code can tell; arrives with or after the checkpoint. */
export interface CheckpointView {
  readonly thread_id: string
  readonly checkpoint_ns: string
  readonly checkpoint_id: string
  /** State keys (of `channels`) that make up `values`. */
  readonly keys: readonly string[]
  /** Set for a graph whose state has no keys (functional API): `values` is this channel's value itself. */
  readonly root?: string
  /** State keys whose value is not the stored channel value itself (stored form). */
  readonly overrides?: Record<string, string>
  readonly next: readonly string[]
  readonly tasks: readonly { id: string, name: string, path?: unknown, subgraph?: boolean }[]
}

/** Pieces by hash: JSON text as UTF-8. */
export type Pieces = ReadonlyMap<string, Uint8Array>

export interface CheckpointWrite { readonly idx: number, readonly channel: string, readonly value: string }

export interface StoredCheckpoint {
  readonly thread_id: string
  readonly checkpoint_ns: string
  readonly checkpoint_id: string
  readonly parent_checkpoint_id: string | null
  readonly metadata: Record<string, unknown>
  readonly body: Record<string, unknown>
  /** Channel → stored form, as kept: what it refers to is asked for by {@link WorkerServices.getPieces}. */
  readonly channels: Record<string, string>
  /** False where a worker died between putting it and telling how it reads: whoever goes on from it tells that. */
  readonly described: boolean
  readonly writes: readonly { task_id: string, channel: string, value: string }[]
}

export interface StoreOp { readonly op: 'get' | 'search' | 'put' | 'delete' | 'namespaces', readonly args: Record<string, unknown> }

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** A line that a worker printed, and where it came from: null where that can't be told (native code, work outside of runs). */
export interface LogLine {
  readonly stream: 'stdout' | 'stderr'
  readonly level: LogLevel
  readonly text: string
  readonly run_id: string | null
  readonly thread_id: string | null
  readonly graph_id: string | null
  readonly node: string | null
}

/**
 * What workers may ask of the platform. A write that is `sync` is on the disk when its promise resolves; one that isn't is
 * committed, and on the disk no later than the end of its run.
 */
/** `payload` is JSON text of what went in and came out; null where it is not kept. */
export interface WorkerSpan extends TraceSpan { readonly payload: string | null }

export interface WorkerServices {
  putCheckpoint(put: CheckpointPut, pieces: Pieces, sync: boolean): Promise<{ missing: string[] }>
  putWrites(at: { thread_id: string, checkpoint_ns: string, checkpoint_id: string, task_id: string, run_id: string | null }, writes: readonly CheckpointWrite[], pieces: Pieces, sync: boolean): Promise<{ missing: string[] }>
  describeCheckpoint(view: CheckpointView, pieces: Pieces, sync: boolean): Promise<{ missing: string[] }>
  getCheckpoint(at: { thread_id: string, checkpoint_ns: string, checkpoint_id: string | null }): Promise<StoredCheckpoint | null>
  /** These pieces and all that they refer to. Rejects when one is not there. */
  getPieces(hashes: readonly string[]): Promise<Pieces>
  listCheckpoints(at: { thread_id: string | null, checkpoint_ns: string | null }, options: { before: string | null, limit: number | null, filter: Record<string, unknown> | null }): Promise<StoredCheckpoint[]>
  deleteThreadCheckpoints(threadId: string): Promise<void>
  /** Store operations in order; one result each (an item, a list of items, a list of namespaces, or null). */
  store(ops: readonly StoreOp[]): Promise<unknown[]>
  log(line: LogLine): void
  /** What happened inside a run. It is not waited for. */
  keepSpans(runId: string, spans: readonly WorkerSpan[]): void
}
