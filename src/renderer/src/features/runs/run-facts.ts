import type { RunSummary } from '@contract/studio.ts'
import { formatDuration } from '../../lib/format-time.ts'
import type { DotStatus } from '../../ui/status-dot.tsx'

export const DOTS: Readonly<Record<RunSummary['status'], { status: DotStatus, label: string }>> = {
  pending: { status: 'off', label: 'Waits in the queue' }, running: { status: 'busy', label: 'Running' }, success: { status: 'ok', label: 'Finished' },
  interrupted: { status: 'wait', label: 'Interrupted or cancelled' }, error: { status: 'err', label: 'Failed' }, timeout: { status: 'err', label: 'Took too long' },
}

export interface Times {
  /** Milliseconds between the moment it could begin and its first attempt. */
  readonly queuedMs: number | null
  /** Milliseconds from its first attempt to its end, or until now. */
  readonly ranMs: number | null
}

export function timesOf({ created_at, due_at, started_at, ended_at }: Pick<RunSummary, 'created_at' | 'due_at' | 'started_at' | 'ended_at'>, now: number): Times {
  const could = Math.max(Date.parse(created_at), due_at ? Date.parse(due_at) : 0)
  const [began, ended] = [started_at ? Date.parse(started_at) : null, ended_at ? Date.parse(ended_at) : null]
  return { queuedMs: Math.max(0, (began ?? ended ?? now) - could), ranMs: began === null ? null : Math.max(0, (ended ?? now) - began) }
}

/** `queued 3 ms · ran 1.2 s` */
export function timesLine(run: RunSummary, now: number): string {
  const { queuedMs, ranMs } = timesOf(run, now)
  const waits = run.due_at && Date.parse(run.due_at) > now && ranMs === null ? `begins ${new Date(run.due_at).toLocaleTimeString('en-GB')}` : null
  return [waits ?? (queuedMs !== null && `queued ${formatDuration(queuedMs)}`), ranMs !== null && `ran ${formatDuration(ranMs)}`].filter(Boolean).join(' · ')
}
