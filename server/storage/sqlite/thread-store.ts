import type { Database } from 'better-sqlite3'
import type { ThreadTtl } from '../../contract/thread.ts'
import { expiryOf } from '../../domain/thread-ttl.ts'
import type { Page, Sort, ThreadQuery, ThreadRow, ThreadStore } from '../storage.ts'
import { fromJson, toJson } from './json.ts'
import type { ThreadRemover } from './remove-threads.ts'
import type { Segments } from './segments.ts'
import { createThreadCounts } from './thread-counts.ts'
import { createThreadFigures } from './thread-figures.ts'
import { createThreadSearch } from './thread-search.ts'
import type { WriteQueue } from './write-queue.ts'

export interface RawThread extends Omit<ThreadRow, 'metadata' | 'config' | 'interrupts' | 'ttl'> {
  metadata: string
  config: string
  interrupts: string
  ttl_minutes: number | null
  ttl_strategy: ThreadTtl['strategy'] | null
  expires_at: number | null
}

export const parseThread = (raw: RawThread): ThreadRow => ({
  thread_id: raw.thread_id, title: raw.title, status: raw.status, error: raw.error,
  metadata: fromJson(raw.metadata), config: fromJson(raw.config), interrupts: fromJson(raw.interrupts),
  created_at: raw.created_at, updated_at: raw.updated_at, state_updated_at: raw.state_updated_at,
  ttl: raw.ttl_minutes && raw.ttl_strategy ? { strategy: raw.ttl_strategy, ttl_minutes: raw.ttl_minutes } : null,
})
export const flattenThread = ({ ttl, ...row }: ThreadRow): RawThread => ({
  ...row, metadata: toJson(row.metadata), config: toJson(row.config), interrupts: toJson(row.interrupts),
  ttl_minutes: ttl?.ttl_minutes ?? null, ttl_strategy: ttl?.strategy ?? null, expires_at: row.status === 'busy' ? null : expiryOf({ ttl, updated_at: row.updated_at }),
})

export const INSERT_THREAD = `INSERT INTO threads (thread_id, title, status, metadata, config, interrupts, error, created_at, updated_at, state_updated_at, ttl_minutes, ttl_strategy, expires_at, temporary)
  VALUES (@thread_id, @title, @status, @metadata, @config, @interrupts, @error, @created_at, @updated_at, @state_updated_at, @ttl_minutes, @ttl_strategy, @expires_at, @temporary) ON CONFLICT DO NOTHING`
export const UPDATE_THREAD = `UPDATE threads SET title = @title, status = @status, metadata = @metadata, config = @config, interrupts = @interrupts,
  error = @error, updated_at = @updated_at, state_updated_at = @state_updated_at, ttl_minutes = @ttl_minutes, ttl_strategy = @ttl_strategy, expires_at = @expires_at WHERE thread_id = @thread_id`

export interface ThreadStoreParts { readonly segments: Segments, readonly remover: ThreadRemover }

export function createThreadStore(db: Database, { write, durable }: WriteQueue, { segments, remover }: ThreadStoreParts): Omit<ThreadStore, 'hasExpired' | 'expire'> {
  const byId = db.prepare<[string], RawThread>('SELECT * FROM threads WHERE thread_id = ?')
  const insert = db.prepare(INSERT_THREAD)
  const update = db.prepare(UPDATE_THREAD)
  const byRowid = db.prepare<[number], RawThread>('SELECT * FROM threads WHERE rowid = ?')
  const idOf = db.prepare<[number], string>('SELECT thread_id FROM threads WHERE rowid = ?').pluck()
  const { find } = createThreadSearch(db)

  function search(query: ThreadQuery, sort: Sort, page: Page | null): { rows: ThreadRow[], total: number } {
    const { rowids, total } = find(query, sort, page)
    return { total, rows: rowids.map((rowid) => parseThread(byRowid.get(rowid)!)) }
  }

  const ids = (query: ThreadQuery, sort: Sort) => find(query, sort, null).rowids.map((rowid) => idOf.get(rowid)!)

  async function whenFree<T>(id: string, work: () => T): Promise<T> {
    const result = await remover.whenFree(id, work)
    await durable()
    return result
  }

  return {
    insert: (thread) => whenFree(thread.thread_id, () => insert.run({ ...flattenThread(thread), temporary: 0 }).changes > 0),
    whenFree: (id) => remover.whenFree(id, () => {}),
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
    delete: (id) => write(() => remover.remove(id)),
    search,
    ids,
    counts: createThreadCounts(db, segments),
    storage: createThreadFigures(db, segments),
    copy: (from, to) => whenFree(to.thread_id, () => {
      if (!byId.get(from)) return false
      insert.run({ ...flattenThread(to), temporary: 0 })
      segments.share(from, to.thread_id)
      return true
    }),
    idsOfAssistant: (assistant_id) => ids({ metadata: { assistant_id } }, { by: 'created_at', descending: false }),
  }
}
