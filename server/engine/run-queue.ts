import type { StartedRun, Storage } from '../storage/storage.ts'
import { stamp, type Clock } from './clock.ts'
import type { GraphRuntime } from './graph-worker.ts'
import type { RunLifecycle } from './run-lifecycle.ts'

export interface RunQueue {
  /** Asked while a run is being stored: whether it may start at once, since there is room and nobody waits. Holds for this turn of the event loop. */
  mayStart(): boolean
  /** Executes a run that was started as it was stored. */
  begin(started: StartedRun): void
  isIdle(): boolean
  /** Something may have become runnable: a committed run, room in a worker, a thread set free. */
  wake(): void
  /** Claims nothing more. Resolves when what runs has ended. */
  drained(): Promise<void>
  stop(): void
}

/** After a storage failure the queue tries again: a full or locked disk is no reason to stop serving. */
const RETRY_MS = 1000

/** Nothing is polled: this only catches what a clock change or a bug would leave lying. */
const SAFETY_NET_MS = 30_000

interface Parts {
  readonly storage: Storage
  readonly runtime: GraphRuntime
  readonly lifecycle: RunLifecycle
  readonly clock: Clock
  readonly reportBug: (error: unknown) => void
  /** The last run that was under way has ended. */
  readonly onIdle: () => void
}

/**
 * Hands committed runs to workers. Woken by commits, by room in a worker and by the clock of delayed runs;
 * one claim is one statement, so two wakes can't take the same run.
 *
 * The order is by when a run became due. It is fair without further ado: a thread, however long its line, is offered with
 * its first run only and has one run live at a time.
 */
export function createRunQueue({ storage, runtime, lifecycle, clock, reportBug, onIdle }: Parts): RunQueue {
  const executing = new Set<Promise<void>>()
  let claiming = false
  let wokenAgain = false
  let stopped = false
  let isReserved = false
  let cancelTimer = () => {}
  const stopListening = runtime.onRoom(() => wake())

  function wake(): void {
    if (stopped) return
    if (claiming) {
      wokenAgain = true
      return
    }
    claiming = true
    claimAll().then(sleepUntilDue).catch((error: unknown) => {
      reportBug(error)
      sleep(RETRY_MS)
    }).finally(() => {
      claiming = false
      if (!wokenAgain) return
      wokenAgain = false
      wake()
    })
  }

  async function claimAll(): Promise<void> {
    for (;;) {
      const started = stopped ? null : await claimOne()
      if (!started) return
      begin(started)
    }
  }

  function begin(started: StartedRun): void {
    const done: Promise<void> = lifecycle.execute(started).finally(() => {
      executing.delete(done)
      if (executing.size === 0) onIdle()
      wake()
    })
    executing.add(done)
  }

  /** One in a turn: whoever else is stored in it would not know of the room that this one takes. */
  function mayStart(): boolean {
    if (stopped || isReserved || claiming || !runtime.hasRoom() || storage.runs.offers(clock.now())) return false
    isReserved = true
    setImmediate(() => { isReserved = false })
    return true
  }

  /** Who must be alone comes first, or company would never let it: it is told to the runtime, which frees a worker. */
  async function claimOne(): Promise<StartedRun | null> {
    const isAloneWanted = storage.runs.offersAlone(clock.now())
    runtime.keepOneFree(isAloneWanted)
    if (isAloneWanted && runtime.hasRoom(true)) return storage.runs.claimNext(clock.now(), stamp(clock), true, lifecycle.firstEvents)
    return runtime.hasRoom() ? storage.runs.claimNext(clock.now(), stamp(clock), false, lifecycle.firstEvents) : null
  }

  function sleepUntilDue(): void {
    const due = storage.runs.nextDue(clock.now())
    sleep(due === null ? SAFETY_NET_MS : Math.min(SAFETY_NET_MS, Math.max(1, due - clock.now())))
  }

  function sleep(ms: number): void {
    cancelTimer()
    if (!stopped) cancelTimer = clock.after(ms, wake)
  }

  return {
    wake, begin, mayStart,
    isIdle: () => executing.size === 0,
    stop: () => {
      stopped = true
      cancelTimer()
      stopListening()
    },
    drained: async () => {
      while (executing.size) await Promise.all(executing)
    },
  }
}
