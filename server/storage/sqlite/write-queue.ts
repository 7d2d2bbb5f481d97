import type { Database } from 'better-sqlite3'
import { isBusy, storageFailure } from './storage-failure.ts'

interface Job {
  readonly work: () => unknown
  readonly isDurable: boolean
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Settle = () => void

export interface WriteQueue {
  /**
   * Runs `work` in the next group's transaction. Resolves with its result once that is safe from loss of power; rejects with
   * `storage_full`, `storage_busy` or `storage_failed` when the file or its disk is the reason why it is not.
   */
  write<T>(work: () => T): Promise<T>
  /**
   * Resolves a disk's sync earlier, as soon as it is committed: every reader sees it, the death of the process can't undo it, and
   * whatever is written later is durable only together with it. For what nobody outside is told of.
   */
  commit<T>(work: () => T): Promise<T>
  /** Resolves when all that is committed by now is safe from loss of power. */
  durable(): Promise<void>
  /** Nothing is committed until `until` settles. */
  hold(until: Promise<unknown>): void
  /** Commits what waits; resolves when nothing does and the disk has it. */
  drain(): Promise<void>
}

export interface WriteQueueOptions {
  /** Makes all that is committed durable; none where a commit is all there is (a database in memory). */
  readonly sync?: (() => Promise<void>) | null
  /** Milliseconds that a write waits for another program to let go of the file. */
  readonly patienceMs?: number
  /** Called when what a job did was taken back, before the next job runs. */
  readonly onUndo?: () => void
}

const PATIENCE_MS = 5000
const FIRST_WAIT_MS = 5
const LONGEST_WAIT_MS = 100

/**
 * Group commit: all writes asked for in one turn of the event loop share one transaction, so one sync of the disk serves
 * them all. Each job stands in a savepoint: one that throws takes only itself back. Jobs run in the order asked.
 * While another program holds the file the jobs wait in line, and while the disk syncs the event loop goes on: groups that
 * are committed meanwhile share the next sync.
 */
export function createWriteQueue(db: Database, { sync = null, patienceMs = PATIENCE_MS, onUndo = () => {} }: WriteQueueOptions = {}): WriteQueue {
  let waiting: Job[] = []
  let unsynced: { settle: Settle, reject: (error: unknown) => void }[] = []
  let isSyncing = false
  let isHeld = false
  /** Since when the file is held by somebody else; null when it is not. */
  let busySince: number | null = null
  let retries = 0
  let whenEmpty: (() => void)[] = []
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const save = db.prepare('SAVEPOINT job')
  const release = db.prepare('RELEASE job')
  const undo = db.prepare('ROLLBACK TO job')
  const explain = (error: unknown) => storageFailure(error, db.name)

  function runJob(job: Job): Settle | null {
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
      onUndo()
      job.reject(explain(error))
      return null
    }
  }

  function flush(): void {
    if (waiting.length === 0 || isHeld) return
    try {
      begin.run()
    } catch (error) {
      if (isBusy(error) && mayWait()) return
      return rejectAll(takeGroup(), error)
    }
    const group = takeGroup()
    try {
      const settles = group.map(runJob)
      commit.run()
      group.forEach((job, i) => settles[i] && settle(job, settles[i]))
      void syncAll()
    } catch (error) {
      // The transaction itself failed: nothing of the group is durable, so nobody is told it is.
      rejectAll(group, error)
    }
    settleEmpty()
  }

  function takeGroup(): Job[] {
    const group = waiting
    waiting = []
    busySince = null
    retries = 0
    return group
  }

  function mayWait(): boolean {
    busySince ??= performance.now()
    if (performance.now() - busySince >= patienceMs) return false
    setTimeout(flush, Math.min(FIRST_WAIT_MS * 2 ** retries++, LONGEST_WAIT_MS))
    return true
  }

  function rejectAll(group: readonly Job[], error: unknown): void {
    try {
      if (db.inTransaction) db.exec('ROLLBACK')
    } finally {
      onUndo()
      for (const job of group) job.reject(explain(error))
      settleEmpty()
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
        for (const { reject } of group) reject(explain(error))
      }
    }
    isSyncing = false
  }

  function settleEmpty(): void {
    if (waiting.length > 0) return
    for (const resolve of whenEmpty) resolve()
    whenEmpty = []
  }

  const enqueue = <T>(work: () => T, isDurable: boolean) => new Promise<T>((resolve, reject) => {
    if (waiting.push({ work, isDurable, resolve: resolve as (value: unknown) => void, reject }) === 1) setImmediate(flush)
  })

  const durable = () => new Promise<void>((resolve, reject) => {
    if (!sync) return resolve()
    unsynced.push({ settle: resolve, reject })
    void syncAll()
  })

  function goOn(): void {
    isHeld = false
    flush()
  }

  return {
    durable,
    write: (work) => enqueue(work, true),
    commit: (work) => enqueue(work, false),
    hold: (until) => {
      isHeld = true
      until.then(goOn, goOn)
    },
    drain: async () => {
      if (busySince === null) flush()
      if (waiting.length > 0) await new Promise<void>((resolve) => whenEmpty.push(resolve))
      await durable()
    },
  }
}
