import { readFileSync } from 'node:fs'

/** The longest time between two looks. */
const TICK_MS = 500
const PAGE_BYTES = 4096
const MB = 1024 * 1024

export interface Supervised {
  readonly pid: number
  /** Resolves with the worker's resident memory in bytes. */
  ping(): Promise<{ rss?: number }>
  /** After how much silence it counts as blocked. */
  readonly blockedAfterMs: number
  readonly memoryLimitMb: number
  /** Called once each time it begins to count as blocked, and with every tick after that. */
  onSilence(ms: number): void
  /** It answers again after it counted as blocked. */
  onAnswer(): void
  onTooLarge(mb: number): void
}

/**
 * Looks after a worker from outside: does its event loop turn, is it within its memory? Silence is counted in ticks of
 * the server's own clock, so a machine that slept accuses nobody. Returns a stop.
 */
export function superviseWorker(worker: Supervised): () => void {
  const tick = Math.min(TICK_MS, worker.blockedAfterMs / 4)
  let silentMs = 0
  let isWaiting = false
  let told: number | null = null

  const ask = () => {
    isWaiting = true
    worker.ping().then(({ rss }) => {
      isWaiting = false
      told = rss ?? null
      if (silentMs >= worker.blockedAfterMs) worker.onAnswer()
      silentMs = 0
    }, () => {})
  }
  const timer = setInterval(() => {
    const rss = residentBytes(worker.pid) ?? told
    if (rss !== null && rss > worker.memoryLimitMb * MB) return worker.onTooLarge(Math.round(rss / MB))
    if (!isWaiting) return ask()
    silentMs += tick
    if (silentMs >= worker.blockedAfterMs) worker.onSilence(silentMs)
  }, tick)
  timer.unref()
  return () => clearInterval(timer)
}

/** Of any process, where the system tells; null elsewhere, or when it is gone. */
function residentBytes(pid: number): number | null {
  if (process.platform !== 'linux') return null
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES
  } catch {
    return null
  }
}
