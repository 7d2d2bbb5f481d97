import type { GraphLoadError, GraphRuntime, LoadedGraph, RuntimeStatus, WorkerServices } from '../engine/graph-worker.ts'
import { PlatformError } from '../errors.ts'
import { RemoteError } from './connection.ts'
import { watchFiles, type FileWatch } from './watch-files.ts'
import { describeGeneration, startGeneration, type GenerationStart, type StartedGeneration, type WorkerGeneration } from './worker-generation.ts'
import type { WorkerProcess } from './worker-process.ts'

type Graphs = Record<string, { path: string, description: string | null }>

export interface NodeRuntimeOptions {
  /** Absolute. The workers' working directory, and where their packages are looked for. */
  readonly projectDir: string
  /** Absolute. Whose node_modules has LangGraph for projects that have none. */
  readonly appDir: string
  /** Absolute paths of files that are watched too: langgraph.json, .env. */
  readonly configFiles: string[]
  readonly graphs: Graphs
  /** The whole environment of the workers. */
  readonly env: Record<string, string>
  readonly workers: number
  readonly jobsPerWorker: number
  /** Whether saving a file starts a new generation of workers. */
  readonly reload: boolean
  readonly inspectPort: number | null
  /** Absolute path of the built worker.js or of node-worker/main.ts. */
  readonly workerEntry: string
  /** The Node binary; this process's own when absent. */
  readonly nodePath?: string
  /** Reads graphs and environment anew before each reload; without it they stay as given. */
  readonly readConfig?: () => Promise<{ graphs: Graphs, env: Record<string, string> }>
  readonly log: (entry: { level: 'debug' | 'info' | 'warn' | 'error', msg: string } & Record<string, unknown>) => void
}

const NO_STATUS: RuntimeStatus = { state: 'stopped', generation: 0, pid: null, node_version: null, langgraph_version: null, ready_ms: null, error: null, graphs: [] }

