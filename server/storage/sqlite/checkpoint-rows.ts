import type { Database } from 'better-sqlite3'
import type { CheckpointRow } from '../storage.ts'
import { fromJson, fromJsonOrNull, toJson } from './json.ts'
import { EVERYTHING, type OwnSegment, type SegmentView } from './segments.ts'

type Packed = 'metadata' | 'body' | 'channels' | 'keys' | 'overrides' | 'next' | 'tasks'
export interface RawCheckpoint extends Omit<CheckpointRow, Packed | 'thread_id'> { seq: number, metadata: string, body: string, channels: string, keys: string | null, overrides: string | null, next: string | null, tasks: string | null }

/** Where a row is, without its content: enough to order by, and found in an index alone. */
export interface CheckpointKey { readonly seq: number, readonly checkpoint_ns: string, readonly checkpoint_id: string }
export type CheckpointView = Pick<CheckpointRow, 'keys' | 'overrides' | 'root' | 'next' | 'tasks'>

const COLUMNS = 'checkpoint_ns, checkpoint_id, parent_checkpoint_id, run_id, metadata, body, channels, keys, overrides, root, next, tasks, created_at'

const orNull = (value: unknown) => value === null || value === undefined ? null : toJson(value)
const packView = (view: CheckpointView) => ({ keys: orNull(view.keys), overrides: orNull(view.overrides), root: view.root, next: orNull(view.next), tasks: orNull(view.tasks) })

/**
 * Checkpoints of one segment, up to an epoch, in the order they were put (`seq`): their ids are made from a clock that may go
 * back. Names of parameters: see {@link SegmentView}. */
export interface CheckpointRows {
  put(own: OwnSegment, row: CheckpointRow): void
  /** False when the checkpoint is not in this segment. */
  describe(view: SegmentView, at: { checkpoint_ns: string, checkpoint_id: string }, description: CheckpointView): boolean
  find(view: SegmentView, ns: string, checkpointId: string): RawCheckpoint | null
  /** The newest of the namespace. */
  newest(view: SegmentView, ns: string): RawCheckpoint | null
  /** The first and the newest of the root namespace that a run wrote. */
  ofRun(view: SegmentView, runId: string): [first: RawCheckpoint, newest: RawCheckpoint] | null
  /** Newest first, those put before `seq`. */
  below(view: SegmentView, ns: string, seq: number | null, limit: number): RawCheckpoint[]
  /** What `before` a checkpoint id means: the `seq` it was put at, or, of one that is not there, where its id would stand. */
  placeOf(view: SegmentView, ns: string, checkpointId: string): { seq: number, isThere: boolean }
  count(view: SegmentView, ns: string): number
  hasChild(view: SegmentView, ns: string, checkpointId: string): boolean
  has(view: SegmentView, ns: string): boolean
  /** Of all namespaces, in no order. */
  allKeys(view: SegmentView): CheckpointKey[]
  read(key: CheckpointKey): RawCheckpoint
}

export const parseCheckpoint = (thread_id: string, view: SegmentView, { seq: _, ...raw }: RawCheckpoint): CheckpointRow => ({
  ...raw, thread_id,
  // Of a copy: the runs that wrote these are another thread's.
  run_id: view.upto === EVERYTHING ? raw.run_id : null,
  metadata: fromJson(raw.metadata), body: fromJson(raw.body), channels: fromJson(raw.channels),
  keys: fromJsonOrNull(raw.keys), overrides: fromJsonOrNull(raw.overrides), next: fromJsonOrNull(raw.next), tasks: fromJsonOrNull(raw.tasks),
})

/** The newest of a namespace over all segments that a thread sees. */
export function newestOf(rows: CheckpointRows, threadId: string, views: readonly SegmentView[], ns: string): CheckpointRow | null {
  let best: { view: SegmentView, raw: RawCheckpoint } | null = null
  for (const view of views) {
    const raw = rows.newest(view, ns)
    if (raw && (!best || raw.seq > best.raw.seq)) best = { view, raw }
  }
  return best && parseCheckpoint(threadId, best.view, best.raw)
}

