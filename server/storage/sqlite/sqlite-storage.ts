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
import { createWriteQueue } from './write-queue.ts'

/** The embedded backend: one SQLite file in WAL mode, one writer. `:memory:` for tests. */
export function createSqliteStorage(file: string): Storage {
  const db = openDatabase(file)
  const queue = createWriteQueue(db)
  return {
    assistants: createAssistantStore(db, queue),
    threads: createThreadStore(db, queue),
    runs: createRunStore(db, queue),
    checkpoints: createCheckpointStore(db, queue),
    events: createEventStore(db, queue),
    items: createItemStore(db, queue),
    size: () => [file, `${file}-wal`].reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0),
    collectGarbage: () => queue.write(() => collectGarbage(db)),
    ping: () => void db.prepare('SELECT 1').get(),
    close: async () => {
      queue.flush()
      db.close()
    },
  }
}
