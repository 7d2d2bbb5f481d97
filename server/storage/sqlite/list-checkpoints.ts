import type { CheckpointKey, CheckpointRows, RawCheckpoint } from './checkpoint-rows.ts'
import type { SegmentView } from './segments.ts'

export interface Placed { readonly view: SegmentView, readonly raw: RawCheckpoint }
const LARGEST_PAGE = 256

/** Checkpoints of a namespace over all segments, newest first; of one that is in several, the version that holds. Read in pages, as far as asked for. */
export function* newestFirst(rows: CheckpointRows, views: readonly SegmentView[], ns: string, before: string | null, expected: number): Generator<Placed> {
  const streams = views.map((view) => pagesOf(rows, view, ns, before, Math.min(expected, LARGEST_PAGE)))
  const heads = streams.map((stream) => stream.next().value)
  let last: string | null = null
  for (;;) {
    let best: Placed | undefined
    for (const head of heads) if (head && (!best || head.raw.checkpoint_id > best.raw.checkpoint_id)) best = head
    if (!best) return
    const place = heads.indexOf(best)
    heads[place] = streams[place]!.next().value
    if (best.raw.checkpoint_id !== last) yield best
    last = best.raw.checkpoint_id
  }
}

function* pagesOf(rows: CheckpointRows, view: SegmentView, ns: string, before: string | null, limit: number): Generator<Placed, undefined> {
  let below = before
  for (;;) {
    const page = rows.below(view, ns, below, limit)
    for (const raw of page) yield { view, raw }
    if (page.length < limit) return
    below = page.at(-1)!.checkpoint_id
  }
}

/** The same over all namespaces: every place is looked up and sorted, contents are read as far as asked for. */
export function* allNewestFirst(rows: CheckpointRows, views: readonly SegmentView[], before: string | null): Generator<Placed> {
  const found = new Map<string, { view: SegmentView, key: CheckpointKey }>()
  for (const view of views)
    for (const key of rows.allKeys(view)) {
      const place = `${key.checkpoint_id} ${key.checkpoint_ns}`
      if ((before === null || key.checkpoint_id < before) && !found.has(place)) found.set(place, { view, key })
    }
  const sorted = [...found.values()].sort((a, b) => a.key.checkpoint_id < b.key.checkpoint_id ? 1 : a.key.checkpoint_id > b.key.checkpoint_id ? -1 : 0)
  for (const { view, key } of sorted) yield { view, raw: rows.read(key) }
}
