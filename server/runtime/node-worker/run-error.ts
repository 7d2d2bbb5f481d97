import type { RunError } from '../../engine/graph-worker.ts'
import { RemoteError } from '../connection.ts'

/** What clients are told of a failed run. The class name is part of the wire contract (`GraphRecursionError` …). */
export function describeRunError(error: unknown): RunError {
  if (!(error instanceof Error)) return { error: 'Error', message: typeof error === 'string' ? error : String(JSON.stringify(error) ?? error) }
  return { error: classNameOf(error), message: error.message, ...(error.stack ? { stack: error.stack } : {}) }
}

/** What the platform could not store for the graph (full disk, damaged file) is named as what it is. */
const isStorageTrouble = (error: Error) => error instanceof RemoteError && error.code?.startsWith('storage_') === true

/** A plain `class MyError extends Error` keeps the name "Error" on its instances; its constructor knows better. */
const classNameOf = (error: Error) => isStorageTrouble(error) ? 'StorageError' : error.name && error.name !== 'Error' ? error.name : error.constructor.name || 'Error'
