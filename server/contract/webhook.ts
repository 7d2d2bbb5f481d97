import { Type, type Static } from 'typebox'
import { Limit, Literals, Offset, Uuid } from './common.ts'
import type { RunStatus } from './run.ts'

export const WEBHOOK_STATUSES = ['pending', 'delivered', 'failed'] as const
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number]

/** One try: `status` is the receiver's, null where it gave none, and then `error` says why. */
export interface WebhookAttempt { at: string, status: number | null, error: string | null, duration_ms: number }

/** What became of telling a receiver of a run's end. */
export interface WebhookDelivery {
  /** Also what the receiver is sent as `webhook-id`, the same with every attempt. */
  delivery_id: string
  run_id: string
  thread_id: string
  run_status: RunStatus
  url: string
  status: WebhookStatus
  /** Oldest first, the newest fifty. */
  attempts: WebhookAttempt[]
  /** Null where it is now, or never. */
  next_attempt_at: string | null
  created_at: string
  ended_at: string | null
}

export const WebhookQuery = Type.Object({
  status: Type.Optional(Literals(WEBHOOK_STATUSES)),
  run_id: Type.Optional(Uuid),
  thread_id: Type.Optional(Uuid),
  limit: Limit(100),
  offset: Offset,
})
export type WebhookQuery = Static<typeof WebhookQuery>

/** Newest first. */
export interface WebhookPage { total: number, deliveries: WebhookDelivery[] }
