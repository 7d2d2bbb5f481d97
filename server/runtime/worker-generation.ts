import type { RuntimeStatus } from '../engine/graph-worker.ts'
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
  /** A worker took the place of one that died; it may have loaded newer code. */
  onRecovered(start: StartedGeneration): void
}

export interface GenerationOptions extends WorkerOptions { readonly workers: number }

interface Slot { worker: WorkerProcess | null, readyAt: number | null, failures: number, timer: NodeJS.Timeout | null }

/** Workers of the same code, side by side. One that dies is replaced, ever more slowly when that keeps failing. */
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
  #isEnding = false

  constructor(options: GenerationOptions, listeners: GenerationListeners) {
    this.number = options.generation
    this.retired = this.#gone.promise
    this.#options = options
    this.#listeners = listeners
    this.#slots = Array.from({ length: options.workers }, () => ({ worker: null, readyAt: null, failures: 0, timer: null }))
    const [started] = this.#slots.map((slot, index) => this.#launch(slot, index === 0 ? options.inspectPort : null))
    this.started = started!
  }

  /** Absolute paths of the files its code is made of, as far as any worker got with reading them. */
  get files(): readonly string[] {
    return [...this.#files, ...this.#workers().flatMap((worker) => worker.files)]
  }

  /** The ready worker with the fewest runs; null when all are full, hung or starting. */
  pick(jobsPerWorker: number): WorkerProcess | null {
    const ready = this.#slots.filter(({ readyAt }) => readyAt !== null).map(({ worker }) => worker)
    const free = ready.filter((worker) => worker !== null && worker.isServing && worker.running < jobsPerWorker) as WorkerProcess[]
    return free.sort((a, b) => a.running - b.running)[0] ?? null
  }

  /** Shows the debugger at a port from now on. */
  inspect(port: number): void {
    this.#slots[0]!.worker?.notify('inspect', { port })
  }

  /** No new runs; the processes end with the last one. */
  drain(): void {
    this.#isEnding = true
    for (const { worker, timer } of this.#slots) {
      if (timer) clearTimeout(timer)
      worker?.drain()
    }
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

  async #launch(slot: Slot, inspectPort: number | null): Promise<GenerationStart> {
    const startedAt = performance.now()
    const worker = new WorkerProcess({ ...this.#options, inspectPort }, () => this.#listeners.onRoom())
    slot.worker = worker
    slot.timer = null
    void worker.exited.then((how) => this.#onExit(slot, worker, how))
    try {
      const start = { welcome: await withPatience(worker), readyMs: Math.round(performance.now() - startedAt) }
      slot.readyAt = performance.now()
      if (slot.failures > 0) this.#listeners.onRecovered(start)
      this.#listeners.onRoom()
      return start
    } catch (error) {
      await worker.kill()
      return { failure: error as Error }
    }
  }

  #onExit(slot: Slot, worker: WorkerProcess, how: string): void {
    for (const file of worker.files) this.#files.add(file)
    const wasReady = slot.readyAt !== null
    const wasHealthy = slot.readyAt !== null && performance.now() - slot.readyAt > HEALTHY_MS
    slot.failures = wasHealthy ? 1 : slot.failures + 1
    slot.worker = null
    slot.readyAt = null
    if (this.#isEnding) return this.#endWhenAllGone()
    const isLast = !wasReady && slot.failures >= ATTEMPTS
    if (!isLast) slot.timer = setTimeout(() => void this.#launch(slot, null), Math.min(FIRST_DELAY_MS * 2 ** (slot.failures - 1), LONGEST_DELAY_MS))
    this.#listeners.onDeath(how, isLast)
  }

  #workers(): WorkerProcess[] {
    return this.#slots.map(({ worker }) => worker).filter((worker) => worker !== null)
  }

  #endWhenAllGone(): void {
    if (this.#workers().length === 0) this.#gone.resolve()
  }
}

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