export function createCheckpointRows(db: Database): CheckpointRows {
  // A checkpoint put twice (an attempt that was retried) keeps the newer content.
  const put = db.prepare(`INSERT INTO checkpoints (segment, epoch, ${COLUMNS})
    VALUES (@segment, @epoch, @checkpoint_ns, @checkpoint_id, @parent_checkpoint_id, @run_id, @metadata, @body, @channels, @keys, @overrides, @root, @next, @tasks, @created_at)
    ON CONFLICT (segment, checkpoint_ns, checkpoint_id, epoch) DO UPDATE SET metadata = excluded.metadata, body = excluded.body, channels = excluded.channels,
      keys = coalesce(excluded.keys, keys), overrides = coalesce(excluded.overrides, overrides), root = coalesce(excluded.root, root),
      next = coalesce(excluded.next, next), tasks = coalesce(excluded.tasks, tasks)`)
  const describe = db.prepare(`UPDATE checkpoints SET keys = @keys, overrides = @overrides, root = @root, next = @next, tasks = @tasks
    WHERE segment = @segment AND checkpoint_ns = @checkpoint_ns AND checkpoint_id = @checkpoint_id AND epoch <= @upto`)
  const ROW = `SELECT seq, ${COLUMNS} FROM checkpoints WHERE`
  // Without an order, which triples the cost of a lookup: there is hardly ever more than one version.
  const versions = db.prepare<[number, string, string, number], RawCheckpoint & { epoch: number }>(
    `SELECT seq, epoch, ${COLUMNS} FROM checkpoints WHERE segment = ? AND checkpoint_ns = ? AND checkpoint_id = ? AND epoch <= ?`)
  const below = db.prepare<[number, string, number, number, number], RawCheckpoint>(
    `${ROW} segment = ? AND checkpoint_ns = ? AND seq < ? AND epoch <= ? ORDER BY seq DESC LIMIT ?`)
  const all = db.prepare<[number, number], CheckpointKey>('SELECT seq, checkpoint_ns, checkpoint_id FROM checkpoints WHERE segment = ? AND epoch <= ?')
  const newestSeq = db.prepare<[number, string, number], number | null>(
    'SELECT seq FROM checkpoints WHERE segment = ? AND checkpoint_ns = ? AND epoch <= ? ORDER BY seq DESC LIMIT 1').pluck()
  const seqOf = db.prepare<[number, string, string, number], number | null>(
    'SELECT max(seq) FROM checkpoints WHERE segment = ? AND checkpoint_ns = ? AND checkpoint_id = ? AND epoch <= ?').pluck()
  const seqBelow = db.prepare<[number, string, string, number], number | null>(
    'SELECT max(seq) FROM checkpoints WHERE segment = ? AND checkpoint_ns = ? AND checkpoint_id < ? AND epoch <= ?').pluck()
  const count = db.prepare<[number, string, number], number>('SELECT count(*) FROM checkpoints WHERE segment = ? AND checkpoint_ns = ? AND epoch <= ?').pluck()
  // A child was put later, and mostly next.
  const child = db.prepare<unknown[], { one: 1 }>(`SELECT 1 AS one FROM checkpoints WHERE segment = @segment AND checkpoint_ns = @ns AND seq > @seq AND epoch <= @upto
    AND parent_checkpoint_id = @id ORDER BY seq LIMIT 1`)
  const one = db.prepare<[number, string], { one: 1 }>('SELECT 1 AS one FROM checkpoints WHERE segment = ? AND checkpoint_ns = ? LIMIT 1')
  const newest = db.prepare<[number, string, number], RawCheckpoint>(`${ROW} segment = ? AND checkpoint_ns = ? AND epoch <= ? ORDER BY seq DESC LIMIT 1`)
  const seqsOfRun = db.prepare<[string, number, number], { first: number | null, newest: number | null }>(
    "SELECT min(seq) AS first, max(seq) AS newest FROM checkpoints WHERE run_id = ? AND checkpoint_ns = '' AND segment = ? AND epoch <= ?")
  const read = db.prepare<[number], RawCheckpoint>(`${ROW} seq = ?`)

  function find(view: SegmentView, ns: string, checkpointId: string): RawCheckpoint | null {
    const found = versions.all(view.segment, ns, checkpointId, view.upto)
    if (found.length === 0) return null
    const { epoch: _, ...raw } = found.reduce((best, version) => version.epoch > best.epoch ? version : best)
    return raw
  }

  /** A shared segment grows on: the newest that is visible is looked for once, and everything starts from there. */
  function headOf(view: SegmentView, ns: string): number | null {
    if (view.upto === EVERYTHING) return Number.MAX_SAFE_INTEGER
    const known = view.heads.get(ns)
    if (known !== undefined) return known
    const head = newestSeq.get(view.segment, ns, view.upto) ?? null
    if (view.heads.size >= 1000) view.heads.clear()
    view.heads.set(ns, head)
    return head
  }

  return {
    put: (own, row) => void put.run({ ...row, ...own, metadata: toJson(row.metadata), body: toJson(row.body), channels: toJson(row.channels), ...packView(row) }),
    describe: ({ segment, upto }, at, description) =>
      describe.run({ segment, upto, checkpoint_ns: at.checkpoint_ns, checkpoint_id: at.checkpoint_id, ...packView(description) }).changes > 0,
    find,
    newest: (view, ns) => {
      if (view.upto === EVERYTHING) return newest.get(view.segment, ns, view.upto) ?? null
      const head = headOf(view, ns)
      return head === null ? null : read.get(head) ?? null
    },
    ofRun: (view, runId) => {
      const { first, newest } = seqsOfRun.get(runId, view.segment, view.upto)!
      return first === null || newest === null ? null : [read.get(first)!, read.get(newest)!]
    },
    below: (view, ns, seq, limit) => {
      const head = headOf(view, ns)
      return head === null ? [] : below.all(view.segment, ns, Math.min(seq ?? Infinity, head + 1), view.upto, Math.min(limit, Number.MAX_SAFE_INTEGER))
    },
    placeOf: (view, ns, checkpointId) => {
      const seq = seqOf.get(view.segment, ns, checkpointId, view.upto) ?? null
      return seq === null ? { seq: (seqBelow.get(view.segment, ns, checkpointId, view.upto) ?? 0) + 1, isThere: false } : { seq, isThere: true }
    },
    count: (view, ns) => count.get(view.segment, ns, view.upto)!,
    hasChild: ({ segment, upto }, ns, id) => child.get({ segment, upto, ns, id, seq: seqOf.get(segment, ns, id, upto) ?? 0 }) !== undefined,
    has: (view, ns) => view.upto === EVERYTHING ? one.get(view.segment, ns) !== undefined : headOf(view, ns) !== null,
    allKeys: (view) => all.all(view.segment, view.upto),
    read: (key) => read.get(key.seq)!,
  }
}
