import type { Database } from 'better-sqlite3'
import { keepThreadIndex } from './thread-index.ts'

/** Pages given back in one step: each is moved from the end of the file. */
const STEP = 64
const LEAST_BYTES = 4 * 1024 * 1024
const MANY_BYTES = 64 * 1024 * 1024
const INCREMENTAL = 2

/**
 * Gives free pages back to the disk when a fifth of the file or 64 MB of it are free; below that they are kept to be used
 * again. One step inside a write; false when there is nothing to do, as always in a file that was made before this was
 * possible: {@link compact} changes that.
 */
export function createSpaceKeeper(db: Database): () => boolean {
  const isIncremental = db.pragma('auto_vacuum', { simple: true }) === INCREMENTAL
  const pageSize = db.pragma('page_size', { simple: true }) as number
  const freePages = () => db.pragma('freelist_count', { simple: true }) as number
  let isShrinking = false

  return () => {
    if (!isIncremental) return false
    const pages = freePages()
    const free = pages * pageSize
    const limit = Math.min(MANY_BYTES, Math.max(LEAST_BYTES, (db.pragma('page_count', { simple: true }) as number) * pageSize / 5))
    // Once begun it goes on to half of that: not a page at a time, back and forth.
    isShrinking = free > (isShrinking ? limit / 2 : limit)
    if (isShrinking) db.pragma(`incremental_vacuum(${STEP})`)
    return freePages() < pages
  }
}

/** Rewrites the whole file without free pages, and lets it shrink by itself from then on. Nobody else may have it open; needs as much free disk as the file is large. */
export function compact(db: Database): void {
  db.pragma('auto_vacuum = INCREMENTAL')
  db.exec('VACUUM')
  // VACUUM may number the threads anew: better now than at the next start.
  keepThreadIndex(db)
  db.pragma('wal_checkpoint(TRUNCATE)')
}
