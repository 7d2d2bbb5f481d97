import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { CheckpointMode, CheckpointResult } from './wal-checkpoints.ts'

/** Asked to, copies what it can of the write-ahead log into the database and says how far it came; `TRUNCATE` also empties the log, or copies nothing. */
const db = new Database(String(workerData))
db.pragma('synchronous = NORMAL')

parentPort!.on('message', (mode: CheckpointMode) => {
  const [{ busy, log, checkpointed }] = db.pragma(`wal_checkpoint(${mode})`) as [{ busy: number, log: number, checkpointed: number }]
  parentPort!.postMessage({ isDone: busy === 0, pages: log, copied: checkpointed } satisfies CheckpointResult)
})
