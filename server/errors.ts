import type { ErrorCode } from './contract/errors.ts'

/** A refusal the caller can act on. Anything else that is thrown is a bug. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError'
  readonly code: ErrorCode
  /** Where the user's own code chose the HTTP status; else the code tells it. */
  readonly status: number | null
  constructor(code: ErrorCode, detail: string, { status, ...options }: ErrorOptions & { status?: number } = {}) {
    super(detail, options)
    this.code = code
    this.status = status ?? null
  }
}

export const threadNotFound = (id: string) => new PlatformError('thread_not_found', `Thread with ID ${id} not found`)
export const runNotFound = (id: string) => new PlatformError('run_not_found', `Run with ID ${id} not found`)
export const assistantNotFound = (id: string) =>
  new PlatformError('assistant_not_found', `Assistant not found: No assistant found for "${id}". Make sure the assistant ID is for a valid assistant or a valid graph ID.`)
export const checkpointNotFound = (id: string) => new PlatformError('checkpoint_not_found', `Checkpoint with ID ${id} not found`)
export const cronNotFound = (id: string) => new PlatformError('cron_not_found', `Cron with ID ${id} not found`)
