import { Type, type Static } from 'typebox'
import { Checkpoint, CheckpointId, JsonObject, Limit, Literals, Maybe, Offset, RunCommand, SortOrder, Uuid } from './common.ts'

export const THREAD_STATUSES = ['idle', 'busy', 'interrupted', 'error'] as const
export type ThreadStatus = (typeof THREAD_STATUSES)[number]

export const TTL_STRATEGIES = ['delete', 'keep_latest'] as const
const TtlStrategy = Literals(TTL_STRATEGIES)
/** 1,900 years: a date must be able to say it. */
export const MOST_TTL_MINUTES = 1e9
export const TtlMinutes = Type.Number({ exclusiveMinimum: 0, maximum: MOST_TTL_MINUTES })
export const Ttl = Type.Union([TtlMinutes, Type.Object({ ttl: TtlMinutes, strategy: Maybe(TtlStrategy) })])
export type Ttl = Static<typeof Ttl>
/** How long a thread stays after its last change, and what becomes of it then. */
export interface ThreadTtl { strategy: (typeof TTL_STRATEGIES)[number], ttl_minutes: number }

/** Wire reference §1.3. Older clients read `interrupt_id`; `id` is the name now. */
export interface Interrupt { id?: string, value: unknown, [key: string]: unknown }

export interface Thread {
  thread_id: string
  created_at: string
  updated_at: string
  state_updated_at: string
  metadata: JsonObject
  config: JsonObject
  status: ThreadStatus
  values: unknown
  interrupts: Record<string, Interrupt[]>
  error: string | null
  /** Only where it was asked for (`?include=ttl`); null for a thread that stays. */
  ttl?: ThreadTtl & { expires_at: string } | null
  /** Only in a search with `extract`: what is at each path, null where nothing is. */
  extracted?: Record<string, unknown>
}

export interface CheckpointConfig { thread_id: string, checkpoint_ns: string, checkpoint_id: string | null, checkpoint_map?: JsonObject }

export interface ThreadTask {
  id: string
  name: string
  path?: unknown
  error: unknown
  interrupts: Interrupt[]
  checkpoint: { thread_id: string, checkpoint_ns: string } | null
  state: ThreadState | null
  result: unknown
}

export interface ThreadState {
  values: unknown
  next: string[]
  tasks: ThreadTask[]
  checkpoint: CheckpointConfig
  parent_checkpoint: CheckpointConfig | null
  metadata: JsonObject
  created_at: string | null
  interrupts: Interrupt[]
  /** At top level for clients older than the `checkpoint` object. */
  checkpoint_id: string | null
  parent_checkpoint_id: string | null
}

const Update = Type.Object({ values: Type.Optional(Type.Unknown()), command: Maybe(RunCommand), as_node: Type.String() })
const Superstep = Type.Object({ updates: Type.Array(Update, { minItems: 1, maxItems: 1000 }) })
export type Superstep = Static<typeof Superstep>
export const ThreadCreate = Type.Object({
  thread_id: Maybe(Uuid),
  metadata: Maybe(JsonObject),
  if_exists: Maybe(Literals(['raise', 'do_nothing'])),
  ttl: Maybe(Ttl),
  supersteps: Maybe(Type.Array(Superstep, { maxItems: 10_000 })),
})
export type ThreadCreate = Static<typeof ThreadCreate>

/** A null `ttl` lets the thread stay for ever. */
export const ThreadPatch = Type.Object({ metadata: Maybe(JsonObject), ttl: Maybe(Ttl) })
export type ThreadPatch = Static<typeof ThreadPatch>

/** Only the JavaScript SDK's `patchState` sends it; the metadata is the thread's (§1.3). */
export const StatePatch = Type.Object({ metadata: Maybe(JsonObject) })

export const PRUNE_STRATEGIES = ['delete', 'keep_latest'] as const
export const ThreadPrune = Type.Object({ thread_ids: Type.Array(Uuid, { maxItems: 1000 }), strategy: Maybe(Literals(PRUNE_STRATEGIES)) })
export type ThreadPrune = Static<typeof ThreadPrune>

/** What is stored of a thread. Values that checkpoints have alike count once; `shared_bytes` is what it has from the thread it was copied from. */
export interface ThreadStorageFigures {
  thread_id: string
  total_bytes: number
  checkpoints: { count: number, bytes: number }
  channel_values: { count: number, bytes: number, by_channel: Record<string, { versions: number, bytes: number }> }
  pending_writes: { count: number, bytes: number }
  shared_bytes: number
}

export const THREAD_SORTS = ['thread_id', 'status', 'created_at', 'updated_at', 'state_updated_at'] as const
/** `context` is a name that clients may give, and no thread has. */
export const THREAD_FIELDS = ['thread_id', 'created_at', 'updated_at', 'state_updated_at', 'metadata', 'config', 'context', 'status', 'values', 'interrupts', 'error'] as const
export type ThreadField = (typeof THREAD_FIELDS)[number]

export const ThreadFilter = Type.Object({
  ids: Maybe(Type.Array(Uuid)),
  metadata: Maybe(JsonObject),
  values: Maybe(JsonObject),
  status: Maybe(Literals(THREAD_STATUSES)),
})
export type ThreadFilter = Static<typeof ThreadFilter>

/** Alias → path into a thread (§1.3): keys after dots, places in lists in brackets, `[-1]` from the end. */
export const EXTRACT_PATH = '^(?:values|metadata|config|interrupts)(?:\\.[^.\\[\\]\\u0000]+|\\[-?\\d{1,9}\\])+$'
const Extract = Type.Unsafe<Record<string, string>>({ type: 'object', maxProperties: 10, additionalProperties: { type: 'string', maxLength: 1000, pattern: EXTRACT_PATH } })

export const ThreadSearch = Type.Object({
  ...ThreadFilter.properties,
  limit: Limit(10),
  offset: Offset,
  sort_by: Maybe(Literals(THREAD_SORTS)),
  sort_order: SortOrder,
  select: Maybe(Type.Array(Literals(THREAD_FIELDS))),
  extract: Maybe(Extract),
})
export type ThreadSearch = Static<typeof ThreadSearch>

export const StateUpdate = Type.Object({
  values: Type.Optional(Type.Unknown()),
  as_node: Maybe(Type.String()),
  checkpoint: Maybe(Checkpoint),
  checkpoint_id: Maybe(CheckpointId),
})
export type StateUpdate = Static<typeof StateUpdate>

export const STATE_FIELDS = ['values', 'next', 'tasks', 'metadata', 'created_at', 'checkpoint', 'parent_checkpoint', 'interrupts', 'checkpoint_id', 'parent_checkpoint_id'] as const
/** A field of a state, or `values.<key>` for one of its keys alone (§1.3). */
const StateField = Type.String({ maxLength: 500, pattern: `^(?:${STATE_FIELDS.join('|')}|values\\..+)$` })
const StateFields = Type.Array(StateField, { maxItems: 100 })

export const StateAt = Type.Object({ checkpoint: Checkpoint, subgraphs: Maybe(Type.Boolean()), select: Maybe(StateFields) })
export type StateAt = Static<typeof StateAt>

/** `before` is a checkpoint id, a checkpoint, or a config that holds one (§1.3). */
export const HistoryQuery = Type.Object({
  limit: Maybe(Type.Integer({ minimum: 1, maximum: 1000 })),
  before: Type.Optional(Type.Unknown()),
  metadata: Maybe(JsonObject),
  checkpoint: Maybe(Checkpoint),
  select: Maybe(StateFields),
})
export type HistoryQuery = Static<typeof HistoryQuery>
