import type { Database } from 'better-sqlite3'
import { contains } from '../../domain/contains.ts'
import type { ThreadCounts, ThreadQuery, ThreadRow, ThreadStore } from '../storage.ts'
import { fromJson, likeText, toJson } from './json.ts'
import type { ThreadRemover } from './remove-threads.ts'
import type { Segments } from './segments.ts'
import { createThreadFigures } from './thread-figures.ts'
import type { WriteQueue } from './write-queue.ts'

export interface RawThread extends Omit<ThreadRow, 'metadata' | 'config' | 'interrupts'> { metadata: string, config: string, interrupts: string }

export const parseThread = (raw: RawThread): ThreadRow => ({
  thread_id: raw.thread_id, title: raw.title, status: raw.status, error: raw.error,
  metadata: fromJson(raw.metadata), config: fromJson(raw.config), interrupts: fromJson(raw.interrupts),
  created_at: raw.created_at, updated_at: raw.updated_at, state_updated_at: raw.state_updated_at,
})
export const flattenThread = (row: ThreadRow): RawThread => ({ ...row, metadata: toJson(row.metadata), config: toJson(row.config), interrupts: toJson(row.interrupts) })

const SORTS: Readonly<Record<string, string>> = { thread_id: 'thread_id', status: 'status', created_at: 'created_at', updated_at: 'updated_at', state_updated_at: 'state_updated_at' }
export const INSERT_THREAD = `INSERT INTO threads (thread_id, title, status, metadata, config, interrupts, error, created_at, updated_at, state_updated_at)
  VALUES (@thread_id, @title, @status, @metadata, @config, @interrupts, @error, @created_at, @updated_at, @state_updated_at) ON CONFLICT DO NOTHING`
export const UPDATE_THREAD = `UPDATE threads SET title = @title, status = @status, metadata = @metadata, config = @config, interrupts = @interrupts,
  error = @error, updated_at = @updated_at, state_updated_at = @state_updated_at WHERE thread_id = @thread_id`

export interface ThreadStoreParts { readonly segments: Segments, readonly remover: ThreadRemover }

export function createThreadStore(db: Database, { write }: WriteQueue, { segments, remover }: ThreadStoreParts): ThreadStore {
  const byId = db.prepare<[string], RawThread>('SELECT * FROM threads WHERE thread_id = ?')
  const insert = db.prepare(INSERT_THREAD)
  const update = db.prepare(UPDATE_THREAD)
  const activeRuns = db.prepare<[string], { run_id: string }>(`SELECT run_id FROM runs WHERE thread_id = ? AND status IN ('pending', 'running')`)
  const ofAssistant = db.prepare<[string], { thread_id: string }>(`SELECT thread_id FROM threads WHERE json_extract(metadata, '$.assistant_id') = ?`)
  // Branches: children beyond the first of any checkpoint, plus the trunk.
  const counts = db.prepare<unknown[], ThreadCounts>(`SELECT count(*) AS checkpoints, count(*) - count(DISTINCT coalesce(parent_checkpoint_id, '')) + 1 AS branches
    FROM json_each(@views) v JOIN checkpoints c ON c.segment = v.value ->> 'segment' AND c.checkpoint_ns = '' AND c.epoch <= v.value ->> 'upto'`)

  return {
    insert: (thread) => remover.whenFree(thread.thread_id, () => insert.run(flattenThread(thread)).changes > 0),
    get: (id) => {
      const raw = byId.get(id)
      return raw ? parseThread(raw) : null
    },
    patch: (id, change) => write(() => {
      const raw = byId.get(id)
      if (!raw) return null
      const next = change(parseThread(raw))
      update.run(flattenThread(next))
      return next
    }),
    delete: (id) => write(() => {
      const activeRunIds = activeRuns.all(id).map((row) => row.run_id)
      return remover.remove(id) ? { activeRunIds } : null
    }),
    search: (query, sort, page) => search(db, query, `${SORTS[sort.by] ?? 'created_at'} ${sort.descending ? 'DESC' : 'ASC'}`, page),
    counts: (id) => counts.get({ views: toJson(segments.viewsOf(id).map(({ segment, upto }) => ({ segment, upto }))) }) ?? { checkpoints: 0, branches: 0 },
    storage: createThreadFigures(db, segments),
    copy: (from, to) => remover.whenFree(to.thread_id, () => {
      if (!byId.get(from)) return false
      insert.run(flattenThread(to))
      segments.share(from, to.thread_id)
      return true
    }),
    idsOfAssistant: (id) => ofAssistant.all(id).map((row) => row.thread_id),
  }
}

/**
 * `graph_id` and `assistant_id` of a metadata filter, status, ids and text are SQL; other metadata keys are matched by
 * containment on the rows left, so that a key can never become part of a statement.
 */
function search(db: Database, query: ThreadQuery, order: string, page: { limit: number, offset: number } | null) {
  const graph = query.graph_id ?? (typeof query.metadata?.['graph_id'] === 'string' ? query.metadata['graph_id'] : null)
  const where = [
    ...(query.status ? ['status = @status'] : []),
    ...(graph !== null ? [`json_extract(metadata, '$.graph_id') = @graph`] : []),
    ...(query.ids ? ['thread_id IN (SELECT value FROM json_each(@ids))'] : []),
    ...(query.text ? [`(title LIKE @text ESCAPE '\\' OR thread_id LIKE @text ESCAPE '\\')`] : []),
  ]
  const params = { status: query.status ?? null, graph, ids: toJson(query.ids ?? []), text: query.text ? likeText(query.text) : null }
  const condition = where.length ? `WHERE ${where.join(' AND ')}` : ''
  const others = Object.entries(query.metadata ?? {}).some(([key, value]) => key !== 'graph_id' || typeof value !== 'string')
  const select = `SELECT * FROM threads ${condition} ORDER BY ${order}, thread_id`
  if (others) {
    const rows = db.prepare<unknown[], RawThread>(select).all(params).map(parseThread).filter((row) => contains(row.metadata, query.metadata))
    return { total: rows.length, rows: page ? rows.slice(page.offset, page.offset + page.limit) : rows }
  }
  const total = db.prepare<unknown[], { n: number }>(`SELECT count(*) AS n FROM threads ${condition}`).get(params)!.n
  const rows = db.prepare<unknown[], RawThread>(`${select}${page ? ' LIMIT @limit OFFSET @offset' : ''}`).all({ ...params, ...page }).map(parseThread)
  return { total, rows }
}
