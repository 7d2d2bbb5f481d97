import type { Database } from 'better-sqlite3'
import type { JsonObject } from '../../contract/common.ts'
import { contains } from '../../domain/contains.ts'
import { checkpointNotFound } from '../../errors.ts'
import type { CheckpointRow, CheckpointStore, PieceMap, WriteUntil } from '../storage.ts'
import { createCheckpointRows, newestOf, parseCheckpoint, type RawCheckpoint } from './checkpoint-rows.ts'
import type { LatestKeeper } from './keep-latest.ts'
import { allNewestFirst, newestFirst, type Placed } from './list-checkpoints.ts'
import type { PieceStore } from './piece-store.ts'
import { EVERYTHING, type Segments, type SegmentView } from './segments.ts'
import type { WriteQueue } from './write-queue.ts'
import { createWriteRows } from './write-rows.ts'

interface Parts { readonly segments: Segments, readonly pieces: PieceStore, readonly keepLatest: LatestKeeper }

export function createCheckpointStore(db: Database, { write, commit }: WriteQueue, { segments, pieces, keepLatest }: Parts): CheckpointStore {
  const rows = createCheckpointRows(db)
  const writes = createWriteRows(db)
  const allThreads = db.prepare<[], string>('SELECT DISTINCT thread_id FROM thread_segments').pluck()
  const { viewsOf, ownOf } = segments

  const piecesThen = (texts: string[], sent: PieceMap, until: WriteUntil | undefined, store: () => void) => (until === 'committed' ? commit : write)(() => {
    const missing = pieces.keep(texts, sent)
    if (missing.length === 0) store()
    return { missing }
  })

  function listed(threadId: string, ns: string | null, before: string | null, limit: number | null): Iterable<Placed> {
    return ns === null ? allNewestFirst(rows, viewsOf(threadId), before) : newestFirst(rows, viewsOf(threadId), ns, before, limit ?? Infinity)
  }

  type List = CheckpointStore['list']
  const list = (threadId: string, ns: string | null, { before, limit, metadata }: Parameters<List>[2]) =>
    collect(threadId, listed(threadId, ns, before, metadata === null ? limit : null), limit, metadata)

  /** Checkpoints overlap with their run: where one could not be stored, those that follow it on the pipe must not be either. */
  function requireParent({ thread_id, checkpoint_ns, parent_checkpoint_id: parent }: CheckpointRow): void {
    if (parent !== null && !viewsOf(thread_id).some((view) => rows.placeOf(view, checkpoint_ns, parent).isThere)) throw checkpointNotFound(parent)
  }

  return {
    put: (row, sent, until) => piecesThen([...Object.values(row.channels), ...Object.values(row.overrides ?? {})], sent, until, () => {
      requireParent(row)
      rows.put(ownOf(row.thread_id), row)
    }),
    putWrites: (at, written, sent, until) => piecesThen(written.map((row) => row.value), sent, until, () => {
      const own = ownOf(at.thread_id)
      const views = viewsOf(at.thread_id)
      for (const row of written) writes.put(own, views, at, row)
    }),
    describe: (at, view, sent, until) => piecesThen(Object.values(view.overrides ?? {}), sent, until, () => void viewsOf(at.thread_id).some((segment) => rows.describe(segment, at, view))),
    get: (threadId, ns, checkpointId) =>
      checkpointId === null ? newestOf(rows, threadId, viewsOf(threadId), ns) : firstOf(threadId, viewsOf(threadId), (view) => rows.find(view, ns, checkpointId)),
    ofRun: (threadId, runId) => {
      // What others wrote before a copy is another thread's.
      const own = viewsOf(threadId).filter(({ upto }) => upto === EVERYTHING)
      for (const view of own) {
        const found = rows.ofRun(view, runId)
        if (found) return { first: parseCheckpoint(threadId, view, found[0]), newest: parseCheckpoint(threadId, view, found[1]) }
      }
      return null
    },
    list: (threadId, ns, options) => threadId === null
      ? allThreads.all().flatMap((id) => list(id, ns, options)).slice(0, options.limit ?? undefined)
      : list(threadId, ns, options),
    writes: (threadId, checkpoint_ns, checkpoint_id) => writes.ofCheckpoint(viewsOf(threadId), { checkpoint_ns, checkpoint_id }),
    count: (threadId, ns) => viewsOf(threadId).reduce((sum, view) => sum + rows.count(view, ns), 0),
    hasChild: (threadId, ns, id) => viewsOf(threadId).some((view) => rows.hasChild(view, ns, id)),
    hasNamespace: (threadId, ns) => viewsOf(threadId).some((view) => rows.has(view, ns)),
    piece: pieces.read,
    deleteOfThread: (threadId) => write(() => segments.release(threadId)),
    keepLatest: (threadId) => write(() => keepLatest(threadId)),
  }
}

function firstOf(threadId: string, views: readonly SegmentView[], find: (view: SegmentView) => RawCheckpoint | null): CheckpointRow | null {
  for (const view of views) {
    const raw = find(view)
    if (raw) return parseCheckpoint(threadId, view, raw)
  }
  return null
}

function collect(threadId: string, list: Iterable<Placed>, limit: number | null, metadata: JsonObject | null): CheckpointRow[] {
  const found: CheckpointRow[] = []
  if (limit !== null && limit <= 0) return found
  for (const { view, raw } of list) {
    const row = parseCheckpoint(threadId, view, raw)
    if (metadata && !contains(row.metadata, metadata)) continue
    found.push(row)
    if (limit !== null && found.length >= limit) break
  }
  return found
}
