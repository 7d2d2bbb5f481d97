import type { CancelAction, MultitaskStrategy } from '../contract/run.ts'

/** What to do with a thread's active runs when another is asked for (§3.6). */
export type MultitaskDecision = { kind: 'insert' } | { kind: 'refuse' } | { kind: 'cancel', action: CancelAction }

export function decideMultitask(strategy: MultitaskStrategy, isActive: boolean): MultitaskDecision {
  if (!isActive || strategy === 'enqueue') return { kind: 'insert' }
  if (strategy === 'reject') return { kind: 'refuse' }
  return { kind: 'cancel', action: strategy }
}
