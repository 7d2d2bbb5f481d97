import { encodeValue, type PieceSink } from '../../domain/encode-value.ts'
import type { CheckpointView } from '../../engine/graph-worker.ts'
import type { CheckpointClient, EncodeView, PutCheckpoint } from './checkpoint-client.ts'
import { plainJson } from './plain-json.ts'
import { findGraph } from './subgraphs.ts'
import type { CompiledGraph } from './user-langgraph.ts'

/** What LangGraph tells of a checkpoint: in a `checkpoints` or `debug` stream chunk, or as a state snapshot. */
export interface CheckpointReport {
  readonly config?: { configurable?: Record<string, unknown> }
  readonly values: unknown
  readonly next: readonly string[]
  readonly tasks: readonly { id: string, name: string, path?: unknown, state?: unknown }[]
}

export interface CheckpointViews {
  /** A checkpoint was handed to the server. */
  put(put: PutCheckpoint): void
  /** LangGraph told how a checkpoint reads. Reports of checkpoints that this run did not put are ignored. */
  report(report: CheckpointReport): void
  /** Describes what was put and never reported (a run that stopped early, durability "exit"); resolves when all is committed. */
  finish(): Promise<void>
}

interface Options { readonly graph: CompiledGraph, readonly threadId: string, readonly checkpoints: Pick<CheckpointClient, 'attachView' | 'describe'> }

/** Sends, for every checkpoint of a run, what a reader needs and only the graph's code can tell. */
export function createCheckpointViews({ graph, threadId, checkpoints }: Options): CheckpointViews {
  const undescribed = new Map<string, PutCheckpoint>()
  const early = new Map<string, CheckpointReport>()
  const underWay = new Set<Promise<void>>()
  // Values the graph asks not to keep: describing a checkpoint must not keep them either.
  const untracked = new Set(Object.keys(graph.channels).filter((key) => graph.channels[key]?.lc_graph_name === 'UntrackedValue'))
  let failure: unknown

  const describe = (put: PutCheckpoint, report: CheckpointReport, root: string | null) => {
    const { checkpointNs, checkpointId } = put
    undescribed.delete(keyOf(checkpointNs, checkpointId))
    const encode: EncodeView = (sink) => ({ ...readState(put, { values: report.values, root, untracked }, sink), ...nextAndTasks(report) })
    if (checkpoints.attachView(checkpointNs, checkpointId, encode)) return
    const tracked: Promise<void> = checkpoints.describe(checkpointNs, checkpointId, threadId, encode).catch((error: unknown) => {
      failure ??= error
    }).finally(() => underWay.delete(tracked))
    underWay.add(tracked)
  }

  return {
    put(put) {
      const key = keyOf(put.checkpointNs, put.checkpointId)
      undescribed.set(key, put)
      const report = early.get(key)
      if (!report) return
      early.delete(key)
      describe(put, report, rootOf(graph, put, report.values))
    },
    report(report) {
      const { checkpoint_ns: checkpointNs = '', checkpoint_id: checkpointId } = report.config?.configurable ?? {}
      if (typeof checkpointId !== 'string' || typeof checkpointNs !== 'string') return
      const key = keyOf(checkpointNs, checkpointId)
      const put = undescribed.get(key)
      if (put) describe(put, report, rootOf(graph, put, report.values))
      else early.set(key, report)
    },
    async finish() {
      for (const put of undescribed.values()) {
        const owner = await findGraph(graph, put.checkpointNs)
        const report = owner ? await snapshotOf(graph, threadId, put) : byChannels(put)
        describe(put, report, typeof owner?.streamChannels === 'string' ? owner.streamChannels : null)
      }
      await Promise.all(underWay)
      if (failure) throw failure
    },
  }
}

const ROOT_CHANNELS = ['__root__', '__end__']

const keyOf = (checkpointNs: string, checkpointId: string) => `${checkpointNs}\n${checkpointId}`

function nextAndTasks({ next, tasks }: CheckpointReport): Pick<CheckpointView, 'next' | 'tasks'> {
  return {
    next: next.map(String),
    tasks: tasks.map(({ id, name, path, state }) => ({ id, name: String(name), ...(path === undefined ? {} : { path: plainJson(path) }), ...(state === undefined ? {} : { subgraph: true }) })),
  }
}

type ReadState = Pick<CheckpointView, 'keys' | 'root' | 'overrides'>

interface ReadableState { readonly values: unknown, readonly root: string | null, readonly untracked: ReadonlySet<string> }

/** Which channels make up `values`, and those whose value is not what is stored under their name. */
function readState(put: PutCheckpoint, { values, root, untracked }: ReadableState, sink: PieceSink): ReadState {
  if (root !== null) return { keys: [], root }
  const keys: string[] = []
  const overrides: Record<string, string> = {}
  for (const [key, value] of Object.entries(values ?? {})) {
    if (value === undefined || untracked.has(key)) continue
    keys.push(key)
    if (key in put.channels && Object.is(put.channelValues[key], value)) continue
    const text = encodeValue(value, sink)
    if (put.channels[key] !== text) overrides[key] = text
  }
  return { keys, ...(Object.keys(overrides).length > 0 ? { overrides } : {}) }
}

/**
 * The channel that is the whole state of a graph without keys (the functional API, a single-channel graph).
 * Of a nested graph only the values are at hand: they are recognised by identity.
 */
function rootOf(graph: CompiledGraph, put: PutCheckpoint, values: unknown): string | null {
  if (put.checkpointNs === '') return typeof graph.streamChannels === 'string' ? graph.streamChannels : null
  const isRecord = typeof values === 'object' && values !== null && !Array.isArray(values)
  return ROOT_CHANNELS.find((channel) => isRecord ? Object.is(put.channelValues[channel], values) : channel in put.channelValues) ?? null
}

async function snapshotOf(graph: CompiledGraph, threadId: string, put: PutCheckpoint): Promise<CheckpointReport> {
  try {
    return await graph.getState({ configurable: { thread_id: threadId, checkpoint_ns: put.checkpointNs, checkpoint_id: put.checkpointId } })
  } catch {
    // Reading runs user code (reducers, defaults); its failure must not fail the run that is over.
    return byChannels(put)
  }
}

/** A subgraph that a node calls by itself can't be found from outside: its channels are all there is to tell. */
function byChannels({ channelValues }: PutCheckpoint): CheckpointReport {
  const keys = Object.keys(channelValues).filter((channel) => !channel.startsWith('__') && !channel.startsWith('branch:'))
  return { config: {}, values: Object.fromEntries(keys.map((key) => [key, channelValues[key]])), next: [], tasks: [] }
}
