import { AsyncLocalStorage } from 'node:async_hooks'

/** The run that code belongs to, wherever it was started from: also in timers and forgotten promises. */
export interface RunScope {
  readonly run_id: string
  readonly thread_id: string
  readonly graph_id: string
  /** Ends the run with an error that nobody caught. */
  fail(error: unknown): void
}

const scopes = new AsyncLocalStorage<RunScope>()

export const currentRun = (): RunScope | undefined => scopes.getStore()

interface Ids { readonly run_id: string, readonly thread_id: string, readonly graph_id: string }

/** Runs `work` as part of a run. `onUncaught` hears of errors thrown outside of anybody's reach, also after its end. */
export function inRun<T>({ run_id, thread_id, graph_id }: Ids, work: () => Promise<T>, onUncaught: (error: unknown) => void): Promise<T> {
  return scopes.run({ run_id, thread_id, graph_id, fail: onUncaught }, work)
}

/**
 * An error that nobody catches ends the run it happened in and no other. Outside of a run nobody can tell what it broke:
 * an exception then ends the process, as Node would have it; a rejection is only told.
 */
export function endRunsOnUncaughtErrors(): void {
  process.on('unhandledRejection', (reason) => {
    console.error('Unhandled rejection:', reason)
    currentRun()?.fail(reason)
  })
  process.on('uncaughtException', (error) => {
    const run = currentRun()
    console.error(run ? 'Uncaught exception:' : 'Uncaught exception, the worker restarts:', error)
    if (!run) process.exit(1)
    run.fail(error)
  })
}
