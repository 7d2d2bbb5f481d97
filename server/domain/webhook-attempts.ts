/** What an attempt came to. `refused`: nothing was sent, since it may not be. */
export type WebhookOutcome =
  | { readonly kind: 'answered', readonly status: number }
  | { readonly kind: 'failed', readonly error: string }
  | { readonly kind: 'refused', readonly error: string }

/** `due_at` in milliseconds since 1970. */
export type NextDelivery = { readonly status: 'delivered' | 'failed' } | { readonly status: 'pending', readonly due_at: number }

/** With the pauses between them they take an hour and a half at most. */
export const MOST_ATTEMPTS = 8
const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 3_600_000
/** The receiver will never want it. */
const GONE = 410

/**
 * After attempt number `tries`. Whatever is no 2xx is tried again, also a redirect, which is not followed; `random` (0 to 1)
 * shortens a pause by up to half, so that what failed together does not come back together.
 */
export function afterAttempt(outcome: WebhookOutcome, tries: number, now: number, random: number): NextDelivery {
  if (outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300) return { status: 'delivered' }
  if (outcome.kind === 'refused' || tries >= MOST_ATTEMPTS || (outcome.kind === 'answered' && outcome.status === GONE)) return { status: 'failed' }
  const pause = Math.min(FIRST_PAUSE_MS * 3 ** (tries - 1), LONGEST_PAUSE_MS)
  return { status: 'pending', due_at: now + Math.round(pause * (1 - random / 2)) }
}
