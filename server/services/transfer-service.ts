import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Backup, BackupRequest } from '../contract/studio.ts'
import type { ImportedThread } from '../contract/thread-file.ts'
import { stamp, type Clock } from '../engine/clock.ts'
import type { ThreadFeed } from '../engine/thread-feed.ts'
import { PlatformError } from '../errors.ts'
import type { Storage } from '../storage/storage.ts'
import { exportThreads } from './export-threads.ts'
import { importThreads } from './import-threads.ts'
import { readThreadFile } from './read-thread-file.ts'

export interface TransferService {
  /** Writes a checked copy of the database beside it; `conflict` when the name is taken. */
  backup(body: BackupRequest): Promise<Backup>
  /** One thread as a file (contract/thread-file.ts), in parts. */
  export(threadId: string): AsyncIterable<string>
  /** Stores the threads of a file of at most `limit` bytes, once all of it has been checked. */
  import(bytes: AsyncIterable<Uint8Array>, limit: number): Promise<{ threads: ImportedThread[] }>
}

/** State on its way out of this server and into it. */
export function createTransferService({ storage, feed, clock, dataDir }: { storage: Storage, feed: ThreadFeed, clock: Clock, dataDir: string }): TransferService {
  // One after the other: two files with the same thread must not both find its id free.
  let last: Promise<unknown> = Promise.resolve()
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work)
    last = done.catch(() => {})
    return done
  }

  return {
    backup: async ({ path: name }) => {
      const path = join(dataDir, 'backups', name ?? `superstep-${stamp(clock).replace(/\..*$/, '').replaceAll(':', '-')}.db`)
      if (existsSync(path)) throw new PlatformError('conflict', `${path} is there already. Choose another name, or remove it.`)
      return { path, bytes: await storage.backup(path) }
    },
    export: (threadId) => exportThreads(storage, [threadId], stamp(clock)),
    import: async (bytes, limit) => {
      const file = await readThreadFile(bytes, limit)
      const threads = await inTurn(() => importThreads(storage, file))
      for (const { thread_id } of threads) feed.announce({ thread_id, kind: 'created', status: storage.threads.get(thread_id)?.status ?? null })
      return { threads }
    },
  }
}
