import type { CheckpointKey, CheckpointRows } from './checkpoint-rows.ts'
import type { SegmentView } from './segments.ts'

export interface PlacedKey { readonly view: SegmentView, readonly key: CheckpointKey }
const LARGEST_PAGE = 256

/** Checkpoints of a namespace over all segments, newest first; of one that is in several, the version that holds. Read in pages, as far as asked for. */
export function* newestFirst(rows: CheckpointRows, views: readonly SegmentView[], ns: string, before: string | null, expected: number): Iterable<PlacedKey> {
  const streams = views.map((view) => pagesOf(rows, view, ns, before, Math.min(expected, LARGEST_PAGE)))
  const heads = streams.map((stream) => stream.next())
  let last: string | null = null
  for (;;) {
    let best = -1
    for (const [i, head] of heads.entries())
      if (!head.done && (best < 0 || head.value.key.checkpoint_id > (heads[best]!.value as PlacedKey).key.checkpoint_id)) best = i
    if (best < 0) return
    const found = heads[best]!.value as PlacedKey
    heads[best] = streams[best]!.next()
    if (found.key.checkpoint_id !== last) yield found
    last = found.key.checkpoint_id
  }
}

function* pagesOf(rows: CheckpointRows, view: SegmentView, ns: string, before: string | null, limit: number): Generator<PlacedKey, undefined> {
  let below = before
  for (;;) {
    const page = rows.keysBelow(view, ns, below, limit)
    for (const key of page) yield { view, key }
    if (page.length < limit) return
    below = page.at(-1)!.checkpoint_id
  }
}

/** The same over all namespaces: every key is read and sorted. */
export function allNewestFirst(rows: CheckpointRows, views: readonly SegmentView[], before: string | null): PlacedKey[] {
  const found = new Map<string, PlacedKey>()
  for (const view of views)
    for (const key of rows.allKeys(view)) {
      const place = `${key.checkpoint_id} ${key.checkpoint_ns}`
      if ((before === null || key.checkpoint_id < before) && !found.has(place)) found.set(place, { view, key })
    }
  return [...found.values()].sort((a, b) => a.key.checkpoint_id < b.key.checkpoint_id ? 1 : a.key.checkpoint_id > b.key.checkpoint_id ? -1 : 0)
}
