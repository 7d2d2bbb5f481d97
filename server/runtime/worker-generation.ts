import type { RunError, RuntimeStatus } from '../engine/graph-worker.ts'
import { WorkerProcess, type Welcome, type WorkerOptions } from './worker-process.ts'

const FIRST_DELAY_MS = 250
const LONGEST_DELAY_MS = 30_000
/** A worker that dies this often in a row before it was ready is not tried again: only new code can help. */
const ATTEMPTS = 5
/** A worker that served this long starts with a clean slate when it dies. */
const HEALTHY_MS = 10_000
/** Loading the user's code may take long, not for ever. */
const START_PATIENCE_MS = 120_000

export interface StartedGeneration { readonly welcome: Welcome, readonly readyMs: number }

export type GenerationStart = StartedGeneration | { readonly failure: Error }

export interface GenerationListeners {
  /** A run may be handed over now. */
  onRoom(): void
  /** A worker died that should not have. `isLast`: it won't be tried again. */
  onDeath(how: string, isLast: boolean): void
  /** A worker's event loop stands still. `hasStandIn`: another one is started in its place. */
  onBlocked(hasStandIn: boolean): void
  /** A worker took the place of one that died; it may have loaded newer code. */
  onRecovered(start: StartedGeneration): void
}

export interface GenerationOptions extends WorkerOptions { readonly workers: number }

interface Slot { readonly index: number, worker: WorkerProcess | null, readyAt: number | null, failures: number, timer: NodeJS.Timeout | null }

/**
 * Workers of the same code, side by side. One that dies is replaced, ever more slowly when that keeps failing. One that is
 * blocked keeps its runs and gets a stand-in, until as many are blocked as there should be workers; when it turns again it
 * ends with its last run.
 */
export class WorkerGeneration {
  readonly number: number
  /** The first worker's outcome. The others join when they are ready. */
  readonly started: Promise<GenerationStart>
  /** Resolves when it was drained and all its processes are gone. */
  readonly retired: Promise<void>
  readonly #options: GenerationOptions
  readonly #listeners: GenerationListeners
  readonly #slots: readonly Slot[]
  readonly #gone = Promise.withResolvers<void>()
  readonly #files = new Set<string>()
  readonly #blocked = new Set<WorkerProcess>()
  /** Graphs that loaded when this code was new. */
  #working: readonly string[] = []
  #inspectPort: number | null
  #isOneKeptFree = false
  #isEnding = false

  constructor(options: GenerationOptions, listeners: GenerationListeners) {
    this.number = options.generation
    this.retired = this.#gone.promise
    this.#options = options
    this.#listeners = listeners
    this.#inspectPort = options.inspectPort
    this.#slots = Array.from({ length: options.workers }, (_, index) => ({ index, worker: null, readyAt: null, failures: 0, timer: null }))
    const [started] = this.#slots.map((slot) => this.#launch(slot))
    this.started = started!
  }

