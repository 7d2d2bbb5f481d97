import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { RunStatus } from '../contract/run.ts'
import type { ServerFigures } from '../contract/system.ts'
import type { Clock } from '../engine/clock.ts'
import type { GraphRuntime } from '../engine/graph-worker.ts'
import type { RunRow, Storage } from '../storage/storage.ts'

export interface MetricsService {
  /** A run ended, or was cancelled before it began. */
  runEnded(run: RunRow, status: RunStatus): void
  figures(): ServerFigures
  /** Prometheus' text format, and its media type. */
  prometheus(): Promise<{ text: string, type: string }>
  close(): void
}

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600]
/** Often enough to see what blocks, seldom enough for a machine at rest. */
const SAMPLE_MS = 20
const ENDED = ['success', 'error', 'timeout', 'interrupted'] as const

/** What the server is doing, for those who watch it (§1.1). Counts are since it started; what is asked of storage is asked when somebody reads. */
export function createMetricsService({ storage, runtime, clock }: { storage: Storage, runtime: GraphRuntime, clock: Clock }): MetricsService {
  const registers = [new Registry()]
  const [registry] = registers as [Registry]
  const ended: Record<string, number> = Object.fromEntries(ENDED.map((status) => [status, 0]))
  const runs = new Counter({ name: 'superstep_runs_ended_total', help: 'Runs that ended, by status.', labelNames: ['status'], registers })
  for (const status of ENDED) runs.inc({ status }, 0)
  const waited = new Histogram({ name: 'superstep_run_wait_seconds', help: 'From the moment a run was due to its start.', buckets: SECONDS, registers })
  const took = new Histogram({ name: 'superstep_run_duration_seconds', help: 'From the start of a run to its end, all attempts.', labelNames: ['status'], buckets: SECONDS, registers })
  const delay = createDelay()

  function figures(): ServerFigures {
    const { pending, running } = storage.runs.counts()
    const { workers, slots } = runtime.size()
    return {
      queue: { num_pending: pending, num_running: running },
      workers: { max: slots, active: running, available: Math.max(0, slots - running), processes: workers },
      runs_ended: { ...ended },
      event_loop_delay_seconds: delay.read(),
      store_bytes: storage.size(),
    }
  }

  const gauge = (name: string, help: string) => new Gauge({ name, help, registers })
  const pending = gauge('superstep_runs_pending', 'Runs that wait, delayed ones among them.')
  const running = gauge('superstep_runs_running', 'Runs that are under way.')
  const slots = gauge('superstep_run_slots', 'Runs that the workers can have at a time.')
  const processes = gauge('superstep_workers', 'Worker processes that take runs.')
  const bytes = gauge('superstep_store_bytes', 'Size of the database on disk.')
  const memory = gauge('process_resident_memory_bytes', 'Resident memory of the server.')
  const loop = new Gauge({ name: 'superstep_event_loop_delay_seconds', help: 'How late the event loop was since the last reading.', labelNames: ['of'], registers })

  async function prometheus(): Promise<{ text: string, type: string }> {
    const now = figures()
    pending.set(now.queue.num_pending)
    running.set(now.queue.num_running)
    slots.set(now.workers.max)
    processes.set(now.workers.processes)
    bytes.set(now.store_bytes)
    memory.set(process.memoryUsage.rss())
    for (const [of, seconds] of Object.entries(now.event_loop_delay_seconds)) loop.set({ of }, seconds)
    return { text: await registry.metrics(), type: registry.contentType }
  }

  return {
    figures, prometheus,
    close: delay.stop,
    runEnded: ({ created_at, due_at, started_at }, status) => {
      ended[status] = (ended[status] ?? 0) + 1
      runs.inc({ status })
      if (started_at === null) return
      const start = Date.parse(started_at)
      waited.observe(Math.max(0, start - Math.max(Date.parse(created_at), due_at)) / 1000)
      took.observe({ status }, Math.max(0, clock.now() - start) / 1000)
    },
  }
}

/** Measured from the first reading on: a server that nobody watches is not kept awake for it. */
function createDelay(): { read(): ServerFigures['event_loop_delay_seconds'], stop(): void } {
  let histogram: IntervalHistogram | null = null
  return {
    read: () => {
      if (!histogram) {
        histogram = monitorEventLoopDelay({ resolution: SAMPLE_MS })
        histogram.enable()
        return { mean: 0, p99: 0, max: 0 }
      }
      // What is measured is the whole pause between two samples.
      const late = (nanoseconds: number) => Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - SAMPLE_MS / 1000) : 0
      const read = histogram.count === 0 ? { mean: 0, p99: 0, max: 0 } : { mean: late(histogram.mean), p99: late(histogram.percentile(99)), max: late(histogram.max) }
      histogram.reset()
      return read
    },
    stop: () => void histogram?.disable(),
  }
}
