import type { RunStatus } from '../contract/run.ts'
import type { WebhookAttempt, WebhookStatus } from '../contract/webhook.ts'
import type { NextDelivery } from '../domain/webhook-attempts.ts'
import type { Page } from './storage.ts'

export interface WebhookRow {
  delivery_id: string
  run_id: string
  thread_id: string
  run_status: RunStatus
  url: string
  /** Of the URL. */
  origin: string
  status: WebhookStatus
  /** Attempts since it was made, or asked for again. */
  tries: number
  /** Milliseconds since 1970; 0 for at once. */
  due_at: number
  attempts: WebhookAttempt[]
  created_at: string
  ended_at: string | null
}

/** Ends of runs that somebody is to be told of. A run that has a webhook makes one as it ends, in the same transaction, however that is. */
export interface WebhookStore {
  get(id: string): WebhookRow | null
  /** JSON text; null when there is no such delivery. */
  payload(id: string): string | null
  /** Newest first. */
  list(filter: { status: WebhookStatus | null, run_id: string | null, thread_id: string | null }, page: Page): { rows: WebhookRow[], total: number }
  /** The one that is due longest, but for these and for what goes to these origins; null when there is none. */
  due(now: number, but: { readonly ids: readonly string[], readonly origins: readonly string[] }): WebhookRow | null
  /** When the next later attempt is due, in milliseconds since 1970. */
  nextDue(now: number): number | null
  record(id: string, attempt: WebhookAttempt, next: NextDelivery, now: string): Promise<void>
  /** Makes it due at once, with all attempts before it again. Null when there is none. */
  resend(id: string): Promise<WebhookRow | null>
  /** Removes what ended before these ISO times. */
  expire(endedBefore: { delivered: string, failed: string }): Promise<void>
}
