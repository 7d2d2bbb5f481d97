import type { ThreadStreamMode } from '../contract/thread-stream.ts'
import { pickEvents } from '../domain/event-batch.ts'
import type { ThreadEntry, ThreadLog, ThreadPosition } from '../engine/thread-log.ts'
import { threadNotFound } from '../errors.ts'
import type { Storage } from '../storage/storage.ts'

export interface ThreadStreamService {
  /**
   * Server-sent events as bytes, some whole ones at a time, of all runs of the thread until it is deleted (§2.7). Ids are those of
   * the events; that of a run's end is its last event's with `-done`.
   */
  join(threadId: string, from: ThreadPosition, modes: readonly ThreadStreamMode[], signal: AbortSignal): AsyncGenerator<Uint8Array>
}

export function createThreadStreamService({ storage, threadLog }: { storage: Storage, threadLog: ThreadLog }): ThreadStreamService {
  async function* bytesOf(entries: AsyncIterable<ThreadEntry>, modes: ReadonlySet<ThreadStreamMode>): AsyncGenerator<Uint8Array> {
    for await (const entry of entries) {
      const bytes = wantedOf(entry, modes)
      if (bytes && bytes.byteLength > 0) yield bytes
    }
  }

  return {
    join: (threadId, from, modes, signal) => {
      if (!storage.threads.get(threadId)) throw threadNotFound(threadId)
      return bytesOf(threadLog.read(threadId, from, signal), new Set(modes))
    },
  }
}

function wantedOf(entry: ThreadEntry, modes: ReadonlySet<ThreadStreamMode>): Uint8Array | null {
  if (entry.part.kind === 'update') return entry.kind === 'events' && modes.has('state_update') ? entry.batch.bytes : null
  if (!modes.has('run_modes') && !modes.has('lifecycle')) return null
  if (entry.kind === 'end') return Buffer.from(`id: ${entry.last}-done\nevent: metadata\ndata: ${JSON.stringify({ status: 'run_done', run_id: entry.part.run_id })}\n\n`)
  return modes.has('run_modes') ? entry.batch.bytes : pickEvents(entry.batch, (event) => event === 'metadata')
}
