import { setImmediate } from 'node:timers/promises'
import type { JsonObject } from '../contract/common.ts'
import type { HistoryQuery, StateUpdate, Superstep, ThreadState, ThreadTask } from '../contract/thread.ts'
import { checkpointConfig, childNamespace, nextOf, tasksOf, valuesOf } from '../domain/checkpoint-view.ts'
import { contains } from '../domain/contains.ts'
import { createJsonView, type JsonView } from '../domain/json-view.ts'
import { checkpointOf, withoutPlace } from '../domain/merge-run.ts'
import { selectFromState, stateSelection, type StateSelection } from '../domain/state-selection.ts'
import { uuid7 } from '../domain/uuid7.ts'
import { stamp, type Clock } from '../engine/clock.ts'
import type { CheckpointRef, GraphRuntime } from '../engine/graph-worker.ts'
import { settledThread } from '../engine/thread-outcome.ts'
import type { ThreadFeed } from '../engine/thread-feed.ts'
import { checkpointNotFound, PlatformError, threadNotFound } from '../errors.ts'
import type { CheckpointRow, Storage, ThreadRow } from '../storage/storage.ts'
import { askGraph } from './ask-graph.ts'
import { checkpointPages } from './checkpoint-pages.ts'
import { mapInTurns } from './in-turns.ts'

export interface StateService {
  /** The newest state, or the one at a checkpoint. Answered from storage, without any worker. */
  get(threadId: string, at: { checkpoint_id?: string | null, checkpoint_ns?: string | null }, how: { subgraphs: boolean, select?: readonly string[] | null }): Partial<ThreadState>
  /** The whole of it, for who goes on from there. */
  whole(threadId: string, at: { checkpoint_ns?: string | null }): ThreadState
  history(threadId: string, query: HistoryQuery): Promise<Partial<ThreadState>[]>
  /** Values as of the newest checkpoint, or those of the `wanted` keys; null before the first one. */
  values(threadId: string, wanted?: ReadonlySet<string> | null): unknown
  /** Gives a thread the states that a graph would have had after these updates, one checkpoint each. */
  apply(threadId: string, supersteps: readonly Superstep[]): Promise<void>
  update(threadId: string, body: StateUpdate): Promise<{ checkpoint: CheckpointRef & { thread_id: string } } & JsonObject>
}

