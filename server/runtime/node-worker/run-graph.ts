import type { RunJob, RunOutcome } from '../../engine/graph-worker.ts'
import type { Connection } from '../connection.ts'
import { createCheckpointViews, type CheckpointReport } from './checkpoint-views.ts'
import { CheckpointClient } from './checkpoint-client.ts'
import { createCheckpointer } from './checkpointer.ts'
import { describeRunError } from './run-error.ts'
import { runInput, runOptions } from './run-config.ts'
import { createChunkEvents, libraryModes, type StreamChunk } from './stream-events.ts'
import { isTracing, traceRun } from './trace-run.ts'
import { isAtLeast, withPersistence, type CompiledGraph, type StreamEvent } from './user-langgraph.ts'
import { toWireBytes } from './wire-json.ts'
import type { WorkerContext } from './worker-context.ts'

/** How long a cancelled run may take to stop by itself before it is left behind. */
const STOP_GRACE_MS = 2_000

export type WorkerOutcome = Exclude<RunOutcome, { status: 'lost' }>

/** Runs a job to its end. Resolves when all its events are sent and all its checkpoints are committed. */
export async function runGraph(job: RunJob, context: WorkerContext, signal: AbortSignal): Promise<WorkerOutcome> {
  const emit = createEmitter(job.run_id, context.connection, signal)
  const run = execute(job, context, { signal, emit })
  const outcome = await Promise.race([run, leftBehind(signal)])
  emit.close()
  return outcome
}

interface Emitter { (event: string, data: unknown): Promise<void>, close(): void }

interface Control { readonly signal: AbortSignal, readonly emit: Emitter }

function createEmitter(runId: string, connection: Connection, signal: AbortSignal): Emitter {
  let isClosed = false
  const emit = async (event: string, data: unknown) => {
    if (isClosed || signal.aborted) return
    connection.notify('run.event', { run_id: runId, event }, toWireBytes(data))
    await connection.drained()
  }
  return Object.assign(emit, { close: () => { isClosed = true } })
}

async function execute(job: RunJob, context: WorkerContext, control: Control): Promise<WorkerOutcome> {
  try {
    const graph = await context.graph(job.graph_id, { configurable: { ...job.config.configurable, thread_id: job.thread_id, run_id: job.run_id }, metadata: job.config.metadata, ...(job.context ? { context: job.context } : {}) })
    await streamJob(job, graph, { ...context, ...control })
    return control.signal.aborted ? { status: 'cancelled' } : { status: 'success' }
  } catch (error) {
    return control.signal.aborted ? { status: 'cancelled' } : { status: 'error', error: describeRunError(error) }
  }
}

async function streamJob(job: RunJob, graph: CompiledGraph, { langgraph, connection, sent, read, store, signal, emit }: WorkerContext & Control): Promise<void> {
  const checkpoints = new CheckpointClient({ connection, sent, read, runId: job.run_id, sync: job.durability === 'sync', head: job.head, onPut: (put) => views.put(put) })
  const bound = withPersistence(graph, createCheckpointer(langgraph, checkpoints), store)
  const views = createCheckpointViews({ graph: bound, threadId: job.thread_id, checkpoints })
  const trace = isTracing() && job.trace !== false ? traceRun(job, connection) : null
  const closeLater = () => setTimeout(() => checkpoints.close(), STOP_GRACE_MS).unref()
  signal.addEventListener('abort', closeLater, { once: true })

  const describing = isAtLeast(langgraph.version, 0, 4) ? 'checkpoints' : 'debug'
  const eventsOf = createChunkEvents({ modes: job.stream_mode, includeSubgraphs: job.stream_subgraphs, describing })
  const onChunk = async (chunk: StreamChunk) => {
    const report = reportIn(chunk, describing)
    if (report) views.report(report)
    // Whoever is asked a question must find the state that asks it.
    const questions = interruptsIn(chunk)
    if (questions) {
      await (questions.length > 0 ? checkpoints.committed() : checkpoints.settled())
      await views.finish()
    }
    for (const { event, data } of eventsOf(chunk)) await emit(event, data)
  }

  try {
    const input = await runInput(job, langgraph, checkpoints)
    const options = runOptions(job, { signal, streamMode: libraryModes(job.stream_mode, describing), langgraph, trace: trace?.handler ?? null })
    if (job.stream_mode.includes('events')) await streamEvents(bound.streamEvents(input, { ...options, version: 'v2' }), { job, onChunk, emit })
    else for await (const chunk of await bound.stream(input, options)) await onChunk(chunk as StreamChunk)
    await checkpoints.settled()
    checkpoints.assertKept()
  } finally {
    signal.removeEventListener('abort', closeLater)
    await checkpoints.settled()
    await views.finish()
    checkpoints.close()
    trace?.finish()
  }
}

interface EventRun { readonly job: RunJob, readonly onChunk: (chunk: StreamChunk) => Promise<void>, readonly emit: Emitter }

/** The stream of LangChain events has LangGraph's own chunks in it, as those of the root run. */
async function streamEvents(events: AsyncIterable<StreamEvent>, { job, onChunk, emit }: EventRun): Promise<void> {
  for await (const event of events) {
    if (event.tags?.includes('langsmith:hidden')) continue
    if (event.event === 'on_chain_stream' && event.run_id === job.run_id) await onChunk(event.data.chunk as StreamChunk)
    else await emit('events', event)
  }
}

function reportIn([, mode, payload]: StreamChunk, describing: string): CheckpointReport | null {
  if (mode !== describing) return null
  if (mode === 'checkpoints') return payload as CheckpointReport
  const debug = payload as { type: string, payload: CheckpointReport }
  return debug.type === 'checkpoint' ? debug.payload : null
}

/** The open questions that a chunk tells; an empty list when the run stops before or after a node. */
function interruptsIn([, , payload]: StreamChunk): readonly unknown[] | null {
  if (typeof payload !== 'object' || payload === null) return null
  const { __interrupt__: interrupts } = payload as { __interrupt__?: unknown }
  return Array.isArray(interrupts) ? interrupts : null
}

/** User code may ignore the signal; the answer doesn't wait for it for ever. */
function leftBehind(signal: AbortSignal): Promise<WorkerOutcome> {
  return new Promise((resolve) => {
    const start = () => setTimeout(() => resolve({ status: 'cancelled' }), STOP_GRACE_MS).unref()
    if (signal.aborted) start()
    else signal.addEventListener('abort', start, { once: true })
  })
}
