import type { Database as Connection } from 'better-sqlite3'
import { orderPieces } from './broken-pieces.ts'
import { mendOwners } from './lost-owners.ts'
import { brokenReferences, orphans, type CheckpointPlace, type WritePlace } from './references.ts'
import { EVERYTHING } from './segments.ts'

export interface Mended { readonly checkpoints: number, readonly writes: number, readonly relinked: number, readonly threadsMade: number }

const REMOVE_WRITE = `DELETE FROM checkpoint_writes WHERE segment = @segment AND checkpoint_ns = @checkpoint_ns AND checkpoint_id = @checkpoint_id
  AND task_id = @task_id AND idx = @idx AND epoch = @epoch`

/**
 * Takes away what can't be read as a whole, and ties together what is left: children of a lost checkpoint go on from the
 * nearest ancestor that is there; rows without an owner get one; pieces that nothing needs any more are left to the
 * background work.
 */
export function mendReferences(db: Connection): Mended {
  const threadsMade = mendOwners(db)
  const { wrongPieces, misplacedPieces, checkpoints, writes } = brokenReferences(db)
  const removePiece = db.prepare('DELETE FROM pieces WHERE hash = ?')
  const removeCheckpoint = db.prepare('DELETE FROM checkpoints WHERE seq = @seq')
  const removeWrite = db.prepare<WritePlace>(REMOVE_WRITE)
  for (const name of wrongPieces) removePiece.run(name)
  for (const { seq } of checkpoints) removeCheckpoint.run({ seq })
  for (const at of writes) removeWrite.run(at)
  if (misplacedPieces.length) orderPieces(db)
  db.prepare(`INSERT INTO chores (kind, key) VALUES ('pieces', '') ON CONFLICT DO NOTHING`).run()
  return { checkpoints: checkpoints.length, writes: writes.length, relinked: relink(db, checkpoints), threadsMade }
}

function relink(db: Connection, lost: readonly CheckpointPlace[]): number {
  const found = orphans(db)
  const parents = new Map(lost.map((at) => [keyOf(at.segment, at.checkpoint_ns, at.checkpoint_id), at.parent_checkpoint_id]))
  const segmentsOf = db.prepare<[string], number>('SELECT segment FROM thread_segments WHERE thread_id = ?').pluck()
  const isThere = db.prepare<unknown[], 1>(`SELECT 1 FROM thread_segments m JOIN checkpoints c ON c.segment = m.segment AND c.epoch <= coalesce(m.upto, ${EVERYTHING})
    WHERE m.thread_id = @thread_id AND c.checkpoint_ns = @checkpoint_ns AND c.checkpoint_id = @parent LIMIT 1`).pluck()
  const link = db.prepare('UPDATE checkpoints SET parent_checkpoint_id = @parent WHERE seq = @seq')
  for (const { seq, thread_id, checkpoint_ns, parent_checkpoint_id } of found) {
    const segments = segmentsOf.all(thread_id)
    let parent = parent_checkpoint_id
    while (parent !== null && !isThere.get({ thread_id, checkpoint_ns, parent })) {
      const keys = segments.map((segment) => keyOf(segment, checkpoint_ns, parent!))
      parent = keys.map((key) => parents.get(key)).find((known) => known !== undefined) ?? null
    }
    link.run({ seq, parent })
  }
  return found.length
}

const keyOf = (segment: number, ns: string, id: string) => JSON.stringify([segment, ns, id])
