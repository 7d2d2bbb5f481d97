import type { CheckpointRef, StateUpdate } from '../../engine/graph-worker.ts'
import { createCheckpointViews } from './checkpoint-views.ts'
import { CheckpointClient } from './checkpoint-client.ts'
import { createCheckpointer } from './checkpointer.ts'
import { checkpointConfigurable, withoutPlace } from './run-config.ts'
import { withPersistence } from './user-langgraph.ts'
import type { WorkerContext } from './worker-context.ts'

/** Updates a thread's state as a node would have; the new checkpoint is committed and described when this resolves. */
export async function updateState(update: StateUpdate, context: WorkerContext): Promise<CheckpointRef & { thread_id: string }> {
  const { langgraph, connection, sent, read, store } = context
  const { thread_id, graph_id } = update
  const checkpoints = new CheckpointClient({ connection, sent, read, runId: null, sync: true, onPut: (put) => views.put(put) })
  const configurable = { ...withoutPlace(update.config.configurable), thread_id, graph_id, checkpoint_ns: '', ...checkpointConfigurable(update.checkpoint) }
  const config = { configurable, metadata: update.config.metadata }
  const graph = withPersistence(await context.graph(graph_id, config), createCheckpointer(langgraph, checkpoints), store)
  const views = createCheckpointViews({ graph, threadId: thread_id, checkpoints })

  const next = await graph.updateState(config, update.values ?? null, update.as_node ?? undefined)
  await checkpoints.settled()
  await views.finish()
  checkpoints.close()
  const { checkpoint_ns = '', checkpoint_id } = next.configurable ?? {}
  return { thread_id, checkpoint_ns: String(checkpoint_ns), checkpoint_id: String(checkpoint_id) }
}
