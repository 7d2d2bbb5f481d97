import { childNamespace } from '../../domain/checkpoint-view.ts'
import type { CheckpointRow, WriteRow } from '../storage.ts'

export interface ThreadReader {
  newest(ns: string): CheckpointRow | null
  writes(ns: string, checkpointId: string): WriteRow[]
}
export interface Kept { readonly row: CheckpointRow, readonly writes: readonly WriteRow[] }

/** The newest checkpoint with its writes, and those of the subgraphs that its open tasks are in the middle of: all that a thread needs to go on. */
export function latestOf({ newest, writes }: ThreadReader, ns = ''): Kept[] {
  const row = newest(ns)
  if (!row) return []
  const children = (row.tasks ?? []).flatMap((task) => latestOf({ newest, writes }, childNamespace(ns, task)))
  // What came before it is gone: it begins the thread.
  return [{ row: { ...row, parent_checkpoint_id: null }, writes: writes(ns, row.checkpoint_id) }, ...children]
}
