import type { Database } from 'better-sqlite3'

interface Job {
  readonly work: () => unknown
  readonly isDurable: boolean
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Settle = () => void

export interface WriteQueue {
  /** Runs `work` in the next group's transaction. Resolves with its result once that is safe from loss of power. */
  write<T>(work: () => T): Promise<T>
  /**
   * Resolves a disk's sync earlier, as soon as it is committed: every reader sees it, the death of the process can't undo it, and
   * whatever is written later is durable only together with it. For what nobody outside is told of.
   */
  commit<T>(work: () => T): Promise<T>
  /** Resolves when all that is committed by now is safe from loss of power. */
  durable(): Promise<void>
  /** Commits what waits. */
  flush(): void
  /** Nothing is committed until `until` settles. */
  hold(until: Promise<unknown>): void
}

/**
 * Group commit: all writes asked for in one turn of the event loop share one transaction, so one sync of the disk serves
 * them all. Each job stands in a savepoint: one that throws takes only itself back. Jobs run in the order asked.
 *
 * `sync` makes everything that is committed durable. It runs while the event loop goes on, and groups that are committed
 * meanwhile share the next one. Null where a commit is all there is (a database in memory).
 */
export function createWriteQueue(db: Database, sync: (() => Promise<void>) | null = null): WriteQueue {
  let waiting: Job[] = []
  let unsynced: { settle: Settle, reject: (error: unknown) => void }[] = []
  let isSyncing = false
  let isHeld = false
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const save = db.prepare('SAVEPOINT job')
  const release = db.prepare('RELEASE job')
  const undo = db.prepare('ROLLBACK TO job')

  function runJob(job: Job): Settle | null {
    save.run()
    try {
      const result = job.work()
      release.run()
      return () => job.resolve(result)
    } catch (error) {
      undo.run()
      release.run()
      job.reject(error)
      return null
    }
  }

  function flush(): void {
    if (waiting.length === 0 || isHeld) return
    const group = waiting
    waiting = []
    try {
      begin.run()
      const settles = group.map(runJob)
      commit.run()
      group.forEach((job, i) => settles[i] && settle(job, settles[i]))
      void syncAll()
    } catch (error) {
      // The transaction itself failed (disk full, I/O): nothing of the group is durable, so nobody is told it is.
      try {
        if (db.inTransaction) db.exec('ROLLBACK')
      } finally {
        for (const job of group) job.reject(error)
      }
    }
  }

  function settle(job: Job, done: Settle): void {
    if (sync && job.isDurable) unsynced.push({ settle: done, reject: job.reject })
    else done()
  }

  async function syncAll(): Promise<void> {
    if (!sync || isSyncing) return
    isSyncing = true
    while (unsynced.length > 0) {
      const group = unsynced
      unsynced = []
      try {
        await sync()
        for (const { settle: done } of group) done()
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    isSyncing = false
  }

  const enqueue = <T>(work: () => T, isDurable: boolean) => new Promise<T>((resolve, reject) => {
    if (waiting.push({ work, isDurable, resolve: resolve as (value: unknown) => void, reject }) === 1) setImmediate(flush)
  })

  function goOn(): void {
    isHeld = false
    flush()
  }

  return {
    flush,
    durable: () => new Promise<void>((resolve, reject) => {
      if (!sync) return resolve()
      unsynced.push({ settle: resolve, reject })
      void syncAll()
    }),
    hold: (until) => {
      isHeld = true
      until.then(goOn, goOn)
    },
    write: (work) => enqueue(work, true),
    commit: (work) => enqueue(work, false),
  }
}
