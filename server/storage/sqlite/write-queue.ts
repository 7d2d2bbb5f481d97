import type { Database } from 'better-sqlite3'

interface Job { work: () => unknown, resolve: (value: unknown) => void, reject: (error: unknown) => void }

export interface WriteQueue {
  /** Runs `work` in the next group's transaction. Resolves with its result once that transaction is durable. */
  write<T>(work: () => T): Promise<T>
  /** Commits what waits. */
  flush(): void
}

/**
 * Group commit: all writes asked for in one turn of the event loop share one transaction, so one fsync serves
 * them all. Each job stands in a savepoint: one that throws takes only itself back. Jobs run in the order asked.
 */
export function createWriteQueue(db: Database): WriteQueue {
  let waiting: Job[] = []
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const save = db.prepare('SAVEPOINT job')
  const release = db.prepare('RELEASE job')
  const undo = db.prepare('ROLLBACK TO job')

  function runJob(job: Job): () => void {
    save.run()
    try {
      const result = job.work()
      release.run()
      return () => job.resolve(result)
    } catch (error) {
      undo.run()
      release.run()
      return () => job.reject(error)
    }
  }

  function flush(): void {
    if (waiting.length === 0) return
    const group = waiting
    waiting = []
    try {
      begin.run()
      const settle = group.map(runJob)
      commit.run()
      for (const done of settle) done()
    } catch (error) {
      // The transaction itself failed (disk full, I/O): nothing of the group is durable, so nobody is told it is.
      try {
        if (db.inTransaction) db.exec('ROLLBACK')
      } finally {
        for (const job of group) job.reject(error)
      }
    }
  }

  return {
    flush,
    write: <T>(work: () => T) => new Promise<T>((resolve, reject) => {
      if (waiting.push({ work, resolve: resolve as (value: unknown) => void, reject }) === 1) setImmediate(flush)
    }),
  }
}
