import type { CheckpointPut, CheckpointView, CheckpointWrite, StoreOp, WorkerServices } from '../engine/graph-worker.ts'
import type { RequestHandler } from './connection.ts'
import { decodePieces } from './piece-payload.ts'

interface WritesParams { thread_id: string, checkpoint_ns: string, checkpoint_id: string, task_id: string, run_id: string | null, writes: CheckpointWrite[] }
interface GetParams { thread_id: string, checkpoint_ns: string, checkpoint_id: string | null }
interface ListParams { thread_id: string | null, checkpoint_ns: string | null, before: string | null, limit: number | null, filter: Record<string, unknown> | null }

/** What a worker may ask of the server, as request handlers of the protocol. */
export function serveWorkerRequests(services: WorkerServices): Record<string, RequestHandler> {
  return {
    'checkpoint.put': (put: CheckpointPut, payload) => services.putCheckpoint(put, decodePieces(payload)),
    'checkpoint.writes': ({ writes, ...at }: WritesParams, payload) => services.putWrites(at, writes, decodePieces(payload)),
    'checkpoint.describe': (view: CheckpointView, payload) => services.describeCheckpoint(view, decodePieces(payload)),
    'checkpoint.get': (at: GetParams) => services.getCheckpoint(at),
    'checkpoint.list': ({ before, limit, filter, ...at }: ListParams) => services.listCheckpoints(at, { before, limit, filter }),
    'checkpoint.delete_thread': async ({ thread_id }: { thread_id: string }) => {
      await services.deleteThreadCheckpoints(thread_id)
      return {}
    },
    store: async ({ ops }: { ops: StoreOp[] }) => ({ results: await services.store(ops) }),
  }
}
