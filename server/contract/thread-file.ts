import { Type, type Static } from 'typebox'
import { AssistantRef, CheckpointId, JsonObject, Literals, Nullable, Uuid } from './common.ts'
import { THREAD_STATUSES, type Interrupt } from './thread.ts'

/**
 * Threads in a file: JSON Lines, read and written by `superstep export` and `import` and by `/studio/api/threads`.
 * docs/adr/0012-threads-in-files.md says what follows what. A reader refuses a version it does not know.
 */
export const THREAD_FILE_FORMAT = 'superstep-threads'
export const THREAD_FILE_VERSION = 1
export const THREAD_FILE_TYPE = 'application/x-ndjson'

const Text = Type.String()
/** A value in stored form (domain/encode-value.ts), as text. */
const Stored = Type.String({ minLength: 1 })
const Time = Type.String({ maxLength: 40, pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$' })
const Count = (maximum: number) => Type.Integer({ minimum: 0, maximum })
const Namespace = Type.String({ maxLength: 4096 })
const Name = Type.String({ minLength: 1, maxLength: 1000 })
const Stringified = Type.Record(Type.String(), Stored)

export const Header = Type.Object({ format: Type.Literal(THREAD_FILE_FORMAT), version: Type.Integer(), created_at: Type.Optional(Text) })

export const ThreadLine = Type.Object({
  type: Type.Literal('thread'),
  thread_id: Uuid, title: Nullable(Type.String({ maxLength: 500 })), status: Literals(THREAD_STATUSES),
  metadata: JsonObject, config: JsonObject,
  interrupts: Type.Unsafe<Record<string, Interrupt[]>>(Type.Record(Type.String(), Type.Array(JsonObject))),
  error: Nullable(Text), created_at: Time, updated_at: Time, state_updated_at: Time,
})

/** A run that was under way when it was written counts as interrupted. */
const ENDED = ['error', 'success', 'timeout', 'interrupted'] as const
export const RunLine = Type.Object({
  type: Type.Literal('run'),
  run_id: Uuid, assistant_id: AssistantRef, graph_id: AssistantRef, status: Literals(ENDED),
  metadata: JsonObject, kwargs: JsonObject, multitask_strategy: Literals(['reject', 'interrupt', 'rollback', 'enqueue']),
  attempt: Count(1000), error: Nullable(Type.Object({ error: Text, message: Text, stack: Type.Optional(Text) })),
  /** Absent in files that are older than it. */
  cancel_reason: Type.Optional(Nullable(Text)),
  created_at: Time, updated_at: Time, started_at: Nullable(Time), ended_at: Nullable(Time),
})

export const PieceLine = Type.Object({ type: Type.Literal('piece'), hash: Type.String({ pattern: '^[A-Za-z0-9_-]{27}$' }), json: Stored })

const Task = Type.Object({ id: Name, name: Name, path: Type.Optional(Type.Unknown()), subgraph: Type.Optional(Type.Boolean()) })
export const CheckpointLine = Type.Object({
  type: Type.Literal('checkpoint'),
  checkpoint_ns: Namespace, checkpoint_id: CheckpointId, parent_checkpoint_id: Nullable(CheckpointId), run_id: Nullable(Uuid),
  metadata: JsonObject, body: JsonObject, channels: Stringified,
  keys: Nullable(Type.Array(Name)), overrides: Nullable(Stringified), root: Nullable(Name), next: Nullable(Type.Array(Name)), tasks: Nullable(Type.Array(Task)),
  created_at: Time,
})

export const WritesLine = Type.Object({
  type: Type.Literal('writes'),
  checkpoint_ns: Namespace, checkpoint_id: CheckpointId,
  writes: Type.Array(Type.Object({ task_id: Name, idx: Type.Integer({ minimum: -1000, maximum: 1_000_000 }), channel: Name, value: Stored, run_id: Nullable(Uuid) })),
})

/** The last line: a file that was cut off has none. */
export const EndLine = Type.Object({ type: Type.Literal('end'), threads: Count(Number.MAX_SAFE_INTEGER), lines: Count(Number.MAX_SAFE_INTEGER) })

export type ThreadLine = Static<typeof ThreadLine>
export type RunLine = Static<typeof RunLine>
export type PieceLine = Static<typeof PieceLine>
export type CheckpointLine = Static<typeof CheckpointLine>
export type WritesLine = Static<typeof WritesLine>
export type EndLine = Static<typeof EndLine>
export type ThreadFileLine = ThreadLine | RunLine | PieceLine | CheckpointLine | WritesLine | EndLine

export interface ImportedThread {
  thread_id: string
  /** Its id in the file; another than `thread_id` when that was taken. */
  from: string
  checkpoints: number
  runs: number
}
