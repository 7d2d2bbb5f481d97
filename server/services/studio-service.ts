import type { GraphLog, LogQuery, Project, SummarySearch, ThreadSummary, TimelineEntry } from '../contract/studio.ts'
import { nextOf, tasksOf } from '../domain/checkpoint-view.ts'
import { jsonView } from '../domain/json-view.ts'
import { stamp, type Clock } from '../engine/clock.ts'
import type { GraphRuntime } from '../engine/graph-worker.ts'
import type { LogRing } from '../engine/log-ring.ts'
import type { ThreadFeed } from '../engine/thread-feed.ts'
import { threadNotFound } from '../errors.ts'
import type { CheckpointRow, Storage, ThreadRow } from '../storage/storage.ts'

export interface ProjectFacts { name: string, folder: string, config_path: string, data_dir: string, version: string }

export interface StudioService {
  project(): Project
  search(body: SummarySearch): { total: number, threads: ThreadSummary[] }
  rename(threadId: string, title: string): Promise<ThreadSummary>
  /** What graphs printed, oldest first; `last` is the newest line's number, whatever the query. */
  logs(query: LogQuery): { last: number, logs: GraphLog[] }
  /** All checkpoints of a namespace without their values, oldest first. */
  timeline(threadId: string, namespace: string): { checkpoints: TimelineEntry[] }
}

export function createStudioService({ storage, runtime, facts, feed, logs, clock }: { logs: LogRing, storage: Storage, runtime: GraphRuntime, facts: ProjectFacts, feed: ThreadFeed, clock: Clock }): StudioService {
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
      return { ...facts, graphs: graphs.map((graph) => ({ ...graph })), worker, queue: storage.runs.counts(), storage: { bytes: storage.size() } }
    },
    search: ({ query, status, graph_id, limit, offset }) => {
      const { rows, total } = storage.threads.search({ text: query ?? null, status: status ?? null, graph_id: graph_id ?? null }, { by: 'updated_at', descending: true }, { limit: limit ?? 50, offset: offset ?? 0 })
      return { total, threads: rows.map(summary) }
    },
    logs: ({ limit, ...filter }) => ({ last: logs.last(), logs: logs.read(filter, limit ?? 100) }),
    rename: async (threadId, title) => {
      const row = await storage.threads.patch(threadId, (current) => ({ ...current, title: title.trim() || null, updated_at: current.updated_at }))
      if (!row) throw threadNotFound(threadId)
      feed.announce({ thread_id: threadId, kind: 'updated', status: row.status })
      return summary(row)
    },
    timeline: (threadId, namespace) => {
      if (!storage.threads.get(threadId)) throw threadNotFound(threadId)
      return { checkpoints: timelineOf(storage, threadId, namespace, stamp(clock)) }
    },
  }
}

function timelineOf(storage: Storage, threadId: string, namespace: string, now: string): TimelineEntry[] {
  const { checkpoints } = storage
  const rows = checkpoints.list(threadId, namespace, { before: null, limit: null, metadata: null }).toReversed()
  const byId = new Map(rows.map((row) => [row.checkpoint_id, row]))
  const parents = new Set(rows.map((row) => row.parent_checkpoint_id))
  const writes = Map.groupBy(checkpoints.marks(threadId, namespace), (mark) => mark.checkpoint_id)
  return rows.map((row) => {
    const parent = row.parent_checkpoint_id ? byId.get(row.parent_checkpoint_id) : undefined
    const tasks = tasksOf(row, writes.get(row.checkpoint_id) ?? [], checkpoints.piece)
    const failed = tasks.find((task) => task.error !== null)
    return {
      checkpoint_id: row.checkpoint_id, checkpoint_ns: row.checkpoint_ns, parent_checkpoint_id: row.parent_checkpoint_id, run_id: row.run_id,
      step: Number(row.metadata['step'] ?? 0), source: String(row.metadata['source'] ?? 'loop'),
      nodes: producersOf(row, parent),
      next: nextOf(row, tasks, !parents.has(row.checkpoint_id)), created_at: row.created_at || now, changed: changedKeys(row, parent),
      bytes: sizeOf(row), interrupts: tasks.reduce((sum, task) => sum + task.interrupts.length, 0),
      error: failed ? errorText(failed.error) : null,
    }
  })
}

/** A step's checkpoint was made by the tasks its parent named; an update's by the node it was made as. */
function producersOf(row: CheckpointRow, parent: CheckpointRow | undefined): string[] {
  const source = row.metadata['source']
  if (source === 'loop') return [...new Set(parent?.tasks?.map((task) => task.name) ?? parent?.next ?? [])]
  const writes = row.metadata['writes']
  return source === 'update' && typeof writes === 'object' && writes !== null ? Object.keys(writes) : []
}

const stateTexts = (row: CheckpointRow) => (row.root ? [row.root] : row.keys ?? Object.keys(row.channels)).flatMap((key) => {
  const text = row.overrides?.[key] ?? row.channels[key]
  return text === undefined ? [] : [[key, text] as const]
})

/** Equal content has equal stored text, so nothing needs to be read to compare. */
function changedKeys(row: CheckpointRow, parent: CheckpointRow | undefined): string[] {
  const before = new Map(parent ? stateTexts(parent) : [])
  const now = stateTexts(row)
  const gone = [...before.keys()].filter((key) => !now.some(([other]) => other === key))
  return [...now.filter(([key, text]) => before.get(key) !== text).map(([key]) => key), ...gone]
}

/** A piece's reference says how long it is. */
function sizeOf(row: CheckpointRow): number {
  return stateTexts(row).reduce((sum, [, text]) => sum + storedLength(text), 0)
}

function storedLength(text: string): number {
  const referred = Array.from(text.matchAll(/\{"\$":"p","h":"[\w-]+","n":(\d+)\}/g), (match) => Number(match[1]) - match[0].length)
  return referred.reduce((sum, extra) => sum + extra, text.length)
}

function errorText(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message)
  return typeof error === 'string' ? error : JSON.stringify(jsonView(JSON.stringify(error), () => 'null'))
}
