import type { JsonObject } from '../contract/common.ts'
import type { Superstep, Thread, ThreadCreate, ThreadField, ThreadFilter, ThreadPatch, ThreadPrune, ThreadSearch, ThreadStorageFigures, ThreadTtl } from '../contract/thread.ts'
import { contains } from '../domain/contains.ts'
import { extractPath, parsePath } from '../domain/extract-path.ts'
import { expiryOf, ttlOf } from '../domain/thread-ttl.ts'
import { uuid7 } from '../domain/uuid7.ts'
import { stamp, type Clock } from '../engine/clock.ts'
import type { ThreadFeed } from '../engine/thread-feed.ts'
import { PlatformError, threadNotFound } from '../errors.ts'
import type { DeletedThread, Storage, ThreadRow } from '../storage/storage.ts'
import { mapInTurns } from './in-turns.ts'
import { selectFields } from './select-fields.ts'
import type { StateService } from './state-service.ts'

export interface ThreadService {
  create(body: ThreadCreate): Promise<Thread>
  /** `withTtl` adds how long it stays. */
  get(threadId: string, withTtl?: boolean): Thread
  patch(threadId: string, body: ThreadPatch): Promise<Thread>
  delete(threadId: string): Promise<void>
  search(body: ThreadSearch): Promise<{ items: Partial<Thread>[], total: number }>
  count(body: ThreadFilter): Promise<number>
  copy(threadId: string): Promise<Thread>
  /** Threads that do not exist are passed over, and with `keep_latest` those that have a run. */
  prune(body: ThreadPrune): Promise<{ pruned_count: number }>
  storage(threadId: string): Promise<ThreadStorageFigures>
  /** Whether a thread's time is over. */
  hasExpired(): boolean
  /** Deletes or prunes every thread whose time is over. */
  expire(): Promise<void>
}

interface Parts { storage: Storage, states: StateService, feed: ThreadFeed, clock: Clock, ttl: ThreadTtl | null, stopRunsOf: (threadId: string) => Promise<void>, dropRun: (runId: string) => void }

export const newThread = (thread_id: string, now: string, { metadata = {}, ttl }: { metadata?: JsonObject, ttl: ThreadTtl | null }): ThreadRow =>
  ({ thread_id, title: null, status: 'idle', metadata, config: {}, interrupts: {}, error: null, created_at: now, updated_at: now, state_updated_at: now, ttl })

