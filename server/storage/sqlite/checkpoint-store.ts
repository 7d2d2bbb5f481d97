import type { Database } from 'better-sqlite3'
import type { JsonObject } from '../../contract/common.ts'
import { contains } from '../../domain/contains.ts'
import type { CheckpointRow, CheckpointStore, PieceMap } from '../storage.ts'
import { createCheckpointRows, parseCheckpoint, type CheckpointRows, type RawCheckpoint } from './checkpoint-rows.ts'
import { latestOf } from './keep-latest.ts'
import { allNewestFirst, newestFirst, type Placed } from './list-checkpoints.ts'
import type { PieceStore } from './piece-store.ts'
import type { Segments, SegmentView } from './segments.ts'
import type { WriteQueue } from './write-queue.ts'
import { createWriteRows } from './write-rows.ts'

export function createCheckpointStore(db: Database, { write }: WriteQueue, segments: Segments, pieces: PieceStore): CheckpointStore {
  const rows = createCheckpointRows(db)
  const writes = createWriteRows(db)
  const isBusy = db.prepare<[string], { one: 1 }>(`SELECT 1 AS one FROM runs WHERE thread_id = ? AND status IN ('pending', 'running') LIMIT 1`)
  const { viewsOf, ownOf } = segments

  const piecesThen = (texts: string[], sent: PieceMap, store: () => void) => write(() => {
    const missing = pieces.keep(texts, sent)
    if (missing.length === 0) store()
    return { missing }
  })

  function listed(threadId: string, ns: string | null, before: string | null, limit: number | null): Iterable<Placed> {
    return ns === null ? allNewestFirst(rows, viewsOf(threadId), before) : newestFirst(rows, viewsOf(threadId), ns, before, limit ?? Infinity)
  }

  return {
    put: (row, sent) => piecesThen(Object.values(row.channels), sent, () => rows.put(ownOf(row.thread_id), row)),
    putWrites: (at, list, sent) => piecesThen(list.map((row) => row.value), sent, () => {
      const own = ownOf(at.thread_id)
      const views = viewsOf(at.thread_id)
      for (const row of list) writes.put(own, views, at, row)
    }),
    describe: (at, view, sent) => piecesThen(Object.values(view.overrides ?? {}), sent, () => void viewsOf(at.thread_id).some((segment) => rows.describe(segment, at, view))),
    get: (threadId, ns, checkpointId) =>
      checkpointId === null ? newestOf(rows, threadId, viewsOf(threadId), ns) : firstOf(threadId, viewsOf(threadId), (view) => rows.find(view, ns, checkpointId)),
    list: (threadId, ns, { before, limit, metadata }) => collect(threadId, listed(threadId, ns, before, metadata === null ? limit : null), limit, metadata),
    writes: (threadId, checkpoint_ns, checkpoint_id) => writes.ofCheckpoint(viewsOf(threadId), { checkpoint_ns, checkpoint_id }),
    marks: (threadId, ns) => writes.ofNamespace(viewsOf(threadId), ns),
    hasNamespace: (threadId, ns) => viewsOf(threadId).some((view) => rows.has(view, ns)),
    piece: pieces.read,
    deleteOfThread: (threadId) => write(() => segments.release(threadId)),
    keepLatest: (threadId) => write(() => {
      const kept = latestOf({
        newest: (ns) => newestOf(rows, threadId, viewsOf(threadId), ns),
        writes: (checkpoint_ns, checkpoint_id) => writes.ofCheckpoint(viewsOf(threadId), { checkpoint_ns, checkpoint_id }),
      })
      if (kept.length === 0 || isBusy.get(threadId)) return false
      segments.release(threadId)
      const own = ownOf(threadId)
      for (const { row, writes: list } of kept) {
        pieces.keep([...Object.values(row.channels), ...Object.values(row.overrides ?? {}), ...list.map(({ value }) => value)], new Map())
        rows.put(own, row)
        for (const one of list) writes.put(own, viewsOf(threadId), row, one)
      }
      return true
    }),
  }
}

function firstOf(threadId: string, views: readonly SegmentView[], find: (view: SegmentView) => RawCheckpoint | null): CheckpointRow | null {
  for (const view of views) {
    const raw = find(view)
    if (raw) return parseCheckpoint(threadId, view, raw)
  }
  return null
}

function newestOf(rows: CheckpointRows, threadId: string, views: readonly SegmentView[], ns: string): CheckpointRow | null {
  let best: { view: SegmentView, raw: RawCheckpoint } | null = null
  for (const view of views) {
    const raw = rows.newest(view, ns)
    if (raw && (!best || raw.checkpoint_id > best.raw.checkpoint_id)) best = { view, raw }
  }
  return best && parseCheckpoint(threadId, best.view, best.raw)
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
