import { closeSync, fdatasync, fstatSync, openSync } from 'node:fs'
import { promisify } from 'node:util'

const syncData = promisify(fdatasync)

export interface WalSync {
  /** Resolves when all that was committed before the call is on the disk. Rejects with the disk's own error. */
  sync(): Promise<void>
  /** Bytes of the log's file, after the first sync. */
  size(): number
  close(): void
}

/**
 * Syncs a database's write-ahead log off the main thread. SQLite writes each commit into the log's file; what `synchronous=FULL`
 * adds is waiting for the disk inside COMMIT, with the event loop standing still. Waiting here instead gives the same promise
 * (nothing is answered before it is on the disk) and leaves the loop free. SQLite takes no locks on this file, so a second
 * descriptor of it is harmless; it stays the same file until the last connection closes.
 */
export function createWalSync(databaseFile: string): WalSync {
  let descriptor: number | null = null
  return {
    sync: () => syncData(descriptor ??= openSync(`${databaseFile}-wal`, 'r+')),
    size: () => descriptor === null ? 0 : fstatSync(descriptor).size,
    close: () => {
      if (descriptor !== null) closeSync(descriptor)
      descriptor = null
    },
  }
}
