import type { GraphLoadError, LoadedGraph, RuntimeStatus, WorkerServices } from '../engine/graph-worker.ts'
import type { Graphs, NodeRuntimeOptions } from './node-runtime-options.ts'
import { watchFiles, type FileWatch } from './watch-files.ts'
import { describeGeneration, WorkerGeneration, type GenerationStart, type StartedGeneration } from './worker-generation.ts'

const PATIENCE_MS = 5_000
const BLOCKED_AFTER_MS = 10_000

export interface GenerationsListeners {
  onStatus(change: Partial<RuntimeStatus>): void
  /** A run may be handed over now. */
  onRoom(): void
}

/**
 * The workers of a project through the changes of its code. New code starts beside the old:
 *
 * | the new code | then |
 * |---|---|
 * | loads every graph that loaded before | takes over; the old workers end with their last run |
 * | can't start, or breaks a graph that worked | is dropped; the old goes on, the status has the error |
 *
 * Either way its files are watched, so that mending them is noticed.
 */
export class CodeGenerations {
  readonly #options: NodeRuntimeOptions
  readonly #services: WorkerServices
  readonly #listeners: GenerationsListeners
  readonly #retiring = new Set<WorkerGeneration>()
  readonly #watch: FileWatch | null
  #config: { graphs: Graphs, env: Record<string, string> }
  #graphs: readonly LoadedGraph[] = []
  #serving: WorkerGeneration | null = null
  #candidate: WorkerGeneration | null = null
  #state: RuntimeStatus['state'] = 'starting'
  #started = 0
  #isLoading = false
  #isReloadWanted = false
  #isStopped = false

  constructor(options: NodeRuntimeOptions, services: WorkerServices, listeners: GenerationsListeners) {
    this.#options = options
    this.#services = services
    this.#listeners = listeners
    this.#config = options
    this.#watch = options.reload ? watchFiles(() => void this.#reload()) : null
  }

  /** The workers that take runs now. */
  get serving(): WorkerGeneration | null {
    return this.#isStopped ? null : this.#serving
  }

