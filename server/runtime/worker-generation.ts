import type { RuntimeStatus } from '../engine/graph-worker.ts'
import { startWorker, type Welcome, type WorkerOptions, type WorkerProcess } from './worker-process.ts'

const FIRST_DELAY_MS = 250
const LONGEST_DELAY_MS = 30_000
/** A worker that dies this often in a row before it was ready is not tried again: only new code can help. */
const ATTEMPTS = 5
/** Loading the user's code may take long, not for ever. */
const START_PATIENCE_MS = 120_000

export interface StartedGeneration { readonly welcome: Welcome, readonly readyMs: number }

export type GenerationStart = StartedGeneration | { readonly failure: Error }

export interface WorkerGeneration {
  readonly number: number
  /** The first worker's outcome. The others join when they are ready. */
  readonly started: Promise<GenerationStart>
  readonly running: number
  /** The ready worker with the fewest runs; `null` when all are full, hung or starting. */
  pick(jobsPerWorker: number): WorkerProcess | null
  /** Shows the debugger at a port from now on. */
  inspect(port: number): void
  drain(): void
  /** Resolves when all its processes are gone. */
  readonly retired: Promise<void>
  /** Waits for the runs up to `graceMs`, then ends what is left. */
  stop(graceMs: number): Promise<void>
}

export interface GenerationListeners {
  /** A run may be handed over now. */
  onRoom(): void
  /** A worker died that should not have. `isLast`: it won't be tried again. */
  onDeath(how: string, isLast: boolean): void
  /** A worker took the place of one that died; it may have loaded newer code. */
  onRecovered(start: StartedGeneration): void
}

interface Slot { worker: WorkerProcess | null, isReady: boolean, failures: number, timer: NodeJS.Timeout | null }

/** Workers of the same code, side by side. One that dies is replaced, ever more slowly when that keeps failing. */
export function startGeneration(options: WorkerOptions & { readonly workers: number }, listeners: GenerationListeners): WorkerGeneration {
  const slots: Slot[] = Array.from({ length: options.workers }, () => ({ worker: null, isReady: false, failures: 0, timer: null }))
  const retired = Promise.withResolvers<void>()
  let isEnding = false

  const launch = async (slot: Slot, inspectPort: number | null): Promise<GenerationStart> => {
    const startedAt = performance.now()
    const worker = startWorker({ ...options, inspectPort }, listeners.onRoom)
    slot.worker = worker
    slot.timer = null
    void worker.exited.then((how) => onExit(slot, worker, how))
    try {
      const welcome = await withPatience(worker)
      slot.isReady = true
      const start = { welcome, readyMs: Math.round(performance.now() - startedAt) }
      if (slot.failures > 0) listeners.onRecovered(start)
      listeners.onRoom()
      return start
    } catch (error) {
      await worker.kill()
      return { failure: error as Error }
    }
  }

  const onExit = (slot: Slot, worker: WorkerProcess, how: string) => {
    if (slot.worker !== worker) return
    slot.failures = slot.isReady ? 1 : slot.failures + 1
    slot.worker = null
    slot.isReady = false
    if (isEnding) return endWhenAllGone()
    const isLast = slot.failures >= ATTEMPTS
    if (!isLast) slot.timer = setTimeout(() => void launch(slot, null), Math.min(FIRST_DELAY_MS * 2 ** (slot.failures - 1), LONGEST_DELAY_MS))
    listeners.onDeath(how, isLast)
  }

  const workers = () => slots.map(({ worker }) => worker).filter((worker) => worker !== null)
  const endWhenAllGone = () => {
    if (workers().length === 0) retired.resolve()
  }
  const started = launch(slots[0]!, options.inspectPort)
  for (const slot of slots.slice(1)) void launch(slot, null)

  const drain = () => {
    isEnding = true
    for (const slot of slots) {
      if (slot.timer) clearTimeout(slot.timer)
      slot.worker?.drain()
    }
    endWhenAllGone()
  }

  return {
    number: options.generation,
    started,
    get running() {
      return workers().reduce((sum, { running }) => sum + running, 0)
    },
    pick(jobsPerWorker) {
      const free = slots.filter(({ worker, isReady }) => isReady && worker !== null && worker.isServing && worker.running < jobsPerWorker).map(({ worker }) => worker!)
      return free.sort((a, b) => a.running - b.running)[0] ?? null
    },
    inspect: (port) => slots[0]!.worker?.notify('inspect', { port }),
    drain,
    retired: retired.promise,
    async stop(graceMs) {
      drain()
      const late = Promise.withResolvers<void>()
      const timer = setTimeout(late.resolve, graceMs)
      await Promise.race([retired.promise, late.promise])
      clearTimeout(timer)
      await Promise.all(workers().map((worker) => worker.kill()))
      await retired.promise
    },
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
