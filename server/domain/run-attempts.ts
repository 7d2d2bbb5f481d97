import type { CancelAction } from '../contract/run.ts'

/** A run whose worker died is tried this many times in all, unless BG_JOB_MAX_RETRIES says otherwise (§3.16). */
export const MOST_ATTEMPTS = 3

/**
 * Whether a lost run may have been the reason. `own`: nothing else was on its worker. `shared`: others were, so it can't be
 * told. `none`: no run of the worker's was.
 */
export type Blame = 'own' | 'shared' | 'none'

export interface Attempted { readonly attempt: number, readonly cancel: CancelAction | null, readonly mostAttempts: number }

/** What becomes of a run whose attempt came to nothing. `refund`: it does not count; `alone`: from now on it shares no worker. */
export type NextAttempt =
  | { readonly kind: 'again', readonly refund: boolean, readonly alone: boolean }
  | { readonly kind: 'interrupted', readonly rollback: boolean }
  | { readonly kind: 'given-up' }

/**
 * | its worker died | then |
 * |---|---|
 * | while it was being cancelled | it ends as asked |
 * | and it was alone there | the next attempt, or the end after `mostAttempts` |
 * | with others beside it | the next attempt at no cost, alone: no run is taken down by another twice |
 * | by no fault of a run, or as the server stops | the next attempt at no cost |
 */
export function afterLostWorker(run: Attempted, blame: Blame, isShuttingDown: boolean): NextAttempt {
  if (run.cancel) return { kind: 'interrupted', rollback: run.cancel === 'rollback' }
  if (isShuttingDown) return { kind: 'again', refund: true, alone: false }
  if (blame !== 'own') return { kind: 'again', refund: true, alone: blame === 'shared' }
  return run.attempt >= run.mostAttempts ? { kind: 'given-up' } : { kind: 'again', refund: false, alone: true }
}

/**
 * A run that was running when the server died. Whether it was the reason can't be told, and one that was must not take every
 * next server down: so it costs an attempt.
 */
export function afterLostServer(run: Attempted): NextAttempt {
  if (run.cancel) return { kind: 'interrupted', rollback: run.cancel === 'rollback' }
  return run.attempt >= run.mostAttempts ? { kind: 'given-up' } : { kind: 'again', refund: false, alone: false }
}
