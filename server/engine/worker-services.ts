import { withAllPieces } from '../domain/piece-refs.ts'
import type { CheckpointRow, CheckpointStore, Storage, WriteUntil } from '../storage/storage.ts'
import { stamp, type Clock } from './clock.ts'
import type { CheckpointPut, StoredCheckpoint, WorkerServices } from './graph-worker.ts'
import type { ItemMemory } from './item-memory.ts'
import { doStoreOps } from './store-ops.ts'

/** What workers may ask of the platform, answered from storage. */
export function createWorkerServices({ storage, memory, clock, log, onError }: { storage: Storage, memory: ItemMemory, clock: Clock, log: WorkerServices['log'], onError: (error: unknown, doing: string) => void }): WorkerServices {
  const { checkpoints } = storage
  const stored = (row: CheckpointRow) => storedCheckpoint(checkpoints, row)

  return {
    log,
    // A disk that is full must not end what is only watched.
    keepSpans: (runId, spans) => void storage.spans.add(runId, spans).catch((error: unknown) => onError(error, 'Spans of a run can not be kept')),
    putCheckpoint: ({ view, ...put }, pieces, sync) => checkpoints.put({ ...put, ...(view ? viewColumns(view) : NO_VIEW), created_at: String(put.body['ts'] ?? stamp(clock)) }, pieces, until(sync)),
    putWrites: ({ task_id, run_id, ...at }, writes, pieces, sync) => checkpoints.putWrites(at, writes.map((write) => ({ ...write, task_id, run_id })), pieces, until(sync)),
    describeCheckpoint: ({ thread_id, checkpoint_ns, checkpoint_id, ...view }, pieces, sync) => checkpoints.describe({ thread_id, checkpoint_ns, checkpoint_id }, viewColumns(view), pieces, until(sync)),
    getCheckpoint: async ({ thread_id, checkpoint_ns, checkpoint_id }) => {
      const row = checkpoints.get(thread_id, checkpoint_ns, checkpoint_id)
      return row && stored(row)
    },
    listCheckpoints: async ({ thread_id, checkpoint_ns }, { before, limit, filter }) =>
      checkpoints.list(thread_id, checkpoint_ns, { before, limit, metadata: filter }).map(stored),
    getPieces: async (hashes) => withAllPieces(hashes, checkpoints.piece),
    deleteThreadCheckpoints: (threadId) => checkpoints.deleteOfThread(threadId),
    store: (ops) => doStoreOps(memory, ops),
  }
}

type ViewColumns = Pick<CheckpointRow, 'keys' | 'overrides' | 'root' | 'next' | 'tasks'>

const NO_VIEW: ViewColumns = { keys: null, overrides: null, root: null, next: null, tasks: null }

const viewColumns = ({ keys, overrides, root, next, tasks }: NonNullable<CheckpointPut['view']>): ViewColumns =>
  ({ keys: [...keys], overrides: overrides ?? null, root: root ?? null, next: [...next], tasks: [...tasks] })

const until = (sync: boolean): WriteUntil => sync ? 'durable' : 'committed'

/** A checkpoint as a worker is given it. */
export function storedCheckpoint(checkpoints: CheckpointStore, row: CheckpointRow): StoredCheckpoint {
  const { thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, metadata, body, channels } = row
  return {
    thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, metadata, body, channels, described: row.keys !== null,
    writes: checkpoints.writes(thread_id, checkpoint_ns, checkpoint_id).map(({ task_id, channel, value }) => ({ task_id, channel, value })),
  }
}
