import type { ThreadTtl, Ttl } from '../contract/thread.ts'

/** A request's `ttl` (wire reference §1.3): bare minutes delete. */
export const ttlOf = (given: Ttl | null): ThreadTtl | null =>
  given === null ? null : typeof given === 'number' ? { strategy: 'delete', ttl_minutes: given } : { strategy: given.strategy ?? 'delete', ttl_minutes: given.ttl }

/** When a thread's time is over, in milliseconds since 1970: it counts from the last change (§3.11). Null: never. */
export const expiryOf = ({ ttl, updated_at }: { ttl: ThreadTtl | null, updated_at: string }): number | null =>
  ttl && Math.ceil(Date.parse(updated_at) + ttl.ttl_minutes * 60_000)
