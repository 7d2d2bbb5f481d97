import type { CheckpointRef, StateUpdate, SuperstepsUpdate } from '../../engine/graph-worker.ts'
import { createCheckpointViews } from './checkpoint-views.ts'
import { CheckpointClient } from './checkpoint-client.ts'
import { createCheckpointer } from './checkpointer.ts'
import { checkpointConfigurable, commandFor, withoutPlace } from './run-config.ts'
import { withPersistence, type CompiledGraph, type GraphConfig, type UserLangGraph } from './user-langgraph.ts'
import type { WorkerContext } from './worker-context.ts'

interface Target { readonly graph_id: string, readonly thread_id: string, readonly config: StateUpdate['config'], readonly checkpoint: CheckpointRef | null }
/** Changes the state of a graph and resolves with the config of the new checkpoint. */
type Change = (graph: CompiledGraph, config: GraphConfig) => Promise<GraphConfig>

/** Updates a thread's state as a node would have; the new checkpoint is committed and described when this resolves. */
export const updateState = ({ values, as_node, ...target }: StateUpdate, context: WorkerContext): Promise<CheckpointRef & { thread_id: string }> =>
  changeState(target, context, (graph, config) => graph.updateState(config, updateFor(values, as_node, graph, context.langgraph), as_node ?? undefined))

/** Several updates in a row, those of one superstep as if their nodes had run side by side. */
export function applySupersteps({ supersteps, ...target }: SuperstepsUpdate, context: WorkerContext): Promise<CheckpointRef & { thread_id: string }> {
  return changeState({ ...target, checkpoint: null }, context, (graph, config) => {
    const updates = supersteps.map((list) => list.map(({ values, command, as_node }) =>
      ({ values: command ? commandFor(command, context.langgraph) : updateFor(values, as_node, graph, context.langgraph), asNode: as_node })))
    if (graph.bulkUpdateState) return graph.bulkUpdateState(config, updates.map((list) => ({ updates: list })))
    return oneByOne(graph, config, updates)
  })
}

/** What LangGraph did before it could take several at once. */
async function oneByOne(graph: CompiledGraph, config: GraphConfig, supersteps: readonly (readonly { values: unknown, asNode: string }[])[]): Promise<GraphConfig> {
  if (supersteps.some((updates) => updates.length > 1)) throw new Error('This version of LangGraph takes one update in a superstep.')
  let next = config
  for (const [update] of supersteps) next = await graph.updateState(next, update!.values, update!.asNode)
  return next
}

/** Nodes that copy or take input read a list in their own way. */
const READS_LISTS = new Set(['__copy__', '__input__', '__end__'])

/** A list of objects updates the state with each of them in turn, where the state is made of keys (§1.3). */
function updateFor(values: unknown, asNode: string | null, graph: CompiledGraph, { Command }: UserLangGraph): unknown {
  const isList = Array.isArray(values) && values.length > 0 && values.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item))
  if (!isList || !Array.isArray(graph.streamChannels) || READS_LISTS.has(asNode ?? '')) return values ?? null
  return (values as object[]).map((update) => new Command({ update }))
}

async function changeState({ graph_id, thread_id, checkpoint, config: given }: Target, { langgraph, connection, sent, read, store, graph: open }: WorkerContext, change: Change): Promise<CheckpointRef & { thread_id: string }> {
  const checkpoints = new CheckpointClient({ connection, sent, read, runId: null, sync: true, onPut: (put) => views.put(put) })
  const configurable = { ...withoutPlace(given.configurable), thread_id, graph_id, checkpoint_ns: '', ...checkpointConfigurable(checkpoint) }
  const config = { configurable, metadata: given.metadata }
  const graph = withPersistence(await open(graph_id, config), createCheckpointer(langgraph, checkpoints), store)
  const views = createCheckpointViews({ graph, threadId: thread_id, checkpoints })

  const next = await change(graph, config)
  await checkpoints.settled()
  await views.finish()
  checkpoints.close()
  const { checkpoint_ns = '', checkpoint_id } = next.configurable ?? {}
  return { thread_id, checkpoint_ns: String(checkpoint_ns), checkpoint_id: String(checkpoint_id) }
}
