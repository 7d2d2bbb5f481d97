import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { CheckpointResult } from './wal-checkpoints.ts'

/** Asked to, copies what it can of the write-ahead log into the database and says how far it came. */
const db = new Database(String(workerData))
db.pragma('synchronous = NORMAL')

parentPort!.on('message', () => {
  const [{ log, checkpointed }] = db.pragma('wal_checkpoint(PASSIVE)') as [{ log: number, checkpointed: number }]
  parentPort!.postMessage({ pages: log, copied: checkpointed } satisfies CheckpointResult)
})
