import { Type, type Static } from 'typebox'
import { AssistantRef, JsonObject, Limit, Literals, Maybe, Offset, SortOrder, Uuid } from './common.ts'
import { RunCreate } from './run.ts'

export const ON_RUN_COMPLETED = ['delete', 'keep'] as const
export type OnRunCompleted = (typeof ON_RUN_COMPLETED)[number]

/** Wire reference §1.5. */
export interface Cron {
  cron_id: string
  assistant_id: string
  /** Null: each due time makes a thread of its own. */
  thread_id: string | null
  schedule: string
  /** Null for UTC. */
  timezone: string | null
  end_time: string | null
  enabled: boolean
  /** What becomes of a thread that was made for a run; null where the cron has its thread. */
  on_run_completed: OnRunCompleted | null
  /** The body that its runs are made of. */
  payload: RunCreate
  metadata: JsonObject
  /** Null when no run will come: disabled, or over. */
  next_run_date: string | null
  /** Why the last due time made no run; null when it did. */
  error: string | null
  /** Who made it, and as whom its runs run; null where the project has no auth code. */
  user_id: string | null
  created_at: string
  updated_at: string
}

/** What of a run's creation a cron may say. */
export const CRON_PAYLOAD_FIELDS = [
  'input', 'config', 'context', 'webhook', 'interrupt_before', 'interrupt_after', 'multitask_strategy',
  'stream_mode', 'stream_subgraphs', 'stream_resumable', 'durability', 'checkpoint_during',
] as const
export type CronPayload = Pick<RunCreate, (typeof CRON_PAYLOAD_FIELDS)[number]>

/** Five fields, or a name like `@daily`; the rest is for `domain/cron-times.ts` to say. */
const Schedule = Type.String({ minLength: 1, maxLength: 1000 })
const Payload = Type.Pick(RunCreate, [...CRON_PAYLOAD_FIELDS])
const Times = {
  timezone: Maybe(Type.String({ minLength: 1, maxLength: 255 })),
  /** Without an offset it is UTC. */
  end_time: Maybe(Type.String({ format: 'iso-date-time' })),
  enabled: Maybe(Type.Boolean()),
}

export const CronCreate = Type.Object({
  ...Payload.properties,
  ...Times,
  schedule: Schedule,
  assistant_id: AssistantRef,
  metadata: Maybe(JsonObject),
  on_run_completed: Maybe(Literals(ON_RUN_COMPLETED)),
})
export type CronCreate = Static<typeof CronCreate>

/** Null takes a time zone, an end and what is said of the run away, and leaves everything else as it is; metadata is merged. */
export const CronPatch = Type.Object({ ...CronCreate.properties, schedule: Maybe(Schedule), assistant_id: Maybe(AssistantRef) })
export type CronPatch = Static<typeof CronPatch>

export const CRON_SORTS = ['cron_id', 'assistant_id', 'thread_id', 'next_run_date', 'end_time', 'created_at', 'updated_at'] as const
/** `now` is a name that clients have for a column of another server's; nothing is shown for it. */
export const CRON_FIELDS = [
  'cron_id', 'assistant_id', 'thread_id', 'schedule', 'timezone', 'end_time', 'enabled', 'on_run_completed', 'payload', 'metadata',
  'next_run_date', 'error', 'user_id', 'created_at', 'updated_at', 'now',
] as const

export const CronFilter = Type.Object({
  assistant_id: Maybe(AssistantRef),
  thread_id: Maybe(Uuid),
  enabled: Maybe(Type.Boolean()),
  metadata: Maybe(JsonObject),
})
export type CronFilter = Static<typeof CronFilter>

export const CronSearch = Type.Object({
  ...CronFilter.properties,
  limit: Limit(10),
  offset: Offset,
  sort_by: Maybe(Literals(CRON_SORTS)),
  sort_order: SortOrder,
  select: Maybe(Type.Array(Literals(CRON_FIELDS))),
})
export type CronSearch = Static<typeof CronSearch>
