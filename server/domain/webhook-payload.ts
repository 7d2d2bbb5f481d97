import type { Run, RunFailure } from '../contract/run.ts'
import type { Interrupt } from '../contract/thread.ts'

/** A run that has ended, with what its thread is then. */
export interface EndedRun extends Omit<Run, 'langsmith_session_name' | 'cancel_reason'> {
  readonly started_at: string | null
  readonly ended_at: string | null
  readonly error: RunFailure | null
}
/** `values` is null before the first checkpoint; `isUnread` where they could not be read. */
export interface EndState { readonly values: unknown, readonly interrupts: Record<string, Interrupt[]>, readonly isUnread?: boolean }

/** A receiver's patience and the database's: 4 MB. */
export const MOST_PAYLOAD_BYTES = 4 * 1024 * 1024

/** What is left out of a payload that would be too large, in this order, each time with all before it. */
const DISPENSABLE = ['values', 'kwargs', 'interrupts', 'metadata', 'error'] as const

/**
 * What a webhook is sent (§3.10), but for the time at which it is: JSON of at most `most` bytes. Fields that make it too
 * large are null and named in `omitted`.
 */
export function webhookPayload(run: EndedRun, { values, interrupts, isUnread }: EndState, most: number = MOST_PAYLOAD_BYTES): string {
  const { run_id, thread_id, assistant_id, created_at, updated_at, status, metadata, kwargs, multitask_strategy } = run
  const whole = {
    run_id, thread_id, assistant_id, created_at, updated_at, status, metadata, kwargs, multitask_strategy,
    run_started_at: run.started_at, run_ended_at: run.ended_at,
    values, interrupts, error: run.error && { error: run.error.error, message: run.error.message },
  }
  for (let count = isUnread ? 1 : 0; count <= DISPENSABLE.length; count++) {
    const omitted = DISPENSABLE.slice(0, count)
    const text = JSON.stringify({ ...whole, ...Object.fromEntries(omitted.map((key) => [key, null])), ...(count ? { omitted } : {}) })
    if (Buffer.byteLength(text) <= most || count === DISPENSABLE.length) return text
  }
  throw new Error('A payload without its parts is always sent.')
}

/** The payload as it is sent at a time, which is all that differs between attempts. */
export const sentPayload = (payload: string, sentAt: string): string => `${payload.slice(0, -1)},"webhook_sent_at":${JSON.stringify(sentAt)}}`
