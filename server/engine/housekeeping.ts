import type { Clock } from './clock.ts'

export interface Housekeeping {
  start(): void
  /** Does no more; resolves when what is under way has come to a stop. */
  stop(): Promise<void>
}

interface Parts {
  readonly clock: Clock
  readonly everyMs: number
  /** Whether it is done once at the start, too. */
  readonly atStart?: boolean
  /** Looks at `goOn` between its steps. */
  readonly work: (goOn: () => boolean) => Promise<unknown>
  readonly reportBug: (error: unknown) => void
}

/** Work that nobody asks for, now and then; a turn that fails is told, and the next one comes all the same. */
export function createHousekeeping({ clock, everyMs, atStart = false, work, reportBug }: Parts): Housekeeping {
  let isStopped = false
  let cancel = () => {}
  let working: Promise<unknown> = Promise.resolve()
  const goOn = () => !isStopped

  function doIt(): void {
    working = work(goOn).catch(reportBug).finally(later)
  }
  function later(): void {
    if (!isStopped) cancel = clock.after(everyMs, doIt)
  }

  return {
    start: atStart ? doIt : later,
    stop: async () => {
      isStopped = true
      cancel()
      await working
    },
  }
}
