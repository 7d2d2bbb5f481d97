import { afterAttempt, type WebhookOutcome } from '../domain/webhook-attempts.ts'
import { sentPayload } from '../domain/webhook-payload.ts'
import type { Storage, WebhookRow } from '../storage/storage.ts'
import { stamp, type Clock } from './clock.ts'

/** The port to the network. Never rejects; `signal` ends the attempt. `sent_at`: seconds since 1970. */
export type PostWebhook = (message: { readonly url: string, readonly delivery_id: string, readonly sent_at: number, readonly body: string }, signal: AbortSignal) => Promise<WebhookOutcome>

export interface WebhookQueue {
  /** Something may be due: a run that has a webhook ended, or one is to be sent again. */
  wake(): void
  /** Attempts under way end without being counted: the next start makes them again. Resolves when none is left. */
  stop(): Promise<void>
}

/** Attempts at one time, to whomever and to one origin: who never answers holds up nobody else. */
const MOST_AT_ONCE = 16
const MOST_TO_ONE = 4
const ATTEMPT_MS = 10_000
/** After a storage failure. */
const RETRY_MS = 1000
/** Nothing is polled: this only catches what a clock change would leave lying. */
const SAFETY_NET_MS = 30_000

interface Parts {
  readonly storage: Storage
  readonly clock: Clock
  readonly post: PostWebhook
  readonly reportBug: (error: unknown, context: Record<string, unknown>) => void
  /** 0 to 1. */
  readonly random?: () => number
}

/**
 * Sends what is due, longest due first where the receiver has room. A delivery is a row from the moment its run ends, and an
 * attempt counts once it is stored: a server that dies before that makes it again, so receivers get each at least once.
 */
export function createWebhookQueue({ storage: { webhooks }, clock, post, reportBug, random = Math.random }: Parts): WebhookQueue {
  const underWay = new Map<string, { readonly origin: string, readonly done: Promise<void> }>()
  const stopping = new AbortController()
  let cancelTimer = () => {}

  function wake(): void {
    if (stopping.signal.aborted) return
    try {
      for (let row = next(); row; row = next()) begin(row)
      sleepUntilDue()
    } catch (error) {
      reportBug(error, { part: 'webhooks' })
      sleep(RETRY_MS)
    }
  }

  function next(): WebhookRow | null {
    if (underWay.size >= MOST_AT_ONCE) return null
    const origins = Array.from(underWay.values(), ({ origin }) => origin)
    const full = origins.filter((origin) => origins.filter((other) => other === origin).length >= MOST_TO_ONE)
    return webhooks.due(clock.now(), { ids: [...underWay.keys()], origins: full })
  }

  function begin(row: WebhookRow): void {
    const done = attempt(row).catch((error: unknown) => {
      reportBug(error, { delivery_id: row.delivery_id })
      return pause()
    })
    underWay.set(row.delivery_id, { origin: row.origin, done: done.finally(() => {
      underWay.delete(row.delivery_id)
      wake()
    }) })
  }

  async function attempt({ delivery_id, url, tries }: WebhookRow): Promise<void> {
    const payload = webhooks.payload(delivery_id)
    if (payload === null) return
    const [startedAt, at] = [clock.now(), stamp(clock)]
    const outcome = await withinLimit((signal) => post({ url, delivery_id, sent_at: Math.floor(startedAt / 1000), body: sentPayload(payload, at) }, signal))
    if (outcome === 'stopped') return
    const now = clock.now()
    const result = outcome.kind === 'answered' ? { status: outcome.status, error: null } : { status: null, error: outcome.error }
    const next = afterAttempt(outcome, tries + 1, now, random())
    await surely(delivery_id, () => webhooks.record(delivery_id, { at, ...result, duration_ms: now - startedAt }, next, stamp(clock)))
  }

  async function withinLimit(send: (signal: AbortSignal) => Promise<WebhookOutcome>): Promise<WebhookOutcome | 'stopped'> {
    const limit = new AbortController()
    const cancelLimit = clock.after(ATTEMPT_MS, () => limit.abort())
    const outcome = await send(AbortSignal.any([limit.signal, stopping.signal]))
    cancelLimit()
    if (outcome.kind !== 'failed') return outcome
    if (stopping.signal.aborted) return 'stopped'
    return limit.signal.aborted ? { kind: 'failed', error: `There was no answer within ${ATTEMPT_MS / 1000} s.` } : outcome
  }

  /** On a full or locked disk what was sent is not sent again and again: recording it is. */
  async function surely(delivery_id: string, store: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await store()
      } catch (error) {
        reportBug(error, { delivery_id })
        if (stopping.signal.aborted) return
        await pause()
      }
    }
  }

  const pause = () => new Promise<void>((resolve) => {
    const end = () => {
      cancel()
      stopping.signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(RETRY_MS, end)
    stopping.signal.addEventListener('abort', end)
  })

  function sleepUntilDue(): void {
    const due = webhooks.nextDue(clock.now())
    if (due === null) cancelTimer()
    else sleep(Math.min(SAFETY_NET_MS, due - clock.now()))
  }

  function sleep(ms: number): void {
    cancelTimer()
    if (!stopping.signal.aborted) cancelTimer = clock.after(ms, wake)
  }

  return {
    wake,
    stop: async () => {
      stopping.abort()
      cancelTimer()
      await Promise.all(Array.from(underWay.values(), ({ done }) => done))
    },
  }
}
