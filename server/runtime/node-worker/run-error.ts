import type { RunError } from '../../engine/graph-worker.ts'

/** What clients are told of a failed run. The class name is part of the wire contract (`GraphRecursionError` …). */
export function describeRunError(error: unknown): RunError {
  if (!(error instanceof Error)) return { error: 'Error', message: typeof error === 'string' ? error : String(JSON.stringify(error) ?? error) }
  return { error: classNameOf(error), message: error.message, ...(error.stack ? { stack: error.stack } : {}) }
}

/** A plain `class MyError extends Error` keeps the name "Error" on its instances; its constructor knows better. */
const classNameOf = (error: Error) => error.name && error.name !== 'Error' ? error.name : error.constructor.name || 'Error'