  /** Resolves when the first generation serves or has failed to. */
  async start(): Promise<void> {
    this.#isLoading = true
    this.#publish({ state: 'starting', graphs: Object.entries(this.#config.graphs).map(([graph_id, graph]) => ({ graph_id, ...graph, error: null })) })
    const { generation, outcome, since } = await this.#launch()
    if (!this.#isStopped) {
      if ('welcome' in outcome) this.#takeOver(generation, outcome)
      else {
        this.#serving = generation
        this.#publish({ state: 'failed', error: failureOf(outcome.failure) })
      }
      this.#watchFiles(generation, since)
    }
    this.#isLoading = false
    if (this.#isReloadWanted) void this.#reload()
  }

  /** Waits for runs up to `graceMs`, then ends every process. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopped = true
    this.#watch?.close()
    const all = [this.#serving, this.#candidate, ...this.#retiring].filter((generation) => generation !== null)
    await Promise.all(all.map((generation) => generation.stop(graceMs)))
  }

  /** One at a time: what changes meanwhile is loaded after it. */
  async #reload(): Promise<void> {
    this.#isReloadWanted = true
    if (this.#isLoading) return
    this.#isLoading = true
    while (this.#isReloadWanted && !this.#isStopped) {
      this.#isReloadWanted = false
      await this.#reloadOnce()
    }
    this.#isLoading = false
  }

  async #reloadOnce(): Promise<void> {
    const stateBefore = this.#state
    this.#publish({ state: 'reloading' })
    try {
      if (this.#options.readConfig) this.#config = await this.#options.readConfig()
    } catch (error) {
      return this.#publish({ state: stateBefore, error: failureOf(error as Error) })
    }
    const { generation, outcome, since } = await this.#launch()
    if (this.#isStopped) return
    const refusal = refusalOf(outcome, this.#graphs)
    if (refusal === null) this.#takeOver(generation, outcome as StartedGeneration)
    else {
      this.#log('warn', `The new code is not used: ${refusal.message}`, { file: refusal.file, line: refusal.line })
      this.#publish({ state: stateBefore, error: refusal })
    }
    this.#watchFiles(generation, since)
    if (refusal !== null) await generation.stop(0)
  }

  async #launch(): Promise<{ generation: WorkerGeneration, outcome: GenerationStart, since: number }> {
    const since = performance.timeOrigin + performance.now()
    const { projectDir, appDir, embed = null, loopback = null, workerEntry, role = 'graphs', workers, inspectPort, maxWorkerMemoryMb: memoryLimitMb, nodePath = process.execPath, patienceMs = PATIENCE_MS } = this.#options
    // Who stands at a breakpoint is not blocked.
    const blockedAfterMs = inspectPort === null ? this.#options.blockedAfterMs ?? BLOCKED_AFTER_MS : Number.POSITIVE_INFINITY
    const number = ++this.#started
    const generation: WorkerGeneration = new WorkerGeneration(
      { projectDir, appDir, embed, loopback, workerEntry, role, workers, nodePath, patienceMs, blockedAfterMs, memoryLimitMb, ...this.#config, generation: number, services: this.#services, inspectPort: number === 1 ? inspectPort : null },
      {
        onRoom: () => this.#listeners.onRoom(),
        onRecovered: (start) => generation === this.#serving && this.#describe(generation, start),
        onBlocked: (hasStandIn) => this.#log('warn', `A worker has not answered for ${blockedAfterMs / 1000} s: a graph blocks its event loop. ${hasStandIn ? 'Another one takes new runs.' : 'As many are blocked as there should be workers, so none takes its place.'}`, { generation: number }),
        onDeath: (how, isLast) => this.#onDeath(generation, how, isLast),
      },
    )
    this.#candidate = generation
    const outcome = await generation.started
    this.#candidate = null
    return { generation, outcome, since }
  }

  #takeOver(generation: WorkerGeneration, outcome: StartedGeneration): void {
    const old = this.#serving
    this.#serving = generation
    if (old) {
      this.#retiring.add(old)
      void old.retired.then(() => this.#retiring.delete(old))
      old.drain()
      if (this.#options.inspectPort !== null) generation.inspect(this.#options.inspectPort)
    }
    this.#describe(generation, outcome)
    this.#listeners.onRoom()
  }

  #describe(generation: WorkerGeneration, outcome: StartedGeneration): void {
    const { graphs } = outcome.welcome
    const isUseless = graphs.length > 0 && graphs.every(({ error }) => error !== null)
    const error = graphs.find((graph) => graph.error !== null)?.error ?? null
    this.#graphs = graphs
    this.#publish({ state: isUseless ? 'failed' : 'ready', error, ...describeGeneration(generation.number, outcome) })
  }

  #onDeath(generation: WorkerGeneration, how: string, isLast: boolean): void {
    this.#log('error', how, { generation: generation.number })
    if (generation !== this.#serving) return
    if (isLast) this.#log('error', 'The worker keeps ending while it starts: it is not tried again before the code changes.', { generation: generation.number })
    const isOver = isLast && generation.pickAny() === null
    this.#publish({ error: { message: how }, ...(isOver ? { state: 'failed' } : {}) })
  }

  #watchFiles(latest: WorkerGeneration, since: number): void {
    const { configFiles } = this.#options
    this.#watch?.set([...new Set([...configFiles, ...this.#serving?.files ?? [], ...latest.files])], since)
  }

  #publish(change: Partial<RuntimeStatus>): void {
    this.#state = change.state ?? this.#state
    this.#listeners.onStatus(change)
  }

  #log(level: 'warn' | 'error', msg: string, details: Record<string, unknown>): void {
    this.#options.log({ level, msg, ...details })
  }
}

const failureOf = (error: Error): GraphLoadError => ({ message: error.message, ...(error.stack ? { stack: error.stack } : {}) })

function refusalOf(outcome: GenerationStart, current: readonly LoadedGraph[]): GraphLoadError | null {
  if ('failure' in outcome) return failureOf(outcome.failure)
  const working = new Set(current.filter(({ error }) => error === null).map(({ graph_id }) => graph_id))
  return outcome.welcome.graphs.find(({ graph_id, error }) => error !== null && working.has(graph_id))?.error ?? null
}
