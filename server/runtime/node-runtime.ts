import type { GraphRuntime, RuntimeStatus } from '../engine/graph-worker.ts'
import { PlatformError } from '../errors.ts'
import { CodeGenerations } from './code-generations.ts'
import { completeSchemas, type ToldSchemas } from './complete-schemas.ts'
import { RemoteError } from './connection.ts'
import type { NodeRuntimeOptions } from './node-runtime-options.ts'
import { createTypeReader, type ReadTypes } from './read-types.ts'
import { createTypeProcess } from './type-process.ts'
import type { WorkerProcess } from './worker-process.ts'

export type { NodeRuntimeOptions } from './node-runtime-options.ts'

const STOPPED: RuntimeStatus = { state: 'stopped', generation: 0, pid: null, node_version: null, langgraph_version: null, ready_ms: null, error: null, graphs: [] }

const READY_WITHIN_MS = 10_000
/** States that nothing but new code, or a new start, changes. */
const HOPELESS: ReadonlySet<RuntimeStatus['state']> = new Set(['failed', 'stopped'])

/** Runs graphs in Node worker processes. Saving a file brings its code into service without losing a run. */
export function createNodeRuntime(options: NodeRuntimeOptions): GraphRuntime {
  const statuses = createListeners<RuntimeStatus>()
  const rooms = createListeners<void>()
  const arrivals = createListeners<void>()
  let status = STOPPED
  let generations: CodeGenerations | null = null

  const publish = (change: Partial<RuntimeStatus>) => {
    status = { ...status, ...change }
    statuses.tell(status)
  }
  const types = createTypes(options)
  const serving = () => generations?.serving ?? null
  const pick = (alone: boolean) => (alone ? serving()?.pickIdle() : serving()?.pick(options.jobsPerWorker)) ?? null

  /** Workers start, and one that died is replaced, within moments: who asks meanwhile waits. */
  const anyWorker = async (): Promise<WorkerProcess | null> => {
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, READY_WITHIN_MS)
    const forget = [arrivals.add(late.resolve), statuses.add(({ state }) => HOPELESS.has(state) && late.resolve())]
    if (!serving()?.pickAny() && !HOPELESS.has(status.state)) await late.promise
    clearTimeout(timer)
    for (const stop of forget) stop()
    return serving()?.pickAny() ?? null
  }

  const askWorker = async <T>(question: (worker: WorkerProcess) => Promise<T>): Promise<T> => {
    const worker = await anyWorker()
    if (!worker) throw new PlatformError('worker_unavailable', status.error ? `The graphs can't be run: ${status.error.message}` : 'The graph worker is not ready.')
    try {
      return await question(worker)
    } catch (error) {
      throw refusalFor(error)
    }
  }
  const ask = <T>(method: string, params: unknown) => askWorker((worker) => worker.request<T>(method, params))

  const onRoom = () => {
    if (serving()?.pickAny()) arrivals.tell()
    if (pick(false) ?? pick(true)) rooms.tell()
  }

  return {
    async start(services) {
      generations = new CodeGenerations(options, services, { onStatus: publish, onRoom })
      await generations.start()
    },
    async stop(graceMs) {
      await Promise.all([generations?.stop(graceMs), types.stop()])
      publish({ state: 'stopped', pid: null })
    },
    status: () => status,
    onStatus: statuses.add,
    hasRoom: (alone = false) => pick(alone) !== null,
    size: () => {
      const workers = serving()?.servingCount ?? 0
      return { workers, slots: workers * options.jobsPerWorker }
    },
    keepOneFree: (isWanted) => serving()?.keepOneFree(isWanted),
    onRoom: rooms.add,
    async run(job, onFrame, signal) {
      const worker = pick(job.alone)
      if (!worker) return { status: 'lost', error: { error: 'WorkerLostError', message: 'No worker was ready for the run.' }, blame: 'none' }
      return worker.run(job, onFrame, signal)
    },
    updateState: (update) => ask('state.update', update),
    applySupersteps: (update) => ask('state.supersteps', update),
    drawGraph: (graphId, { xray, config }) => ask('graph.draw', { graph_id: graphId, xray, config: config ?? null }),
    async schemas(graphId) {
      const told = await ask<ToldSchemas>('graph.schemas', { graph_id: graphId })
      const path = status.graphs.find(({ graph_id }) => graph_id === graphId)?.path
      // Types are read where something is missing; a context alone is not worth it.
      const isWhole = told.undeclared.length === 0 || path === undefined
      return completeSchemas(told, isWhole ? { schemas: null, problem: null } : await types.read(path, status.generation))
    },
    subgraphs: (graphId, { namespace, recurse }) => ask('graph.subgraphs', { graph_id: graphId, namespace, recurse }),
    embed: async (texts, kind, dims) => floatsIn(await askWorker((worker) => worker.requestBytes('embed', { texts, kind, dims }))),
  }
}

const TYPES_TIMEOUT_MS = 30_000
/** So much longer than its callers wait may a reading take. */
const TYPES_PATIENCE = 4

function createTypes({ projectDir, appDir, env, workerEntry, maxWorkerMemoryMb, nodePath = process.execPath, typesTimeoutMs = TYPES_TIMEOUT_MS }: NodeRuntimeOptions): { read: ReadTypes, stop(): Promise<void> } {
  const typeProcess = createTypeProcess({ projectDir, env, workerEntry, nodePath, memoryLimitMb: maxWorkerMemoryMb, patienceMs: TYPES_PATIENCE * Math.max(typesTimeoutMs, TYPES_TIMEOUT_MS) })
  return { read: createTypeReader({ projectDir, appDir, timeoutMs: typesTimeoutMs, process: typeProcess }), stop: typeProcess.stop }
}

function createListeners<T>(): { add(listener: (value: T) => void): () => void, tell(value: T): void } {
  const listeners = new Set<(value: T) => void>()
  return {
    add(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tell(value) {
      for (const listener of listeners) listener(value)
    },
  }
}

/** Frames are cut out of a larger buffer: a copy begins where floats may. */
const floatsIn = (bytes: Uint8Array): Float32Array => new Float32Array(new Uint8Array(bytes).buffer, 0, Math.floor(bytes.length / 4))

/** The graph is not to blame for what the platform could not store for it. */
const STORAGE_TROUBLE = ['storage_full', 'storage_busy', 'storage_failed'] as const

/** What the graph's code refuses is the caller's to mend; the rest is told as it is. */
function refusalFor(error: unknown): unknown {
  if (!(error instanceof RemoteError)) return new PlatformError('worker_unavailable', 'The graph worker ended before it answered.', { cause: error })
  if (error.name === 'GraphLoadError' || error.name === 'LangGraphMissingError') return new PlatformError('graph_load_failed', error.message, { cause: error })
  if (error.name === 'EmbeddingError') return new PlatformError('embedding_failed', error.message, { cause: error })
  if (error.name === 'InvalidUpdateError') return new PlatformError('invalid_request', error.message, { cause: error })
  const trouble = STORAGE_TROUBLE.find((code) => code === error.code)
  if (trouble) return new PlatformError(trouble, error.message, { cause: error })
  return new PlatformError('graph_failed', `${error.name}: ${error.message}`, { cause: error })
}
