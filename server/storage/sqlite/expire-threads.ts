import type { Database } from 'better-sqlite3'
import type { ExpiredThread, ThreadStore } from '../storage.ts'
import type { LatestKeeper } from './keep-latest.ts'
import type { ThreadRemover } from './remove-threads.ts'
import type { WriteQueue } from './write-queue.ts'

/** Threads that go in one write: some milliseconds. */
const SLICE = 20

interface Due { readonly thread_id: string, readonly ttl_strategy: 'delete' | 'keep_latest' }
interface Parts { readonly remover: ThreadRemover, readonly keepLatest: LatestKeeper }

/** What becomes of threads whose time is over. Which these are is looked up where it is done: one that was touched meanwhile stays. */
export function createThreadExpiry(db: Database, { write }: WriteQueue, { remover, keepLatest }: Parts): Pick<ThreadStore, 'hasExpired' | 'expire'> {
  const due = db.prepare<[number, number], Due>('SELECT thread_id, ttl_strategy FROM threads WHERE expires_at <= ? ORDER BY expires_at LIMIT ?')
  const rest = db.prepare('UPDATE threads SET expires_at = NULL WHERE thread_id = ?')

  function end({ thread_id, ttl_strategy }: Due): ExpiredThread {
    if (ttl_strategy === 'delete') return { thread_id, deleted: remover.remove(thread_id) }
    keepLatest(thread_id)
    // Until somebody touches it again there is nothing more to prune.
    rest.run(thread_id)
    return { thread_id, deleted: null }
  }

  return {
    hasExpired: (now) => due.get(now, 1) !== undefined,
    expire: (now) => write(() => due.all(now, SLICE).map(end)),
  }
}
