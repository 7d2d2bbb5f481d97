import type { Database } from 'better-sqlite3'
import { childNamespace } from '../../domain/checkpoint-view.ts'
import type { CheckpointRow, WriteRow } from '../storage.ts'
import { createCheckpointRows, newestOf } from './checkpoint-rows.ts'
import type { PieceStore } from './piece-store.ts'
import type { Segments } from './segments.ts'
import { createWriteRows } from './write-rows.ts'

interface Kept { readonly row: CheckpointRow, readonly writes: readonly WriteRow[] }

/** Inside a write: all but the newest checkpoint goes. False, and nothing is done, when there is none or a run has not ended. */
export type LatestKeeper = (threadId: string) => boolean

export function createLatestKeeper(db: Database, segments: Segments, pieces: PieceStore): LatestKeeper {
  const rows = createCheckpointRows(db)
  const writes = createWriteRows(db)
  const isBusy = db.prepare<[string], { one: 1 }>(`SELECT 1 AS one FROM runs WHERE thread_id = ? AND status IN ('pending', 'running') LIMIT 1`)
  const { viewsOf, ownOf, release } = segments

  /** With its writes, and those of the subgraphs that its open tasks are in the middle of: all that a thread needs to go on. */
  function latestOf(threadId: string, ns = ''): Kept[] {
    const row = newestOf(rows, threadId, viewsOf(threadId), ns)
    if (!row) return []
    const children = (row.tasks ?? []).flatMap((task) => latestOf(threadId, childNamespace(ns, task)))
    // What came before it is gone: it begins the thread.
    return [{ row: { ...row, parent_checkpoint_id: null }, writes: writes.ofCheckpoint(viewsOf(threadId), row) }, ...children]
  }

  return (threadId) => {
    const kept = latestOf(threadId)
    if (kept.length === 0 || isBusy.get(threadId)) return false
    release(threadId)
    const own = ownOf(threadId)
    for (const { row, writes: list } of kept) {
      pieces.keep([...Object.values(row.channels), ...Object.values(row.overrides ?? {}), ...list.map(({ value }) => value)], new Map())
      rows.put(own, row)
      for (const one of list) writes.put(own, viewsOf(threadId), row, one)
    }
    return true
  }
}
