import { Type, type Static } from 'typebox'
import { CheckpointId, Limit, Literals, Maybe, Offset } from './common.ts'
import { RUN_STATUSES, type MultitaskStrategy, type RunFailure, type RunStatus } from './run.ts'
import { THREAD_STATUSES, type ThreadStatus } from './thread.ts'

/**
 * The small addition to the public wire that the Studio uses, under `/studio/api/*`; announced in `/info`
 * as `studio: {api, version}`.
 */
export const STUDIO_API_VERSION = 1

export interface LoadFailure { message: string, file?: string, line?: number, column?: number, stack?: string }

export interface Project {
  name: string
  folder: string
  config_path: string
  data_dir: string
  version: string
  graphs: { graph_id: string, description: string | null, path: string, error: LoadFailure | null }[]
  worker: {
    state: 'starting' | 'ready' | 'reloading' | 'failed' | 'stopped'
    generation: number
    pid: number | null
    node_version: string | null
    langgraph_version: string | null
    /** Milliseconds. */
    ready_ms: number | null
    error: LoadFailure | null
  }
  queue: { pending: number, running: number }
  /** `problem`: what is wrong with the database, and what to do. */
  storage: { bytes: number, problem: string | null }
}

export interface ThreadSummary {
  thread_id: string
  title: string | null
  status: ThreadStatus
  graph_id: string | null
  assistant_id: string | null
  created_at: string
  updated_at: string
  checkpoints: number
  branches: number
  /** Nodes that the newest checkpoint would run next. */
  waiting_at: string[]
  error: string | null
}

export interface ThreadNotice { thread_id: string, kind: 'created' | 'updated' | 'deleted', status: ThreadStatus | null }

export interface TimelineEntry {
  checkpoint_id: string
  checkpoint_ns: string
  parent_checkpoint_id: string | null
  run_id: string | null
  step: number
  source: string
  /** Names of the tasks that produced it. */
  nodes: string[]
  next: string[]
  created_at: string
  /** State keys that differ from the parent's. */
  changed: string[]
  /** Size of the state as stored JSON, in bytes. */
  bytes: number
  /** Interrupts that wait for an answer. */
  interrupts: number
  error: string | null
}

export interface Timeline {
  /** Oldest first. */
  checkpoints: TimelineEntry[]
  /** How many the namespace has in all. */
  total: number
  /** Whether there are more between the page and where it was to reach: the beginning, or `after`. */
  older: boolean
}

/**
 * The newest `limit` checkpoints; older ones with `before`, the oldest id one has. With `after`, the newest id one has: what
 * came since, and what was there already and may have changed.
 */
export const TimelineQuery = Type.Object({
  namespace: Type.Optional(Type.String({ maxLength: 4096 })),
  limit: Limit(1000),
  before: Type.Optional(CheckpointId),
  after: Type.Optional(CheckpointId),
})
export type TimelineQuery = Static<typeof TimelineQuery>

export const SummarySearch = Type.Object({
  query: Maybe(Type.String({ maxLength: 500 })),
  status: Maybe(Literals(THREAD_STATUSES)),
  graph_id: Maybe(Type.String()),
  limit: Limit(50),
  offset: Offset,
})
export type SummarySearch = Static<typeof SummarySearch>

export const SPAN_KINDS = ['graph', 'node', 'model', 'tool', 'retriever', 'chain'] as const

/** Something that happened inside a run: told by LangChain's callbacks. */
export interface TraceSpan {
  span_id: string
  /** Null of the run itself, and where what it was in is not kept. */
  parent_id: string | null
  name: string
  kind: (typeof SPAN_KINDS)[number]
  /** The node that it happened in. */
  node: string | null
  checkpoint_ns: string
  /** The superstep. */
  step: number | null
  /** Milliseconds since 1970, with fractions. */
  started_at: number
  ended_at: number
  /** An interrupt is none. */
  error: string | null
  model: string | null
  input_tokens: number | null
  output_tokens: number | null
}

/** Spans in the order in which they ended. */
export interface Trace { run: RunSummary, spans: TraceSpan[] }

/** Milliseconds of a node over the newest runs. */
export interface NodeLatency { node: string, count: number, p50: number, p95: number, p99: number }

/** A run as lists show it, without what it was asked to do. */
export interface RunSummary {
  run_id: string
  thread_id: string
  thread_title: string | null
  assistant_id: string
  graph_id: string
  status: RunStatus
  /** Counts from 1; 0 while it waits for its first. */
  attempt: number
  multitask_strategy: MultitaskStrategy
  /** Its thread goes with it. */
  stateless: boolean
  created_at: string
  /** When it may begin at the earliest, if later than it was made. */
  due_at: string | null
  started_at: string | null
  ended_at: string | null
  error: RunFailure | null
  cron_id: string | null
}

/** Newest first. `before` is `next` of the page before. */
export const RunQuery = Type.Object({
  status: Type.Optional(Literals(RUN_STATUSES)),
  graph_id: Type.Optional(Type.String({ maxLength: 500 })),
  cron_id: Type.Optional(Type.String({ maxLength: 100 })),
  before: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  limit: Limit(100),
})
export type RunQuery = Static<typeof RunQuery>

export interface RunPage {
  runs: RunSummary[]
  /** Null where there are no more. */
  next: number | null
  queue: {
    pending: number
    running: number
    workers: number
    /** Runs that the workers have at a time. */
    slots: number
    /** When the one that waits longest was made. */
    oldest_pending: string | null
  }
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const

export interface GraphLog {
  /** Counts up with each line since the server's start. */
  seq: number
  at: string
  stream: 'stdout' | 'stderr'
  level: typeof LOG_LEVELS[number]
  text: string
  run_id: string | null
  thread_id: string | null
  graph_id: string | null
  node: string | null
}

/** `level`: at least as grave. `after`: lines after that one, the oldest first; without it the newest. */
export const LogQuery = Type.Object({
  run_id: Type.Optional(Type.String()),
  thread_id: Type.Optional(Type.String()),
  graph_id: Type.Optional(Type.String()),
  node: Type.Optional(Type.String()),
  level: Type.Optional(Literals(LOG_LEVELS)),
  after: Type.Optional(Type.Integer({ minimum: 0 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
})
export type LogQuery = Static<typeof LogQuery>

export const TitlePatch = Type.Object({ title: Type.String({ maxLength: 500 }) })

/** A plain file name: a backup is written to the data directory's `backups` and nowhere else. */
export const BackupRequest = Type.Object({ path: Maybe(Type.String({ maxLength: 120, pattern: '^[A-Za-z0-9_-][A-Za-z0-9_.-]*$' })) })
export type BackupRequest = Static<typeof BackupRequest>
export interface Backup { path: string, bytes: number }
