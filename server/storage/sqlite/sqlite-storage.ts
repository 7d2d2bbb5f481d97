import { statSync } from 'node:fs'
import type { Storage } from '../storage.ts'
import { createAssistantStore } from './assistant-store.ts'
import { createCheckpointStore } from './checkpoint-store.ts'
import { collectGarbage } from './collect-garbage.ts'
import { createEventStore } from './event-store.ts'
import { createItemStore } from './item-store.ts'
import { openDatabase } from './open-database.ts'
import { createRunStore } from './run-store.ts'
import { createThreadStore } from './thread-store.ts'
import { createWalCheckpoints } from './wal-checkpoints.ts'
import { createWalSync } from './wal-sync.ts'
import { createWriteQueue } from './write-queue.ts'

/** The embedded backend: one SQLite file in WAL mode, one writer. `:memory:` for tests. */
export function createSqliteStorage(file: string): Storage {
  const db = openDatabase(file)
  const log = file === ':memory:' ? null : createLog(file)
  const queue = createWriteQueue(db, log && (() => log.sync((until) => queue.hold(until))))
  // Counted by a trigger of this connection: reading every piece is for when a checkpoint went, not for every minute.
  db.exec(`CREATE TEMP TABLE deletions (n INTEGER NOT NULL); INSERT INTO deletions VALUES (0);
    CREATE TEMP TRIGGER count_deletions AFTER DELETE ON main.checkpoints BEGIN UPDATE deletions SET n = n + 1; END`)
  const deletions = db.prepare<[], { n: number }>('SELECT n FROM deletions')
  let collectedAt = 0
  return {
    assistants: createAssistantStore(db, queue),
    threads: createThreadStore(db, queue),
    runs: createRunStore(db, queue),
    checkpoints: createCheckpointStore(db, queue),
    events: createEventStore(db, queue),
    items: createItemStore(db, queue),
    size: () => [file, `${file}-wal`].reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0),
    collectGarbage: () => queue.write(() => {
      if (deletions.get()!.n === collectedAt) return 0
      const removed = collectGarbage(db)
      collectedAt = deletions.get()!.n
      return removed
    }),
    ping: () => void db.prepare('SELECT 1').get(),
    close: async () => {
      await queue.write(() => {})
      await log?.close()
      db.close()
    },
  }
}

/** The write-ahead log of a database file: synced after every group, copied back into the file now and then. */
function createLog(file: string) {
  const wal = createWalSync(file)
  const checkpoints = createWalCheckpoints(file)
  return {
    sync: async (hold: (until: Promise<unknown>) => void) => {
      await wal.sync()
      checkpoints.afterSync(wal.size(), hold)
    },
    close: async () => {
      await checkpoints.close()
      wal.close()
    },
  }
}
