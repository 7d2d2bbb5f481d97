import { setTimeout as sleep } from 'node:timers/promises'

/** What every wait is multiplied by: 1 is a natural pace, 0 waits for nothing. */
function waitFactor(): number {
  const factor = Number(process.env.DEMO_SPEED ?? 1)
  return Number.isFinite(factor) && factor >= 0 ? factor : 1
}

/** The only place where the demo waits. An aborted signal ends the wait with an error. */
export async function pace(milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  const delay = milliseconds * waitFactor()
  if (delay > 0) await sleep(delay, undefined, signal ? { signal } : {})
}
