import type { TimelineEntry } from '@contract/studio.ts'

export type NodeMark = { readonly status: 'done' | 'next' | 'waiting' | 'error', readonly passes: number }

/** The checkpoint looked at: the one asked for, else the newest (ids sort by time). */
export function shownEntry(entries: readonly TimelineEntry[], checkpointId: string | null): TimelineEntry | null {
  if (checkpointId) return entries.find((entry) => entry.checkpoint_id === checkpointId) ?? null
  return entries.reduce<TimelineEntry | null>((newest, entry) => !newest || entry.checkpoint_id > newest.checkpoint_id ? entry : newest, null)
}

/** From the first checkpoint to the given one. */
export function branchTo(entries: readonly TimelineEntry[], entry: TimelineEntry | null): TimelineEntry[] {
  const byId = new Map(entries.map((candidate) => [candidate.checkpoint_id, candidate]))
  const path: TimelineEntry[] = []
  for (let at: TimelineEntry | undefined = entry ?? undefined; at && path.length <= entries.length; at = at.parent_checkpoint_id ? byId.get(at.parent_checkpoint_id) : undefined) path.push(at)
  return path.reverse()
}

/** What the canvas shows of a finished branch: which nodes ran how often, which come next, which failed. */
export function marksOf(entries: readonly TimelineEntry[], checkpointId: string | null): Readonly<Record<string, NodeMark>> {
  const shown = shownEntry(entries, checkpointId)
  const marks: Record<string, NodeMark> = Object.create(null) as Record<string, NodeMark>
  for (const { nodes } of branchTo(entries, shown)) for (const node of nodes) marks[node] = { status: 'done', passes: (marks[node]?.passes ?? 0) + 1 }
  const isHead = shown !== null && !entries.some((entry) => entry.parent_checkpoint_id === shown.checkpoint_id)
  const ahead = shown?.error ? 'error' : isHead ? 'waiting' : 'next'
  for (const node of shown?.next ?? []) marks[node] = { status: ahead, passes: marks[node]?.passes ?? 0 }
  return marks
}

/** Keeps the last answer while the question stays the same, for selectors. */
export function memoizeLast<A extends readonly unknown[], R>(compute: (...args: A) => R): (...args: A) => R {
  let last: { args: A, result: R } | null = null
  return (...args) => {
    if (!last || args.some((arg, i) => arg !== last!.args[i])) last = { args, result: compute(...args) }
    return last.result
  }
}
