import type { CheckpointPut, CheckpointView, CheckpointWrite, StoreOp, WorkerServices } from '../engine/graph-worker.ts'
import type { RequestHandler } from './connection.ts'
import { decodePieces } from './piece-payload.ts'

interface WritesParams { thread_id: string, checkpoint_ns: string, checkpoint_id: string, task_id: string, run_id: string | null, writes: CheckpointWrite[] }
interface Sync { sync: boolean }
interface GetParams { thread_id: string, checkpoint_ns: string, checkpoint_id: string | null }
interface ListParams { thread_id: string, checkpoint_ns: string | null, before: string | null, limit: number | null, filter: Record<string, unknown> | null }

/** What a worker may ask of the server, as request handlers of the protocol. */
export function serveWorkerRequests(services: WorkerServices): Record<string, RequestHandler> {
  return {
    'checkpoint.put': ({ sync, ...put }: CheckpointPut & Sync, payload) => services.putCheckpoint(put, decodePieces(payload), sync),
    'checkpoint.writes': ({ writes, sync, ...at }: WritesParams & Sync, payload) => services.putWrites(at, writes, decodePieces(payload), sync),
    'checkpoint.describe': ({ sync, ...view }: CheckpointView & Sync, payload) => services.describeCheckpoint(view, decodePieces(payload), sync),
    'checkpoint.get': (at: GetParams) => services.getCheckpoint(at),
    'checkpoint.list': ({ before, limit, filter, ...at }: ListParams) => services.listCheckpoints(at, { before, limit, filter }),
    'checkpoint.delete_thread': async ({ thread_id }: { thread_id: string }) => {
      await services.deleteThreadCheckpoints(thread_id)
      return {}
    },
    store: async ({ ops }: { ops: StoreOp[] }) => ({ results: await services.store(ops) }),
  }
}
