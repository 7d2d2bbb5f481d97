import type { CheckpointKey, CheckpointRows, RawCheckpoint } from './checkpoint-rows.ts'
import type { SegmentView } from './segments.ts'

export interface Placed { readonly view: SegmentView, readonly raw: RawCheckpoint }
const LARGEST_PAGE = 256

/** Checkpoints of a namespace over all segments, newest first; of one that is in several, the version that holds. Read in pages, as far as asked for. */
export function* newestFirst(rows: CheckpointRows, views: readonly SegmentView[], ns: string, before: string | null, expected: number): Generator<Placed> {
  const start = before === null ? null : seqBefore(rows, views, ns, before)
  const streams = views.map((view) => pagesOf(rows, view, ns, start, Math.min(expected, LARGEST_PAGE)))
  const heads = streams.map((stream) => stream.next().value)
  const seen = new Set<string>()
  for (;;) {
    let best: Placed | undefined
    for (const head of heads) if (head && (!best || head.raw.seq > best.raw.seq)) best = head
    if (!best) return
    const place = heads.indexOf(best)
    heads[place] = streams[place]!.next().value
    if (seen.has(best.raw.checkpoint_id)) continue
    seen.add(best.raw.checkpoint_id)
    yield best
  }
}

/** Where a checkpoint stands in the order of putting, whichever segment has it. */
function seqBefore(rows: CheckpointRows, views: readonly SegmentView[], ns: string, before: string): number {
  const places = views.map((view) => rows.placeOf(view, ns, before))
  return places.find(({ isThere }) => isThere)?.seq ?? Math.max(0, ...places.map(({ seq }) => seq))
}

function* pagesOf(rows: CheckpointRows, view: SegmentView, ns: string, before: number | null, limit: number): Generator<Placed, undefined> {
  let below = before
  for (;;) {
    const page = rows.below(view, ns, below, limit)
    for (const raw of page) yield { view, raw }
    if (page.length < limit) return
    below = page.at(-1)!.seq
  }
}

/** The same over all namespaces: every place is looked up and sorted, contents are read as far as asked for. */
export function* allNewestFirst(rows: CheckpointRows, views: readonly SegmentView[], before: string | null): Generator<Placed> {
  const all = views.flatMap((view) => rows.allKeys(view).map((key) => ({ view, key }))).sort((a, b) => b.key.seq - a.key.seq)
  const limit = before === null ? Infinity : all.find(({ key }) => key.checkpoint_id === before)?.key.seq
  const seen = new Set<string>()
  for (const { view, key } of all) {
    const place = placeOf(key)
    // An id that is not there stands where it would among the others.
    const isBefore = limit === undefined ? key.checkpoint_id < before! : key.seq < limit
    if (!isBefore || seen.has(place)) continue
    seen.add(place)
    yield { view, raw: rows.read(key) }
  }
}

const placeOf = ({ checkpoint_ns, checkpoint_id }: CheckpointKey) => `${checkpoint_id} ${checkpoint_ns}`
