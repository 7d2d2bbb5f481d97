import type { WebhookDelivery, WebhookPage, WebhookQuery } from '../contract/webhook.ts'
import { refuseUrl, type WebhookRules } from '../domain/webhook-rules.ts'
import type { Clock } from '../engine/clock.ts'
import type { WebhookQueue } from '../engine/webhook-queue.ts'
import { PlatformError } from '../errors.ts'
import type { Storage, WebhookRow } from '../storage/storage.ts'

export interface WebhookService {
  /** Throws `invalid_request` when nothing may be sent there. The addresses of its name are looked at with each attempt. */
  check(url: string): void
  list(query: WebhookQuery): WebhookPage
  /** With what is sent. */
  get(id: string): WebhookDelivery & { payload: unknown }
  /** Sends it again, whatever became of it. */
  resend(id: string): Promise<WebhookDelivery>
  /** Forgets deliveries that ended long ago. */
  expire(): Promise<void>
}

const DAY_MS = 86_400_000
/** Those that failed stay until somebody has had the time to look. */
const KEPT_MS = { delivered: DAY_MS, failed: 7 * DAY_MS }

interface Parts { storage: Storage, queue: WebhookQueue, clock: Clock, rules: WebhookRules }

export function createWebhookService({ storage: { webhooks }, queue, clock, rules }: Parts): WebhookService {
  const before = (ms: number) => new Date(clock.now() - ms).toISOString()

  function require<T>(found: T | null, id: string): T {
    if (found === null) throw new PlatformError('webhook_not_found', `Webhook delivery with ID ${id} not found`)
    return found
  }

  return {
    check: (url) => {
      const reason = refuseUrl(url, rules)
      if (reason) throw new PlatformError('invalid_request', `body/webhook can't be used: ${reason}`)
    },
    list: ({ status, run_id, thread_id, limit, offset }) => {
      const { rows, total } = webhooks.list({ status: status ?? null, run_id: run_id ?? null, thread_id: thread_id ?? null }, { limit: limit ?? 100, offset: offset ?? 0 })
      return { total, deliveries: rows.map(present) }
    },
    get: (id) => ({ ...present(require(webhooks.get(id), id)), payload: JSON.parse(require(webhooks.payload(id), id)) as unknown }),
    resend: async (id) => {
      const row = require(await webhooks.resend(id), id)
      queue.wake()
      return present(row)
    },
    expire: () => webhooks.expire({ delivered: before(KEPT_MS.delivered), failed: before(KEPT_MS.failed) }),
  }
}

function present({ tries: _tries, origin: _origin, due_at, ...row }: WebhookRow): WebhookDelivery {
  return { ...row, next_attempt_at: row.status === 'pending' && due_at > 0 ? new Date(due_at).toISOString() : null }
}
