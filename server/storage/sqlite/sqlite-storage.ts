import { statSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import type { Storage } from '../storage.ts'
import { createAssistantStore } from './assistant-store.ts'
import { createCheckpointStore } from './checkpoint-store.ts'
import { createChores } from './chores.ts'
import { createEventStore } from './event-store.ts'
import { createItemStore } from './item-store.ts'
import { createMaintenance } from './maintenance.ts'
import { openDatabase } from './open-database.ts'
import { createPieceStore } from './piece-store.ts'
import { createThreadRemover } from './remove-threads.ts'
import { createRunStore } from './run-store.ts'
import { createSegments } from './segments.ts'
import { createThreadStore } from './thread-store.ts'
import { createWriteQueue } from './write-queue.ts'

/** The embedded backend: one SQLite file in WAL mode, one writer. `:memory:` for tests. */
export const createSqliteStorage = (file: string): Storage => createStorageOn(openDatabase(file))

export function createStorageOn(db: Database): Storage {
  const queue = createWriteQueue(db)
  const chores = createChores(db)
  const segments = createSegments(db, chores)
  const pieces = createPieceStore(db)
  const remover = createThreadRemover(db, queue, segments, chores)
  return {
    assistants: createAssistantStore(db, queue),
    threads: createThreadStore(db, queue, { segments, remover }),
    runs: createRunStore(db, queue, { segments, chores, remover }),
    checkpoints: createCheckpointStore(db, queue, segments, pieces),
    events: createEventStore(db, queue),
    items: createItemStore(db, queue),
    size: () => [db.name, `${db.name}-wal`].reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0),
    maintain: createMaintenance(db, queue, { chores, pieces, remover }),
    ping: () => void db.prepare('SELECT 1').get(),
    close: async () => {
      queue.flush()
      db.close()
    },
  }
}
