import type { ThreadSummary } from '@contract/studio.ts'
import { dayLabel, formatAgo } from '../../lib/format-time.ts'
import type { DotStatus } from '../../ui/status-dot.tsx'

export type ThreadRow = { readonly kind: 'day', readonly label: string } | { readonly kind: 'thread', readonly thread: ThreadSummary }

/** A flat list for the virtual one: a heading where the day changes. */
export function rowsOf(threads: readonly ThreadSummary[], now: number): ThreadRow[] {
  return threads.flatMap((thread, i): ThreadRow[] => {
    const label = dayLabel(thread.updated_at, now)
    const before = threads[i - 1]
    const heading = before && dayLabel(before.updated_at, now) === label ? [] : [{ kind: 'day' as const, label }]
    return [...heading, { kind: 'thread', thread }]
  })
}

export const DOTS: Readonly<Record<ThreadSummary['status'], DotStatus>> = { idle: 'ok', busy: 'busy', interrupted: 'wait', error: 'err' }
export const STATUS_LABELS: Readonly<Record<ThreadSummary['status'], string>> = { idle: 'Finished', busy: 'Running', interrupted: 'Waits for you', error: 'Failed' }

export const titleOf = (thread: ThreadSummary): string => thread.title ?? `Thread ${thread.thread_id.slice(0, 8)}`

/** What it does or did, in a few words. */
export function subtitleOf(thread: ThreadSummary, now: number): string {
  const ago = formatAgo(thread.updated_at, now)
  const steps = thread.checkpoints ? `${Math.max(0, thread.checkpoints - 1)} supersteps` : null
  if (thread.status === 'busy') return `running · ${ago}`
  if (thread.status === 'error') return `failed · ${ago}`
  if (thread.waiting_at.length) return `waits at ${[...new Set(thread.waiting_at)].join(', ')} · ${ago}`
  return [steps ?? 'empty', ago].join(' · ')
}