export function createThreadService({ storage, states, feed, clock, ttl: defaultTtl, stopRunsOf, dropRun }: Parts): ThreadService {
  const { threads } = storage

  /** Values are read only for those who want them: they are the heavy part. */
  function present(row: ThreadRow, fields?: readonly ThreadField[] | null): Thread {
    const { title: _title, ttl: _ttl, ...thread } = row
    return { ...thread, values: !fields?.length || fields.includes('values') ? states.values(row.thread_id) : null }
  }

  /** A thread as a search tells it: the fields that are asked for, and what was extracted beside them. */
  function presentFound(row: ThreadRow, { select, extract }: Pick<ThreadSearch, 'select' | 'extract'>): Partial<Thread> {
    const thread = selectFields([present(row, select)], select)[0]!
    return extract ? { ...thread, extracted: extractFrom(row, extract) } : thread
  }

  function extractFrom(row: ThreadRow, extract: Record<string, string>): Record<string, unknown> {
    const paths = Object.entries(extract).map(([alias, path]) => [alias, parsePath(path)!] as const)
    const keys = new Set(paths.filter(([, [field]]) => field === 'values').map(([, [, key]]) => String(key)))
    const source = { ...row, values: keys.size > 0 ? states.values(row.thread_id, keys) : null }
    return Object.fromEntries(paths.map(([alias, path]) => [alias, extractPath(source, path)]))
  }

  function requireRow(threadId: string): ThreadRow {
    const row = threads.get(threadId)
    if (!row) throw threadNotFound(threadId)
    return row
  }

  /** A filter by values reads the state of every thread that the rest leaves: values have no index. */
  async function find(body: ThreadFilter & Partial<ThreadSearch>, page: { limit: number, offset: number }) {
    const sort = { by: body.sort_by ?? 'created_at', descending: body.sort_order !== 'asc' }
    if (!body.values || Object.keys(body.values).length === 0) return threads.search(body, sort, page)
    const ids = threads.ids(body, sort)
    const matches = await mapInTurns(ids, (id) => contains(states.values(id), body.values))
    const found = ids.filter((_, i) => matches[i])
    return { total: found.length, rows: found.slice(page.offset, page.offset + page.limit).flatMap((id) => threads.get(id) ?? []) }
  }

  async function create(body: ThreadCreate): Promise<Thread> {
    const row = newThread(body.thread_id ?? uuid7(clock.now()), stamp(clock), { metadata: body.metadata ?? {}, ttl: ttlOf(body.ttl ?? null) ?? defaultTtl })
    if (!await threads.insert(row)) {
      if (body.if_exists === 'do_nothing') return present(requireRow(row.thread_id))
      throw new PlatformError('thread_exists', `Thread ${row.thread_id} already exists. Pass if_exists: "do_nothing" to get it instead.`)
    }
    feed.announce({ thread_id: row.thread_id, kind: 'created', status: row.status })
    if (body.supersteps?.length) await applyOrRemove(row.thread_id, body.supersteps)
    return present(requireRow(row.thread_id))
  }

  /** A thread whose supersteps are refused is not there. */
  async function applyOrRemove(threadId: string, supersteps: readonly Superstep[]): Promise<void> {
    try {
      await states.apply(threadId, supersteps)
    } catch (error) {
      await remove(threadId)
      throw error
    }
  }

  async function remove(threadId: string): Promise<void> {
    requireRow(threadId)
    await stopRunsOf(threadId)
    // A stateless run takes its thread along when it stops; others may have been accepted meanwhile.
    tellDeleted(threadId, await threads.delete(threadId))
  }

  function tellDeleted(threadId: string, deleted: DeletedThread | null): void {
    for (const runId of deleted?.activeRunIds ?? []) dropRun(runId)
    feed.announce({ thread_id: threadId, kind: 'deleted', status: null })
  }

  async function prune({ thread_ids, strategy }: ThreadPrune): Promise<{ pruned_count: number }> {
    let pruned_count = 0
    for (const id of new Set(thread_ids)) {
      if (!threads.get(id)) continue
      if (strategy !== 'keep_latest') await remove(id)
      else if (!await storage.checkpoints.keepLatest(id)) continue
      pruned_count++
    }
    return { pruned_count }
  }

  const hasExpired = () => threads.hasExpired(clock.now())

  async function expire(): Promise<void> {
    while (hasExpired())
      for (const { thread_id, deleted } of await threads.expire(clock.now())) {
        if (deleted) tellDeleted(thread_id, deleted)
        else feed.announce({ thread_id, kind: 'updated', status: threads.get(thread_id)?.status ?? null })
      }
  }

  async function storageOf(thread_id: string): Promise<ThreadStorageFigures> {
    requireRow(thread_id)
    const figures = await threads.storage(thread_id)
    return { thread_id, total_bytes: figures.checkpoints.bytes + figures.channel_values.bytes + figures.pending_writes.bytes, ...figures }
  }

  return {
    create,
    get: (threadId, withTtl = false) => {
      const row = requireRow(threadId)
      return withTtl ? { ...present(row), ttl: presentTtl(row) } : present(row)
    },
    patch: async (threadId, { metadata, ttl }) => {
      const row = await threads.patch(threadId, (current) => ({ ...current, metadata: { ...current.metadata, ...metadata }, updated_at: stamp(clock), ttl: ttl === undefined ? current.ttl : ttlOf(ttl) }))
      if (!row) throw threadNotFound(threadId)
      feed.announce({ thread_id: threadId, kind: 'updated', status: row.status })
      return present(row)
    },
    delete: remove,
    prune,
    storage: storageOf,
    hasExpired, expire,
    search: async (body) => {
      const { rows, total } = await find(body, { limit: body.limit ?? 10, offset: body.offset ?? 0 })
      return { total, items: await mapInTurns(rows, (row) => presentFound(row, body)) }
    },
    count: async (body) => (await find(body, { limit: 1, offset: 0 })).total,
    copy: async (threadId) => {
      const source = requireRow(threadId)
      const now = stamp(clock)
      const copy: ThreadRow = { ...source, thread_id: uuid7(clock.now()), status: source.status === 'busy' ? 'idle' : source.status, created_at: now, updated_at: now, state_updated_at: now }
      if (!await threads.copy(threadId, copy)) throw threadNotFound(threadId)
      feed.announce({ thread_id: copy.thread_id, kind: 'created', status: copy.status })
      return present(copy)
    },
  }
}

function presentTtl(row: ThreadRow): NonNullable<Thread['ttl']> | null {
  const at = expiryOf(row)
  return row.ttl && at !== null ? { ...row.ttl, expires_at: new Date(at).toISOString() } : null
}
