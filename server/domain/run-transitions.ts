import type { RunStatus } from '../contract/run.ts'

/**
 * | from | to | when |
 * |---|---|---|
 * | pending | running | a worker takes it |
 * | pending | interrupted | cancelled before it began |
 * | pending | error | it can't be started at all |
 * | running | success, error, timeout | it ended |
 * | running | interrupted | cancelled, or pre-empted by a newer run |
 * | running | pending | its worker or the server died: the next attempt (`run-attempts.ts`) |
 *
 * A run that nobody stands before is stored as running at once: it never was pending. Terminal states have no exits; everything else is listed here and nowhere else.
 */
const ALLOWED: Record<RunStatus, readonly RunStatus[]> = {
  pending: ['running', 'interrupted', 'error'],
  running: ['success', 'error', 'interrupted', 'timeout', 'pending'],
  success: [],
  error: [],
  interrupted: [],
  timeout: [],
}

export const canMove = (from: RunStatus, to: RunStatus): boolean => ALLOWED[from].includes(to)
export const isTerminal = (status: RunStatus): boolean => ALLOWED[status].length === 0
