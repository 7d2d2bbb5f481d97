import { Type, type Static } from 'typebox'
import { RunConfig } from './assistant.ts'
import { AssistantRef, Checkpoint, CheckpointId, JsonObject, Literals, Maybe, RunCommand, Uuid } from './common.ts'

export const RUN_STATUSES = ['pending', 'running', 'error', 'success', 'timeout', 'interrupted'] as const
export type RunStatus = (typeof RUN_STATUSES)[number]

export const MULTITASK_STRATEGIES = ['reject', 'interrupt', 'rollback', 'enqueue'] as const
export type MultitaskStrategy = (typeof MULTITASK_STRATEGIES)[number]

export type CancelAction = 'interrupt' | 'rollback'

/** Wire reference §1.4. */
export interface Run {
  run_id: string
  thread_id: string
  assistant_id: string
  created_at: string
  updated_at: string
  status: RunStatus
  metadata: JsonObject
  kwargs: RunKwargs
  multitask_strategy: MultitaskStrategy
  /** The LangSmith project that the run names; null where it names none. */
  langsmith_session_name: string | null
  /** Why it was cancelled, where the one who did so said it (§3.7). */
  cancel_reason: string | null
}

/** Everything a run was asked to do, after merging: what a worker is handed. */
export interface RunKwargs {
  input: unknown
  command: RunCommand | null
  checkpoint: { checkpoint_id?: string, checkpoint_ns?: string, checkpoint_map?: Record<string, string> } | null
  config: { tags?: string[], recursion_limit?: number, configurable: JsonObject, metadata: JsonObject }
  context: JsonObject | null
  stream_mode: string[]
  subgraphs: boolean
  resumable: boolean
  interrupt_before: string[] | '*' | null
  interrupt_after: string[] | '*' | null
  durability: 'sync' | 'async' | 'exit'
  webhook: string | null
  feedback_keys: string[] | null
  temporary: boolean
  /** Absent in runs that are older than it. */
  strict_resume?: boolean
  langsmith_tracer?: { project_name?: string | null, example_id?: string | null } | null
}

/** `checkpoint_refs` is our addition: of each checkpoint its id, parent, step and source, without the state. */
export const STREAM_MODES = ['values', 'messages', 'messages-tuple', 'updates', 'events', 'debug', 'tasks', 'checkpoints', 'custom', 'tools', 'lifecycle', 'checkpoint_refs'] as const
const StreamMode = Literals(STREAM_MODES)
const Breakpoints = Maybe(Type.Union([Type.Literal('*'), Type.Array(Type.String())]))

export const RunCreate = Type.Object({
  assistant_id: AssistantRef,
  input: Type.Optional(Type.Unknown()),
  command: Maybe(RunCommand),
  checkpoint: Maybe(Checkpoint),
  checkpoint_id: Maybe(CheckpointId),
  config: Maybe(Type.Object({ ...RunConfig.properties, metadata: Maybe(JsonObject) })),
  context: Maybe(JsonObject),
  metadata: Maybe(JsonObject),
  stream_mode: Maybe(Type.Union([StreamMode, Type.Array(StreamMode)])),
  stream_subgraphs: Maybe(Type.Boolean()),
  stream_resumable: Maybe(Type.Boolean()),
  interrupt_before: Breakpoints,
  interrupt_after: Breakpoints,
  webhook: Maybe(Type.String()),
  feedback_keys: Maybe(Type.Array(Type.String())),
  multitask_strategy: Maybe(Literals(MULTITASK_STRATEGIES)),
  if_not_exists: Maybe(Literals(['reject', 'create'])),
  /** At most a century. */
  after_seconds: Maybe(Type.Number({ minimum: 0, maximum: 3_200_000_000 })),
  on_disconnect: Maybe(Literals(['cancel', 'continue'])),
  /** The JavaScript SDK's types have `complete` and `continue` for what the wire calls `delete` and `keep`. */
  on_completion: Maybe(Literals(['delete', 'keep', 'complete', 'continue'])),
  durability: Maybe(Literals(['sync', 'async', 'exit'])),
  /** Deprecated: `false` is durability `exit`, `true` is `async` (§3.9). */
  checkpoint_during: Maybe(Type.Boolean()),
  /** Refuses answers to interrupts that are not open. */
  strict_resume: Maybe(Type.Boolean()),
  langsmith_tracer: Maybe(Type.Object({ project_name: Maybe(Type.String({ maxLength: 500 })), example_id: Maybe(Type.String({ maxLength: 500 })) })),
})
export type RunCreate = Static<typeof RunCreate>

export const RunBatch = Type.Array(RunCreate, { minItems: 1, maxItems: 10_000 })

export const RUN_FIELDS = ['run_id', 'thread_id', 'assistant_id', 'created_at', 'updated_at', 'status', 'metadata', 'kwargs', 'multitask_strategy', 'langsmith_session_name', 'cancel_reason'] as const

export const CANCEL_STATUSES = ['pending', 'running', 'all'] as const
/** Some runs of one thread, or all that are in a status: one or the other (§1.4). */
export const RunCancel = Type.Object({
  thread_id: Maybe(Uuid),
  run_ids: Maybe(Type.Array(Uuid, { minItems: 1, maxItems: 10_000 })),
  status: Maybe(Literals(CANCEL_STATUSES)),
})
export type RunCancel = Static<typeof RunCancel>

/** The failure of a run as clients see it: `error` is the class name (wire contract, §5). */
export interface RunFailure { error: string, message: string }

