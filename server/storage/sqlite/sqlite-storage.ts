import { statSync } from 'node:fs'
import type { Database as Connection } from 'better-sqlite3'
import { PlatformError } from '../../errors.ts'
import type { Storage } from '../storage.ts'
import { createAssistantStore } from './assistant-store.ts'
import { createCheckpointStore } from './checkpoint-store.ts'
import { createChores } from './chores.ts'
import { createCronStore } from './cron-store.ts'
import { createEventStore } from './event-store.ts'
import { wasLeftOpen } from './examine-database.ts'
import { createFileTasks, doTask, type FileTasks } from './file-tasks.ts'
import { createThreadExpiry } from './expire-threads.ts'
import { createItemStore } from './item-store.ts'
import { createLatestKeeper } from './keep-latest.ts'
import { createMaintenance } from './maintenance.ts'
import { openDatabase, openForReading } from './open-database.ts'
import { createPieceStore } from './piece-store.ts'
import { isSmall, quickCheck } from './quick-check.ts'
import { createThreadRemover } from './remove-threads.ts'
import { createRunStore } from './run-store.ts'
import { createSegments } from './segments.ts'
import { isDamage, storageFailure } from './storage-failure.ts'
import { keepThreadIndex } from './thread-index.ts'
import { createThreadStore } from './thread-store.ts'
import { createWalCheckpoints } from './wal-checkpoints.ts'
import { createWalSync } from './wal-sync.ts'
import { createSpanStore } from './span-store.ts'
import { createWebhookStore } from './webhook-store.ts'
import { createWriteQueue } from './write-queue.ts'

export interface SqliteOptions {
  /** Hears what a person should know of the file, in a sentence. */
  readonly tell?: (text: string) => void
  /** Entry file of the thread that reads whole files (`file-thread.ts`); without one the caller waits. */
  readonly threadEntry?: string
}

/** The embedded backend: one SQLite file in WAL mode, one writer. `:memory:` for tests. */
export function createSqliteStorage(file: string, { tell = () => {}, threadEntry }: SqliteOptions = {}): Storage {
  const wasCrash = wasLeftOpen(file)
  const db = openDatabase(file, { tell })
  let problem: string | null = null
  const report = (found: string) => {
    if (problem) return
    problem = damageText(file, found)
    tell(problem)
  }
  const tasks = threadEntry ? createFileTasks(threadEntry) : null
  if (wasCrash) checkAfterCrash(db, tasks, report)
  const storage = createStorageOn(db)
  return {
    ...storage,
    problem: () => problem,
    explain: (error) => {
      if (isDamage(error)) report((error as Error).message)
      return storage.explain(error)
    },
    backup: async (target) => tasks ? tasks.run({ kind: 'copy', file, target }) : storage.backup(target),
    close: async () => {
      tasks?.stop()
      await storage.close()
    },
  }
}

/** For reading beside a running server; every write is refused. */
export const openStorageForReading = (file: string): Storage => createStorageOn(openForReading(file))

export function createStorageOn(db: Connection): Storage {
  const file = db.name
  keepThreadIndex(db)
  const log = file === ':memory:' || db.readonly ? null : createLog(file)
  const queue = createWriteQueue(db, { onUndo: () => segments.takeBack(), sync: log && (() => log.sync((until) => queue.hold(until))) })
  const chores = createChores(db)
  const segments = createSegments(db, chores)
  const pieces = createPieceStore(db)
  const remover = createThreadRemover(db, queue, segments, chores)
  const keepLatest = createLatestKeeper(db, segments, pieces)
  const checkpoints = createCheckpointStore(db, queue, { segments, pieces, keepLatest })
  const webhooks = createWebhookStore(db, queue, checkpoints)
  return {
    assistants: createAssistantStore(db, queue),
    threads: { ...createThreadStore(db, queue, { segments, remover }), ...createThreadExpiry(db, queue, { remover, keepLatest }) },
    runs: createRunStore(db, queue, { segments, chores, remover, addWebhook: webhooks.add }),
    checkpoints, webhooks,
    spans: createSpanStore(db, queue),
    events: createEventStore(db, queue),
    items: createItemStore(db, queue),
    crons: createCronStore(db, queue),
    size: () => [db.name, `${db.name}-wal`].reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0),
    maintain: createMaintenance(db, queue, { chores, pieces, remover }),
    durable: queue.durable,
    ping: () => void db.prepare('SELECT 1').get(),
    problem: () => null,
    explain: (error) => storageFailure(error, file),
    backup: async (target) => Number(doTask({ kind: 'copy', file, target })),
    close: async () => {
      await queue.drain()
      await log?.close()
      db.close()
    },
  }
}

/** The write-ahead log of a database file: synced after every group, copied back into the file now and then. */
function createLog(file: string) {
  const wal = createWalSync(file)
  const checkpoints = createWalCheckpoints(file)
  let isDoubtful = false
  return {
    sync: async (hold: (until: Promise<unknown>) => void) => {
      if (isDoubtful) await checkpoints.renew(hold)
      isDoubtful = true
      await wal.sync()
      isDoubtful = false
      checkpoints.afterSync(wal.size, hold)
    },
    close: async () => {
      await checkpoints.close()
      wal.close()
    },
  }
}

/** A small file is checked before anything is served from it, a large one while the server runs. */
function checkAfterCrash(db: Connection, tasks: FileTasks | null, report: (found: string) => void): void {
  if (tasks && !isSmall(db.name)) {
    const done = (found: string | null) => found === null ? undefined : report(found)
    // Stopped, or no room for a thread: the next start after a crash checks again.
    tasks.run({ kind: 'check', file: db.name }).then(done, () => {})
    return
  }
  const found = quickCheck(db)
  if (!found) return
  const text = damageText(db.name, found)
  db.close()
  throw new PlatformError('storage_failed', text)
}

const damageText = (file: string, found: string) =>
  `The database ${file} is damaged (${found}). Stop the server, then "superstep repair" saves what can be read, and "superstep restore" brings a backup back.`