  /** Absolute paths of the files its code is made of, as far as any worker got with reading them. */
  get files(): readonly string[] {
    return [...this.#files, ...this.#workers().flatMap((worker) => worker.files)]
  }

  /** Workers that would take a run if they had room. */
  get servingCount(): number {
    return this.#serving().length
  }

  /** The ready worker with the fewest runs, fewer than `limit`; null when all are full, blocked, taken or starting. */
  pick(limit: number): WorkerProcess | null {
    const [first, second] = this.#serving()
    // The one that is kept free is always the first: it takes nothing, so it stays first until it is free.
    const candidate = this.#isOneKeptFree ? second : first
    return candidate && candidate.running < limit ? candidate : null
  }

  /** A worker that has nothing to do. */
  pickIdle(): WorkerProcess | null {
    const [first] = this.#serving()
    return first?.running === 0 ? first : null
  }

  /** Any ready worker, for what is no run. */
  pickAny(): WorkerProcess | null {
    return this.#serving()[0] ?? this.#slots.find(({ worker, readyAt }) => readyAt !== null && worker?.isAnswering)?.worker ?? null
  }

  keepOneFree(isWanted: boolean): void {
    this.#isOneKeptFree = isWanted
  }

  /** Shows the debugger from now on: the first worker at this port, the others at those after it. */
  inspect(port: number): void {
    this.#inspectPort = port
    for (const slot of this.#slots) slot.worker?.notify('inspect', { port: portOf(port, slot.index) })
  }

  /** No new runs; the processes end with the last one. */
  drain(): void {
    this.#isEnding = true
    for (const { timer } of this.#slots) if (timer) clearTimeout(timer)
    for (const worker of this.#workers()) worker.drain()
    this.#endWhenAllGone()
  }

  /** Waits for the runs up to `graceMs`, then ends what is left. */
  async stop(graceMs: number): Promise<void> {
    this.drain()
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, graceMs)
    await Promise.race([this.retired, late.promise])
    clearTimeout(timer)
    await Promise.all(this.#workers().map((worker) => worker.kill()))
    await this.retired
  }

  async #launch(slot: Slot): Promise<GenerationStart> {
    const startedAt = performance.now()
    const worker = new WorkerProcess({ ...this.#options, inspectPort: this.#inspectPort === null ? null : portOf(this.#inspectPort, slot.index) }, {
      onFree: () => this.#listeners.onRoom(),
      onBlocked: () => this.#standIn(slot, worker),
      onAnswer: () => this.#blocked.has(worker) && worker.drain(),
    })
    slot.worker = worker
    slot.timer = null
    void worker.exited.then((how) => this.#onExit(slot, worker, how))
    try {
      const start = { welcome: await withPatience(worker), readyMs: Math.round(performance.now() - startedAt) }
      this.#requireSameGraphs(start.welcome)
      slot.readyAt = performance.now()
      if (slot.failures > 0) this.#listeners.onRecovered(start)
      this.#listeners.onRoom()
      return start
    } catch (error) {
      await worker.kill({ error: 'WorkerLostError', message: (error as Error).message })
      return { failure: error as Error }
    }
  }

  /** A blocked worker goes on beside its slot, which gets another one. */
  #standIn(slot: Slot, worker: WorkerProcess): void {
    if (this.#isEnding) return
    const hasStandIn = slot.worker === worker && this.#blocked.size < this.#slots.length
    this.#listeners.onBlocked(hasStandIn)
    if (!hasStandIn) return
    this.#blocked.add(worker)
    slot.readyAt = null
    void this.#launch(slot)
  }

  /** What is on disk may be newer, and broken: a worker that lost a graph is no replacement. */
  #requireSameGraphs({ graphs }: Welcome): void {
    const loaded = graphs.filter(({ error }) => error === null).map(({ graph_id }) => graph_id)
    const lost = graphs.find(({ graph_id, error }) => error !== null && this.#working.includes(graph_id))
    if (lost) throw new Error(`A new worker can't take the place of one that ended, since the code of "${lost.graph_id}" is broken now: ${lost.error!.message}`)
    this.#working = loaded
  }

  #onExit(slot: Slot, worker: WorkerProcess, { message: how }: RunError): void {
    for (const file of worker.files) this.#files.add(file)
    if (this.#blocked.delete(worker)) return this.#isEnding ? this.#endWhenAllGone() : undefined
    const wasReady = slot.readyAt !== null
    const wasHealthy = slot.readyAt !== null && performance.now() - slot.readyAt > HEALTHY_MS
    slot.failures = wasHealthy ? 1 : slot.failures + 1
    slot.worker = null
    slot.readyAt = null
    if (this.#isEnding) return this.#endWhenAllGone()
    const isLast = !wasReady && slot.failures >= ATTEMPTS
    if (!isLast) slot.timer = setTimeout(() => void this.#launch(slot), Math.min(FIRST_DELAY_MS * 2 ** (slot.failures - 1), LONGEST_DELAY_MS))
    this.#listeners.onDeath(how, isLast)
  }

  #workers(): WorkerProcess[] {
    return [...this.#slots.map(({ worker }) => worker).filter((worker) => worker !== null), ...this.#blocked]
  }

  /** Those that would take a run, the one with the fewest first. */
  #serving(): WorkerProcess[] {
    const ready = this.#slots.filter(({ readyAt }) => readyAt !== null).map(({ worker }) => worker)
    return ready.filter((worker): worker is WorkerProcess => worker !== null && worker.isServing).sort((a, b) => a.running - b.running)
  }

  #endWhenAllGone(): void {
    if (this.#workers().length === 0) this.#gone.resolve()
  }
}

/** Port 0 stands for any free one. */
const portOf = (first: number, index: number): number => first === 0 ? 0 : first + index

async function withPatience(worker: WorkerProcess): Promise<Welcome> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`The graphs were not loaded within ${START_PATIENCE_MS / 1000} seconds.`)), START_PATIENCE_MS)
  try {
    return await Promise.race([worker.ready, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** The status fields that a started generation tells of itself. */
export function describeGeneration(number: number, { welcome, readyMs }: StartedGeneration): Omit<RuntimeStatus, 'state' | 'error'> {
  return { generation: number, pid: welcome.pid, node_version: welcome.runtime_version, langgraph_version: welcome.langgraph_version, ready_ms: readyMs, graphs: welcome.graphs }
}