/** Runs graphs in Node worker processes, in generations: new code starts beside the old and takes over when it is good. */
export function createNodeRuntime(options: NodeRuntimeOptions): GraphRuntime {
  const statusListeners = new Set<(status: RuntimeStatus) => void>()
  const roomListeners = new Set<() => void>()
  const retiring = new Set<WorkerGeneration>()
  let status = NO_STATUS
  let config: { graphs: Graphs, env: Record<string, string> } = options
  let services: WorkerServices | null = null
  let serving: WorkerGeneration | null = null
  let candidate: WorkerGeneration | null = null
  let watch: FileWatch | null = null
  let started = 0
  let isStopped = false
  let isLoading = false
  let isReloadWanted = false
  let servingFiles: readonly string[] = []

  const publish = (change: Partial<RuntimeStatus>) => {
    status = { ...status, ...change }
    for (const listener of statusListeners) listener(status)
  }

  const announceRoom = () => {
    if (pick()) for (const listener of roomListeners) listener()
  }

  const pick = (limit = options.jobsPerWorker): WorkerProcess | null => serving?.pick(limit) ?? null

  const startNext = (): WorkerGeneration => {
    const number = ++started
    const { projectDir, appDir, workerEntry, workers } = options
    const isFirst = number === 1
    const generation = startGeneration({
      projectDir, appDir, workerEntry, workers, generation: number, services: services!, ...config,
      nodePath: options.nodePath ?? process.execPath, inspectPort: isFirst ? options.inspectPort : null,
    }, {
      onRoom: announceRoom,
      onRecovered: (start) => generation === serving && describe(generation, start),
      onDeath: (how, isLast) => {
        if (generation !== serving) return
        options.log({ level: 'error', msg: how, generation: number })
        publish({ error: { message: how }, ...(isLast && generation.pick(Number.POSITIVE_INFINITY) === null ? { state: 'failed' } : {}) })
      },
    })
    return generation
  }

  const watchAfter = (outcome: GenerationStart, since: number) => {
    const files = 'welcome' in outcome ? outcome.welcome.watch : []
    watch?.set([...new Set([...options.configFiles, ...servingFiles, ...files])], since)
  }

  const takeOver = (generation: WorkerGeneration, outcome: StartedGeneration) => {
    const old = serving
    serving = generation
    servingFiles = outcome.welcome.watch
    if (old) retire(old)
    if (old && options.inspectPort !== null) generation.inspect(options.inspectPort)
    describe(generation, outcome)
    announceRoom()
  }

  const describe = (generation: WorkerGeneration, outcome: StartedGeneration) => {
    const { graphs } = outcome.welcome
    const isUseless = graphs.length > 0 && graphs.every(({ error }) => error !== null)
    publish({ state: isUseless ? 'failed' : 'ready', error: firstError(graphs), ...describeGeneration(generation.number, outcome) })
  }

  const retire = (generation: WorkerGeneration) => {
    retiring.add(generation)
    void generation.retired.then(() => retiring.delete(generation))
    generation.drain()
  }

  const startFirst = async () => {
    publish({ ...NO_STATUS, state: 'starting', graphs: unloaded(config.graphs) })
    const since = Date.now()
    candidate = startNext()
    const outcome = await candidate.started
    const generation = candidate
    candidate = null
    if (isStopped) return
    if ('welcome' in outcome) takeOver(generation, outcome)
    else {
      serving = generation
      publish({ state: 'failed', error: failureOf(outcome.failure) })
    }
    watchAfter(outcome, since)
  }

  /** One at a time: what changes meanwhile is loaded after it. */
  const reload = async () => {
    isReloadWanted = true
    if (isLoading) return
    isLoading = true
    while (isReloadWanted) {
      isReloadWanted = false
      await reloadOnce()
    }
    isLoading = false
  }

  const reloadOnce = async () => {
    if (isStopped) return
    const since = Date.now()
    const stateBefore = status.state
    publish({ state: 'reloading' })
    try {
      if (options.readConfig) config = await options.readConfig()
    } catch (error) {
      return publish({ state: stateBefore, error: failureOf(error as Error) })
    }
    candidate = startNext()
    const generation = candidate
    const outcome = await generation.started
    candidate = null
    if (isStopped) return
    const refusal = refusalOf(outcome, status.graphs)
    if (refusal === null) takeOver(generation, outcome as StartedGeneration)
    else {
      void generation.stop(0)
      options.log({ level: 'warn', msg: `The new code is not used: ${refusal.message}`, file: refusal.file, line: refusal.line })
      publish({ state: stateBefore, error: refusal })
    }
    watchAfter(outcome, since)
  }

  const ask = async <T>(method: string, params: unknown): Promise<T> => {
    const worker = pick(Number.POSITIVE_INFINITY)
    if (!worker) throw new PlatformError('worker_unavailable', status.error ? `The graphs can't be run: ${status.error.message}` : 'The graph worker is not ready.')
    try {
      return await worker.request<T>(method, params)
    } catch (error) {
      throw refusalFor(error)
    }
  }

  return {
    async start(given) {
      services = given
      isStopped = false
      if (options.reload) watch = watchFiles(() => void reload())
      isLoading = true
      await startFirst()
      isLoading = false
      if (isReloadWanted) void reload()
    },
    async stop(graceMs) {
      isStopped = true
      await watch?.close()
      const all = [serving, candidate, ...retiring].filter((generation) => generation !== null)
      await Promise.all(all.map((generation) => generation.stop(graceMs)))
      serving = null
      publish({ state: 'stopped', pid: null })
    },
    status: () => status,
    onStatus(listener) {
      statusListeners.add(listener)
      return () => statusListeners.delete(listener)
    },
    hasRoom: () => !isStopped && pick() !== null,
    onRoom(listener) {
      roomListeners.add(listener)
      return () => roomListeners.delete(listener)
    },
    async run(job, onFrame, signal) {
      const worker = pick()
      if (!worker) return { status: 'lost', error: { error: 'WorkerLostError', message: 'No worker was ready for the run.' } }
      return worker.run(job, onFrame, signal)
    },
    updateState: (update) => ask('state.update', update),
    drawGraph: (graphId, { xray, config: drawConfig }) => ask('graph.draw', { graph_id: graphId, xray, config: drawConfig ?? null }),
    schemas: (graphId) => ask('graph.schemas', { graph_id: graphId }),
    subgraphs: (graphId, { namespace, recurse }) => ask('graph.subgraphs', { graph_id: graphId, namespace, recurse }),
  }
}

const unloaded = (graphs: Graphs): LoadedGraph[] => Object.entries(graphs).map(([graph_id, graph]) => ({ graph_id, ...graph, error: null }))

const firstError = (graphs: readonly LoadedGraph[]): GraphLoadError | null => graphs.find(({ error }) => error !== null)?.error ?? null

const failureOf = (error: Error): GraphLoadError => ({ message: error.message, ...(error.stack ? { stack: error.stack } : {}) })

/** New code takes over unless it can't start or breaks a graph that works. */
function refusalOf(outcome: GenerationStart, current: readonly LoadedGraph[]): GraphLoadError | null {
  if ('failure' in outcome) return failureOf(outcome.failure)
  const working = new Set(current.filter(({ error }) => error === null).map(({ graph_id }) => graph_id))
  return outcome.welcome.graphs.find(({ graph_id, error }) => error !== null && working.has(graph_id))?.error ?? null
}

/** What the graph's code refuses is the caller's to mend; the rest is told as it is. */
function refusalFor(error: unknown): unknown {
  if (!(error instanceof RemoteError)) return new PlatformError('worker_unavailable', 'The graph worker ended before it answered.', { cause: error })
  if (error.name === 'GraphLoadError' || error.name === 'LangGraphMissingError') return new PlatformError('graph_load_failed', error.message, { cause: error })
  if (error.name === 'InvalidUpdateError') return new PlatformError('invalid_request', error.message, { cause: error })
  return new PlatformError('graph_failed', `${error.name}: ${error.message}`, { cause: error })
}
