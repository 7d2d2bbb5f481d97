import type { Database } from 'better-sqlite3'
import { threadNotFound } from '../../errors.ts'
import type { Chores } from './chores.ts'

/** More than any epoch: what a thread sees of its own segment. */
export const EVERYTHING = Number.MAX_SAFE_INTEGER
const CACHED_THREADS = 10_000

/** A segment as one thread sees it. */
export interface SegmentView {
  readonly segment: number
  /** Last epoch that is visible; {@link EVERYTHING} in the thread's own segment. */
  readonly upto: number
  /** Of a shared segment, which grows on behind what is visible: the newest checkpoint that is, by namespace. */
  readonly heads: Map<string, number | null>
}
export interface OwnSegment { readonly segment: number, readonly epoch: number }

/** Which segments hold a thread's checkpoints and writes. All but `viewsOf` belong inside a write. */
export interface Segments {
  /** Newest content first: where two segments say different things, the first one holds. */
  viewsOf(threadId: string): readonly SegmentView[]
  hasOwn(threadId: string): boolean
  /** Where the thread writes; made when it writes for the first time. Throws `thread_not_found`. */
  ownOf(threadId: string): OwnSegment
  /** Lets a new thread see all that `from` sees now. */
  share(from: string, to: string): void
  /** Takes all segments away from a thread; what nobody sees any more is removed in the background. */
  release(threadId: string): void
  /** The thread loses rows it sees: what is remembered of them with its views is forgotten. */
  forget(threadId: string): void
  /** Something of the transaction was taken back. */
  takeBack(): void
  /** Last epoch of a segment that others than its owner see; null when nobody does. */
  sharedUpTo(segment: number): number | null
  /** Lets those others see a new segment as well, at the same place; null when there are none. */
  extend(segment: number): { segment: number, upto: number } | null
}

interface Known { readonly own: OwnSegment | null, readonly views: readonly SegmentView[] }
interface Mapping { rank: number, segment: number, upto: number | null, epoch: number }

export function createSegments(db: Database, chores: Chores): Segments {
  const mappings = db.prepare<[string], Mapping>(`SELECT rank, segment, upto, epoch FROM thread_segments JOIN segments USING (segment)
    WHERE thread_id = ? ORDER BY rank DESC, segment DESC`)
  const hasThread = db.prepare<[string], { one: 1 }>('SELECT 1 AS one FROM threads WHERE thread_id = ?')
  const allocate = db.prepare('INSERT INTO segments DEFAULT VALUES')
  const map = db.prepare('INSERT INTO thread_segments (thread_id, rank, segment, upto) VALUES (?, ?, ?, ?)')
  const unmap = db.prepare('DELETE FROM thread_segments WHERE thread_id = ?')
  const copyMappings = db.prepare(`INSERT INTO thread_segments (thread_id, rank, segment, upto)
    SELECT @to, m.rank, m.segment, coalesce(m.upto, s.epoch) FROM thread_segments m JOIN segments s USING (segment) WHERE m.thread_id = @from`)
  const nextEpoch = db.prepare('UPDATE segments SET epoch = epoch + 1 WHERE segment = ?')
  const seenUpTo = db.prepare<[number], { upto: number | null }>('SELECT max(upto) AS upto FROM thread_segments WHERE segment = ?')
  const watchers = db.prepare<[number], { thread_id: string }>('SELECT thread_id FROM thread_segments WHERE segment = ? AND upto IS NOT NULL')
  const mapBeside = db.prepare(`INSERT INTO thread_segments (thread_id, rank, segment, upto)
    SELECT thread_id, rank, @fresh, upto FROM thread_segments WHERE segment = @segment AND upto IS NOT NULL`)

  const cache = new Map<string, Known>()
  const changing = new Set<string>()
  /** Of threads that are changing: true as long as the transaction goes well. */
  const passing = new Map<string, Known>()

  /** What a thread has becomes known for longer only after the turn that changes it: its end tells whether the transaction held. */
  function changed(threadId: string): void {
    if (changing.size === 0) queueMicrotask(endTurn)
    changing.add(threadId)
    cache.delete(threadId)
    passing.delete(threadId)
  }

  function endTurn(): void {
    changing.clear()
    passing.clear()
  }

  function load(threadId: string): Known {
    const rows = mappings.all(threadId)
    const own = rows.find((row) => row.upto === null)
    const known = { own: own ? { segment: own.segment, epoch: own.epoch } : null, views: rows.map(({ segment, upto }) => ({ segment, upto: upto ?? EVERYTHING, heads: new Map() })) }
    if (changing.has(threadId)) passing.set(threadId, known)
    if (changing.has(threadId) || rows.length === 0) return known
    if (cache.size >= CACHED_THREADS) cache.delete(cache.keys().next().value!)
    cache.set(threadId, known)
    return known
  }
  const known = (threadId: string) => cache.get(threadId) ?? passing.get(threadId) ?? load(threadId)

  function addOwn(threadId: string): OwnSegment {
    if (!hasThread.get(threadId)) throw threadNotFound(threadId)
    changed(threadId)
    const segment = Number(allocate.run().lastInsertRowid)
    map.run(threadId, (mappings.get(threadId)?.rank ?? -1) + 1, segment, null)
    return { segment, epoch: 0 }
  }

  return {
    viewsOf: (threadId) => known(threadId).views,
    hasOwn: (threadId) => known(threadId).own !== null,
    ownOf: (threadId) => known(threadId).own ?? addOwn(threadId),
    share: (from, to) => {
      const { own } = known(from)
      copyMappings.run({ from, to })
      if (own) nextEpoch.run(own.segment)
      changed(from)
      changed(to)
    },
    release: (threadId) => {
      for (const { segment } of mappings.all(threadId)) chores.add('segment', String(segment))
      unmap.run(threadId)
      changed(threadId)
    },
    forget: changed,
    takeBack: () => passing.clear(),
    sharedUpTo: (segment) => seenUpTo.get(segment)?.upto ?? null,
    extend: (segment) => {
      const upto = seenUpTo.get(segment)?.upto ?? null
      if (upto === null) return null
      const fresh = Number(allocate.run().lastInsertRowid)
      mapBeside.run({ fresh, segment })
      for (const { thread_id } of watchers.all(segment)) changed(thread_id)
      return { segment: fresh, upto }
    },
  }
}
