import type { Database } from 'better-sqlite3'
import type { ThreadCounts } from '../storage.ts'
import { toJson } from './json.ts'
import { EVERYTHING, type Segments, type SegmentView } from './segments.ts'

/** As of the newest checkpoint of the thread's own segment then; its other segments don't change. */
interface Known { readonly head: number, readonly counts: ThreadCounts }
interface Child { readonly seq: number, readonly parent: string | null }

/**
 * How many checkpoints a thread has, and how many branches: children beyond the first of any checkpoint, plus the trunk.
 * Counted once, then only what was put since; counted anew when the thread sees other segments, or lost rows. Outside of writes only.
 */
export function createThreadCounts(db: Database, segments: Segments): (threadId: string) => ThreadCounts {
  const countAll = db.prepare<unknown[], ThreadCounts>(`SELECT count(*) AS checkpoints, count(*) - count(DISTINCT coalesce(parent_checkpoint_id, '')) + 1 AS branches
    FROM json_each(@views) v JOIN checkpoints c ON c.segment = v.value ->> 'segment' AND c.checkpoint_ns = '' AND c.epoch <= v.value ->> 'upto'`)
  const headOf = db.prepare<[number], number | null>(`SELECT max(seq) FROM checkpoints WHERE segment = ? AND checkpoint_ns = ''`).pluck()
  const putSince = db.prepare<[number, number], Child>(`SELECT seq, parent_checkpoint_id AS parent FROM checkpoints WHERE segment = ? AND checkpoint_ns = '' AND seq > ? ORDER BY seq`)
  const placeOf = db.prepare<[number, string, number], number | null>(
    `SELECT min(seq) FROM checkpoints WHERE segment = ? AND checkpoint_ns = '' AND checkpoint_id = ? AND epoch <= ?`).pluck()
  const sibling = db.prepare<unknown[], 1>(`SELECT 1 FROM checkpoints WHERE segment = @segment AND checkpoint_ns = '' AND seq > @after AND seq < @seq AND epoch <= @upto
    AND parent_checkpoint_id IS @parent ORDER BY seq LIMIT 1`).pluck()
  const known = new WeakMap<readonly SegmentView[], Known>()

  /** Children were put after their parent, and the first mostly next: the search is short. */
  function hasOlderSibling(views: readonly SegmentView[], { seq, parent }: Child): boolean {
    const places = parent === null ? [] : views.map(({ segment, upto }) => placeOf.get(segment, parent, upto)).filter((place) => typeof place === 'number')
    const after = places.length ? Math.min(...places) : 0
    return views.some(({ segment, upto }) => sibling.get({ segment, upto, parent, after, seq }) !== undefined)
  }

  function add(views: readonly SegmentView[], { checkpoints, branches }: ThreadCounts, put: readonly Child[]): ThreadCounts {
    const forks = put.filter((child) => hasOlderSibling(views, child)).length
    return { checkpoints: checkpoints + put.length, branches: branches + forks }
  }

  function update(views: readonly SegmentView[], before: Known | undefined, own: number | undefined, head: number): ThreadCounts {
    if (!before || own === undefined) return before?.counts ?? countAll.get({ views: toJson(views.map(({ segment, upto }) => ({ segment, upto }))) })!
    return before.head === head ? before.counts : add(views, before.counts, putSince.all(own, before.head))
  }

  return (threadId) => {
    const views = segments.viewsOf(threadId)
    const own = views.find(({ upto }) => upto === EVERYTHING)?.segment
    const head = own === undefined ? 0 : headOf.get(own) ?? 0
    const counts = update(views, known.get(views), own, head)
    known.set(views, { head, counts })
    return counts
  }
}