export function createStateService({ storage, runtime, clock, feed }: { storage: Storage, runtime: GraphRuntime, clock: Clock, feed: ThreadFeed }): StateService {
  const { checkpoints } = storage

  function requireThread(threadId: string): ThreadRow {
    const thread = storage.threads.get(threadId)
    if (!thread) throw threadNotFound(threadId)
    return thread
  }

  function stateOf(row: CheckpointRow, subgraphs: boolean, isHead: boolean, { view, keys }: { view?: JsonView, keys?: ReadonlySet<string> | null } = {}): ThreadState {
    const { thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id } = row
    const views = tasksOf(row, checkpoints.writes(thread_id, checkpoint_ns, checkpoint_id), checkpoints.piece)
    const tasks = views.map(({ done: _, subgraph, ...task }): ThreadTask => {
      const ns = childNamespace(checkpoint_ns, task)
      const child = subgraph || checkpoints.hasNamespace(thread_id, ns) ? { thread_id, checkpoint_ns: ns } : null
      const nested = child && subgraphs ? checkpoints.get(thread_id, ns, null) : null
      return { ...task, checkpoint: child, state: nested && stateOf(nested, true, true) }
    })
    return {
      values: valuesOf(row, checkpoints.piece, view, keys),
      next: nextOf(row, views, isHead),
      tasks,
      metadata: row.metadata,
      created_at: row.created_at,
      checkpoint: checkpointConfig(thread_id, checkpoint_ns, checkpoint_id),
      parent_checkpoint: parent_checkpoint_id ? checkpointConfig(thread_id, checkpoint_ns, parent_checkpoint_id) : null,
      interrupts: tasks.flatMap((task) => task.interrupts),
      checkpoint_id,
      parent_checkpoint_id,
    }
  }

  async function filtered(threadId: string, ns: string, before: string | null, most: number, metadata: JsonObject): Promise<CheckpointRow[]> {
    const found: CheckpointRow[] = []
    for (const page of checkpointPages(checkpoints, threadId, ns, before)) {
      found.push(...page.filter((row) => contains(row.metadata, metadata)))
      if (found.length >= most) break
      await setImmediate()
    }
    return found.slice(0, most)
  }

  /** §5: an object whose `checkpoint_id` is null, since the Python client looks inside it. */
  const emptyState = (threadId: string, ns: string): ThreadState => ({
    values: {}, next: [], tasks: [], metadata: {}, created_at: null, interrupts: [],
    checkpoint: checkpointConfig(threadId, ns, null), parent_checkpoint: null, checkpoint_id: null, parent_checkpoint_id: null,
  })

  /** Whose state may be changed now, and the graph and config to do it with. */
  function changeable(threadId: string) {
    const thread = requireThread(threadId)
    if (storage.runs.active(threadId).length)
      throw new PlatformError('thread_busy', `Thread ${threadId} has a run in flight: its state can't be changed until the run ends or is cancelled.`)
    const graph_id = graphOf(thread)
    const configurable = { ...withoutPlace(thread.config['configurable'] as JsonObject | undefined), thread_id: threadId, graph_id }
    return { graph_id, thread_id: threadId, config: { configurable, metadata: { ...thread.metadata, graph_id } } }
  }

  async function update(threadId: string, body: StateUpdate) {
    const target = changeable(threadId)
    const at = checkpointOf(body)
    if (at?.checkpoint_id && !checkpoints.get(threadId, at.checkpoint_ns ?? '', at.checkpoint_id)) throw checkpointNotFound(at.checkpoint_id)
    const ref = await askGraph(runtime.updateState({ ...target, checkpoint: at, values: body.values ?? null, as_node: body.as_node ?? null }))
    const checkpoint = { checkpoint_ns: '', ...ref, thread_id: threadId }
    await settle(threadId, { checkpoint, as_node: body.as_node ?? null })
    // The open-source server answers with the configurable's keys as well; both readings work.
    return { checkpoint, configurable: checkpoint, checkpoint_id: checkpoint.checkpoint_id ?? null }
  }

  async function apply(threadId: string, supersteps: readonly Superstep[]): Promise<void> {
    const updates = ({ updates: list }: Superstep) => list.map(({ values, command, as_node }) => ({ values: values ?? null, command: command ?? null, as_node }))
    await askGraph(runtime.applySupersteps({ ...changeable(threadId), supersteps: supersteps.map(updates) }))
    await settle(threadId, null)
  }

  /** Status and questions of a thread whose state was changed from outside; `told` is for its stream. */
  async function settle(threadId: string, told: object | null): Promise<void> {
    const now = stamp(clock)
    const [updated] = await Promise.all([
      storage.threads.patch(threadId, (current) => ({
        ...current, ...settledThread(storage, threadId), ...(storage.runs.active(threadId).length ? { status: 'busy' as const } : { error: null }), updated_at: now, state_updated_at: now,
      })),
      told && storage.events.appendUpdate({ thread_id: threadId, run_id: uuid7(clock.now()) }, { event: 'state_update', data: Buffer.from(JSON.stringify(told)) }, now),
    ])
    feed.announce({ thread_id: threadId, kind: 'updated', status: updated?.status ?? null })
  }

  function graphOf(thread: ThreadRow): string {
    const known = thread.metadata['graph_id'] ?? checkpoints.get(thread.thread_id, '', null)?.metadata['graph_id']
    if (typeof known === 'string') return known
    const graphs = runtime.status().graphs
    if (graphs.length === 1) return graphs[0]!.graph_id
    throw new PlatformError('invalid_request', `Thread ${thread.thread_id} belongs to no graph yet: run it once, or create it with metadata {"graph_id": …}.`)
  }

  function read(threadId: string, { checkpoint_id, checkpoint_ns }: { checkpoint_id?: string | null, checkpoint_ns?: string | null }, subgraphs: boolean, selection: StateSelection | null): ThreadState {
    const ns = checkpoint_ns ?? ''
    const row = checkpoints.get(threadId, ns, checkpoint_id ?? null)
    if (row) return stateOf(row, subgraphs, !checkpoint_id, { keys: wantedKeys(selection) })
    if (checkpoint_id) throw checkpointNotFound(checkpoint_id)
    return emptyState(threadId, ns)
  }

  return {
    update, apply,
    get: (threadId, at, { subgraphs, select }) => {
      requireThread(threadId)
      const selection = stateSelection(select)
      return selectFromState(read(threadId, at, subgraphs, selection), selection)
    },
    whole: (threadId, at) => {
      requireThread(threadId)
      return read(threadId, at, false, null)
    },
    history: async (threadId, { limit, before, metadata, checkpoint, select }) => {
      requireThread(threadId)
      const ns = checkpoint?.checkpoint_ns ?? ''
      const most = limit ?? 10
      const at = checkpointIdIn(before)
      const rows = metadata ? await filtered(threadId, ns, at, most, metadata) : checkpoints.list(threadId, ns, { before: at, limit: most, metadata: null })
      const view = createJsonView()
      const selection = stateSelection(select)
      return mapInTurns(rows, (row) => selectFromState(stateOf(row, false, false, { view, keys: wantedKeys(selection) }), selection))
    },
    values: (threadId, wanted = null) => {
      const row = checkpoints.get(threadId, '', null)
      return row && valuesOf(row, checkpoints.piece, undefined, wanted)
    },
  }
}

const NO_KEYS: ReadonlySet<string> = new Set()
/** Values that are not asked for need not be read: they are the heavy part. */
const wantedKeys = (selection: StateSelection | null): ReadonlySet<string> | null => selection && !selection.fields.has('values') ? NO_KEYS : selection?.keys ?? null

/** An id, a checkpoint, or a config that holds one. */
function checkpointIdIn(before: unknown): string | null {
  if (typeof before === 'string') return before
  if (typeof before !== 'object' || before === null) return null
  const { checkpoint_id, configurable } = before as { checkpoint_id?: unknown, configurable?: unknown }
  return typeof checkpoint_id === 'string' ? checkpoint_id : checkpointIdIn(configurable)
}
