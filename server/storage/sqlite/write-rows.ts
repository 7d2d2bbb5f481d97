import type { Database } from 'better-sqlite3'
import type { WriteRow } from '../storage.ts'
import { EVERYTHING, type OwnSegment, type SegmentView } from './segments.ts'

interface Versioned { readonly epoch: number }
interface Place { readonly checkpoint_ns: string, readonly checkpoint_id: string }

/** Pending writes, of the segments that a thread sees. */
export interface WriteRows {
  put(own: OwnSegment, views: readonly SegmentView[], at: Place, write: WriteRow): void
  ofCheckpoint(views: readonly SegmentView[], at: Place): WriteRow[]
}

export function createWriteRows(db: Database): WriteRows {
  // Special writes (negative idx) replace; a copy that was made before goes on seeing what they replaced.
  const put = db.prepare(`INSERT INTO checkpoint_writes (segment, epoch, checkpoint_ns, checkpoint_id, task_id, idx, channel, value, run_id)
    VALUES (@segment, @epoch, @checkpoint_ns, @checkpoint_id, @task_id, @idx, @channel, @value, @run_id)
    ON CONFLICT DO UPDATE SET channel = excluded.channel, value = excluded.value, run_id = excluded.run_id WHERE excluded.idx < 0`)
  const AT = 'segment = @segment AND checkpoint_ns = @checkpoint_ns AND checkpoint_id = @checkpoint_id'
  const exists = db.prepare<unknown[], { one: 1 }>(`SELECT 1 AS one FROM checkpoint_writes WHERE ${AT} AND task_id = @task_id AND idx = @idx AND epoch <= @upto LIMIT 1`)
  // Ordered below: an order in SQL costs more than the lookup itself.
  const ofCheckpoint = db.prepare<unknown[], WriteRow & Versioned>(`SELECT task_id, idx, channel, value, run_id, epoch FROM checkpoint_writes WHERE ${AT} AND epoch <= @upto`)

  const isThere = (views: readonly SegmentView[], place: object) => views.some(({ segment, upto }) => exists.get({ ...place, segment, upto }))

  return {
    put: (own, views, at, write) => {
      const { checkpoint_ns, checkpoint_id } = at
      const row = { checkpoint_ns, checkpoint_id, ...write }
      // Ordinary writes of a finished task stay as they are. Where nothing is shared, the key alone sees to that.
      const isShared = own.epoch > 0 || views.length > 1 || views[0]?.upto !== EVERYTHING
      if (write.idx >= 0 && isShared && isThere(views, row)) return
      put.run({ ...row, ...own })
    },
    ofCheckpoint: (views, { checkpoint_ns, checkpoint_id }) =>
      newestOf(views.map(({ segment, upto }) => ofCheckpoint.all({ segment, upto, checkpoint_ns, checkpoint_id })), (row) => `${row.task_id} ${row.idx}`)
        .sort((a, b) => compare(a.task_id, b.task_id) || a.idx - b.idx),
  }
}

const compare = (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0

/** Of each key the newest version: that of the first segment that has it, and there the one of the highest epoch. */
function newestOf<T extends object>(segments: readonly (T & Versioned)[][], keyOf: (row: T) => string): T[] {
  const found = new Map<string, { row: T & Versioned, place: number }>()
  for (const [place, rows] of segments.entries())
    for (const row of rows) {
      const known = found.get(keyOf(row))
      if (!known || (known.place === place && known.row.epoch < row.epoch)) found.set(keyOf(row), { row, place })
    }
  return Array.from(found.values(), ({ row: { epoch: _, ...row } }) => row as unknown as T)
}
