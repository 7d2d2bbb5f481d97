import type { Database } from 'better-sqlite3'
import type { Chores } from './chores.ts'
import { EVERYTHING } from './segments.ts'

/** Rows looked at between two looks at the clock. */
const STEP = 50

interface CheckpointPlace { readonly checkpoint_ns: string, readonly checkpoint_id: string, readonly epoch: number }
interface WritePlace extends CheckpointPlace { readonly task_id: string, readonly idx: number }
/** How far a segment has been looked through; null where nothing has been begun, 'end' where a table is done. */
export interface TrimPlace {
  readonly segment: number
  /** Epochs above this go. It changes when one more thread goes: then all is looked through again. */
  readonly visible: number
  readonly checkpoints: CheckpointPlace | 'end'
  readonly writes: WritePlace | 'end'
}

const START = { checkpoint_ns: '', checkpoint_id: '', epoch: -1, task_id: '', idx: Number.MIN_SAFE_INTEGER }

/**
 * Removes what no thread sees any more of the segments that lost one: all of it, or what was written after the last epoch
 * that a copy sees. One step inside a write, from a place to the next; null when there is nothing to do.
 */
export function createSegmentTrimmer(db: Database, chores: Chores): (from: TrimPlace | null) => TrimPlace | null {
  const seen = db.prepare<[number], { viewers: number, visible: number }>(
    `SELECT count(*) AS viewers, coalesce(max(coalesce(upto, ${EVERYTHING})), -1) AS visible FROM thread_segments WHERE segment = ?`)
  const someCheckpoints = db.prepare<unknown[], CheckpointPlace & { seq: number }>(`SELECT seq, checkpoint_ns, checkpoint_id, epoch FROM checkpoints
    WHERE segment = @segment AND (checkpoint_ns, checkpoint_id, epoch) > (@checkpoint_ns, @checkpoint_id, @epoch) ORDER BY checkpoint_ns, checkpoint_id, epoch LIMIT ${STEP}`)
  const removeCheckpoint = db.prepare('DELETE FROM checkpoints WHERE seq = @seq')
  const KEY = 'checkpoint_ns, checkpoint_id, task_id, idx, epoch'
  const VALUES = '@checkpoint_ns, @checkpoint_id, @task_id, @idx, @epoch'
  const someWrites = db.prepare<unknown[], WritePlace>(`SELECT ${KEY} FROM checkpoint_writes WHERE segment = @segment AND (${KEY}) > (${VALUES}) ORDER BY ${KEY} LIMIT ${STEP}`)
  const removeWrite = db.prepare(`DELETE FROM checkpoint_writes WHERE segment = @segment AND (${KEY}) = (${VALUES})`)
  const removeSegment = db.prepare('DELETE FROM segments WHERE segment = ?')

  function trimCheckpoints(place: TrimPlace): TrimPlace {
    const rows = someCheckpoints.all({ ...place.checkpoints as CheckpointPlace, segment: place.segment })
    for (const row of rows) if (row.epoch > place.visible) removeCheckpoint.run(row)
    return { ...place, checkpoints: rows.length < STEP ? 'end' : rows.at(-1)! }
  }

  function trimWrites(place: TrimPlace): TrimPlace {
    const rows = someWrites.all({ ...place.writes as WritePlace, segment: place.segment })
    for (const row of rows) if (row.epoch > place.visible) removeWrite.run({ ...row, segment: place.segment })
    return { ...place, writes: rows.length < STEP ? 'end' : rows.at(-1)! }
  }

  return (from) => {
    const key = chores.first('segment')
    if (key === null) return null
    const segment = Number(key)
    const { viewers, visible } = seen.get(segment)!
    const place = from?.segment === segment && from.visible === visible ? from : { segment, visible, checkpoints: START, writes: START }
    if (place.visible < EVERYTHING && place.checkpoints !== 'end') return trimCheckpoints(place)
    if (place.visible < EVERYTHING && place.writes !== 'end') return trimWrites(place)
    chores.done('segment', key)
    if (viewers === 0) removeSegment.run(segment)
    chores.add('pieces', '')
    return place
  }
}
