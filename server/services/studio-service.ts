import type { GraphLog, LogQuery, NodeLatency, Project, RunPage, RunQuery, RunSummary, SummarySearch, ThreadSummary, Timeline, TimelineQuery, Trace } from '../contract/studio.ts'
import { percentiles } from '../domain/percentiles.ts'
import { nextOf, tasksOf } from '../domain/checkpoint-view.ts'
import type { GraphRuntime } from '../engine/graph-worker.ts'
import type { LogRing } from '../engine/log-ring.ts'
import type { ThreadFeed } from '../engine/thread-feed.ts'
import { runNotFound, threadNotFound, PlatformError } from '../errors.ts'
import type { ListedRun, Storage, ThreadRow } from '../storage/storage.ts'
import { createTimeline } from './timeline-service.ts'

const NEWEST_SPANS = 5_000

export interface ProjectFacts { name: string, folder: string, config_path: string, data_dir: string, version: string }

export interface StudioService {
  project(): Project
  search(body: SummarySearch): { total: number, threads: ThreadSummary[] }
  runs(query: RunQuery): RunPage
  trace(runId: string): Trace
  /** JSON text of what went into a span and came out. */
  spanPayload(runId: string, spanId: string): string
  /** Of the newest runs, the slowest node first. */
  latency(graphId: string): NodeLatency[]
  rename(threadId: string, title: string): Promise<ThreadSummary>
  timeline(threadId: string, query: TimelineQuery): Timeline
  /** What graphs printed, oldest first; `last` is the newest line's number, whatever the query. */
  logs(query: LogQuery): { last: number, logs: GraphLog[] }
}

export function createStudioService({ storage, runtime, facts, feed, logs }: { logs: LogRing, storage: Storage, runtime: GraphRuntime, facts: ProjectFacts, feed: ThreadFeed }): StudioService {
  function summary(row: ThreadRow): ThreadSummary {
    const newest = storage.checkpoints.get(row.thread_id, '', null)
    const tasks = newest && tasksOf(newest, storage.checkpoints.writes(row.thread_id, '', newest.checkpoint_id), storage.checkpoints.piece)
    const text = (value: unknown) => typeof value === 'string' ? value : null
    return {
      thread_id: row.thread_id, title: row.title, status: row.status, error: row.error, created_at: row.created_at, updated_at: row.updated_at,
      graph_id: text(row.metadata['graph_id']), assistant_id: text(row.metadata['assistant_id']),
      ...storage.threads.counts(row.thread_id),
      waiting_at: newest && row.status === 'interrupted' ? nextOf(newest, tasks ?? [], true) : [],
    }
  }

  return {
    project: () => {
      const { graphs, ...worker } = runtime.status()
      return { ...facts, graphs: graphs.map((graph) => ({ ...graph })), worker, queue: storage.runs.counts(), storage: { bytes: storage.size(), problem: storage.problem() } }
    },
    search: ({ query, status, graph_id, limit, offset }) => {
      const { rows, total } = storage.threads.search({ text: query ?? null, status: status ?? null, graph_id: graph_id ?? null }, { by: 'updated_at', descending: true }, { limit: limit ?? 50, offset: offset ?? 0 })
      return { total, threads: rows.map(summary) }
    },
    logs: ({ limit, ...filter }) => ({ last: logs.last(), logs: logs.read(filter, limit ?? 100) }),
    runs: ({ limit = 100, status, graph_id, cron_id, before }) => {
      const found = storage.runs.listAll({ status: status ?? null, graphId: graph_id ?? null, cronId: cron_id ?? null, before: before ?? null }, limit)
      const queue = { ...storage.runs.counts(), ...runtime.size(), oldest_pending: storage.runs.oldestPending() }
      return { runs: found.map(summaryOf), next: found.length < limit ? null : found.at(-1)!.seq, queue }
    },
    trace: (runId) => {
      const run = storage.runs.get(runId)
      if (!run) throw runNotFound(runId)
      return { run: summaryOf({ ...run, thread_title: storage.threads.get(run.thread_id)?.title ?? null }), spans: storage.spans.list(runId) }
    },
    spanPayload: (runId, spanId) => {
      const payload = storage.spans.payload(runId, spanId)
      if (payload === null) throw new PlatformError('not_found', `Nothing is kept of what went into span ${spanId} of run ${runId}, or came out.`)
      return payload
    },
    latency: (graphId) => {
      const byNode = Map.groupBy(storage.spans.nodeTimes(graphId, NEWEST_SPANS), ({ node }) => node)
      return [...byNode].map(([node, times]) => ({ node, count: times.length, ...percentiles(times.map(({ ms }) => ms))! })).toSorted((a, b) => b.p95 - a.p95)
    },
    rename: async (threadId, title) => {
      const row = await storage.threads.patch(threadId, (current) => ({ ...current, title: title.trim() || null, updated_at: current.updated_at }))
      if (!row) throw threadNotFound(threadId)
      feed.announce({ thread_id: threadId, kind: 'updated', status: row.status })
      return summary(row)
    },
    timeline: createTimeline(storage),
  }
}

function summaryOf({ run_id, thread_id, thread_title, assistant_id, graph_id, status, cancel, attempt, multitask_strategy, temporary, created_at, due_at, started_at, ended_at, error, metadata }: Omit<ListedRun, 'seq'>): RunSummary {
  const { cron_id } = metadata
  return {
    run_id, thread_id, thread_title, assistant_id, graph_id, status: status === 'running' && cancel ? 'interrupted' : status, attempt, multitask_strategy, stateless: temporary,
    created_at, due_at: due_at > Date.parse(created_at) ? new Date(due_at).toISOString() : null, started_at, ended_at, error, cron_id: typeof cron_id === 'string' ? cron_id : null,
  }
}
