import type { Database } from 'better-sqlite3'
import { isBusy, storageFailure } from './storage-failure.ts'

interface Job { work: () => unknown, resolve: (value: unknown) => void, reject: (error: unknown) => void }

export interface WriteQueue {
  /**
   * Runs `work` in the next group's transaction. Resolves with its result once that transaction is durable; rejects with
   * `storage_full`, `storage_busy` or `storage_failed` when the file or its disk is the reason why it is not.
   */
  write<T>(work: () => T): Promise<T>
  /** Commits what waits; resolves when nothing does. */
  drain(): Promise<void>
}

export interface WriteQueueOptions {
  /** Milliseconds that a write waits for another program to let go of the file. */
  readonly patienceMs?: number
}

const PATIENCE_MS = 5000
const FIRST_WAIT_MS = 5
const LONGEST_WAIT_MS = 100

/**
 * Group commit: all writes asked for in one turn of the event loop share one transaction, so one fsync serves
 * them all. Each job stands in a savepoint: one that throws takes only itself back. Jobs run in the order asked.
 * While another program holds the file the jobs wait in line and the event loop goes on.
 */
export function createWriteQueue(db: Database, { patienceMs = PATIENCE_MS }: WriteQueueOptions = {}): WriteQueue {
  let waiting: Job[] = []
  /** Since when the file is held by somebody else; null when it is not. */
  let heldSince: number | null = null
  let retries = 0
  let whenEmpty: (() => void)[] = []
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const save = db.prepare('SAVEPOINT job')
  const release = db.prepare('RELEASE job')
  const undo = db.prepare('ROLLBACK TO job')
  const explain = (error: unknown) => storageFailure(error, db.name)

  function runJob(job: Job): () => void {
    save.run()
    try {
      const result = job.work()
      release.run()
      return () => job.resolve(result)
    } catch (error) {
      // A full disk or an I/O error may have taken the whole transaction back, savepoint and all.
      if (!db.inTransaction) throw error
      undo.run()
      release.run()
      return () => job.reject(explain(error))
    }
  }

  function flush(): void {
    if (waiting.length === 0) return
    try {
      begin.run()
    } catch (error) {
      if (isBusy(error) && mayWait()) return
      return rejectAll(takeGroup(), error)
    }
    const group = takeGroup()
    try {
      const settle = group.map(runJob)
      commit.run()
      for (const done of settle) done()
    } catch (error) {
      // The transaction itself failed: nothing of the group is durable, so nobody is told it is.
      rejectAll(group, error)
    }
    settleEmpty()
  }

  function takeGroup(): Job[] {
    const group = waiting
    waiting = []
    heldSince = null
    retries = 0
    return group
  }

  function mayWait(): boolean {
    heldSince ??= performance.now()
    if (performance.now() - heldSince >= patienceMs) return false
    setTimeout(flush, Math.min(FIRST_WAIT_MS * 2 ** retries++, LONGEST_WAIT_MS))
    return true
  }

  function rejectAll(group: readonly Job[], error: unknown): void {
    try {
      if (db.inTransaction) db.exec('ROLLBACK')
    } finally {
      for (const job of group) job.reject(explain(error))
      settleEmpty()
    }
  }

  function settleEmpty(): void {
    if (waiting.length > 0) return
    for (const resolve of whenEmpty) resolve()
    whenEmpty = []
  }

  return {
    write: <T>(work: () => T) => new Promise<T>((resolve, reject) => {
      if (waiting.push({ work, resolve: resolve as (value: unknown) => void, reject }) === 1) setImmediate(flush)
    }),
    drain: async () => {
      if (heldSince === null) flush()
      if (waiting.length > 0) await new Promise<void>((resolve) => whenEmpty.push(resolve))
    },
  }
}
