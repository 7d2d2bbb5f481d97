import type { Database } from 'better-sqlite3'
import type { CheckpointRow } from '../storage.ts'
import { fromJson, fromJsonOrNull, toJson } from './json.ts'
import { EVERYTHING, type OwnSegment, type SegmentView } from './segments.ts'

type Packed = 'metadata' | 'body' | 'channels' | 'keys' | 'overrides' | 'next' | 'tasks'
export interface RawCheckpoint extends Omit<CheckpointRow, Packed | 'thread_id'> { metadata: string, body: string, channels: string, keys: string | null, overrides: string | null, next: string | null, tasks: string | null }

/** Where a row is, without its content: enough to order by, and found in an index alone. */
export interface CheckpointKey { readonly seq: number, readonly checkpoint_ns: string, readonly checkpoint_id: string }
export type CheckpointView = Pick<CheckpointRow, 'keys' | 'overrides' | 'root' | 'next' | 'tasks'>

/** Above every id of a checkpoint. */
const LAST_ID = '\u{10ffff}'
const COLUMNS = 'checkpoint_ns, checkpoint_id, parent_checkpoint_id, run_id, metadata, body, channels, keys, overrides, root, next, tasks, created_at'

const orNull = (value: unknown) => value === null || value === undefined ? null : toJson(value)
const packView = (view: CheckpointView) => ({ keys: orNull(view.keys), overrides: orNull(view.overrides), root: view.root, next: orNull(view.next), tasks: orNull(view.tasks) })

/** Checkpoints of one segment, up to an epoch. Names of parameters: see {@link SegmentView}. */
export interface CheckpointRows {
  put(own: OwnSegment, row: CheckpointRow): void
  /** False when the checkpoint is not in this segment. */
  describe(view: SegmentView, at: { checkpoint_ns: string, checkpoint_id: string }, description: CheckpointView): boolean
  find(view: SegmentView, ns: string, checkpointId: string): RawCheckpoint | null
  /** The newest of the namespace. */
  newest(view: SegmentView, ns: string): RawCheckpoint | null
  /** Newest first, below `before`. */
  below(view: SegmentView, ns: string, before: string | null, limit: number): RawCheckpoint[]
  has(view: SegmentView, ns: string): boolean
  /** Of all namespaces, in no order. */
  allKeys(view: SegmentView): CheckpointKey[]
  read(key: CheckpointKey): RawCheckpoint
}

export const parseCheckpoint = (thread_id: string, view: SegmentView, raw: RawCheckpoint): CheckpointRow => ({
  ...raw, thread_id,
  // Of a copy: the runs that wrote these are another thread's.
  run_id: view.upto === EVERYTHING ? raw.run_id : null,
  metadata: fromJson(raw.metadata), body: fromJson(raw.body), channels: fromJson(raw.channels),
  keys: fromJsonOrNull(raw.keys), overrides: fromJsonOrNull(raw.overrides), next: fromJsonOrNull(raw.next), tasks: fromJsonOrNull(raw.tasks),
})

export function createCheckpointRows(db: Database): CheckpointRows {
  // A checkpoint put twice (an attempt that was retried) keeps the newer content.
  const put = db.prepare(`INSERT INTO checkpoints (segment, epoch, ${COLUMNS})
    VALUES (@segment, @epoch, @checkpoint_ns, @checkpoint_id, @parent_checkpoint_id, @run_id, @metadata, @body, @channels, @keys, @overrides, @root, @next, @tasks, @created_at)
    ON CONFLICT (segment, checkpoint_ns, checkpoint_id, epoch) DO UPDATE SET metadata = excluded.metadata, body = excluded.body, channels = excluded.channels`)
  const describe = db.prepare(`UPDATE checkpoints SET keys = @keys, overrides = @overrides, root = @root, next = @next, tasks = @tasks
    WHERE segment = @segment AND checkpoint_ns = @checkpoint_ns AND checkpoint_id = @checkpoint_id AND epoch <= @upto`)
  const ROW = `SELECT ${COLUMNS} FROM checkpoints WHERE`
  // Without an order, which triples the cost of a lookup: there is hardly ever more than one version.
  const versions = db.prepare<[number, string, string, number], RawCheckpoint & { epoch: number }>(
    `SELECT epoch, ${COLUMNS} FROM checkpoints WHERE segment = ? AND checkpoint_ns = ? AND checkpoint_id = ? AND epoch <= ?`)
  const below = db.prepare<[number, string, string, number, number], RawCheckpoint>(
    `${ROW} segment = ? AND checkpoint_ns = ? AND checkpoint_id < ? AND epoch <= ? ORDER BY checkpoint_id DESC, epoch DESC LIMIT ?`)
  const all = db.prepare<[number, number], CheckpointKey>(
    'SELECT seq, checkpoint_ns, checkpoint_id FROM checkpoints WHERE segment = ? AND epoch <= ? ORDER BY checkpoint_ns, checkpoint_id, epoch DESC')
  const newestId = db.prepare<[number, string, number], { id: string | null }>('SELECT max(checkpoint_id) AS id FROM checkpoints WHERE segment = ? AND checkpoint_ns = ? AND epoch <= ?')
  const one = db.prepare<[number, string], { one: 1 }>('SELECT 1 AS one FROM checkpoints WHERE segment = ? AND checkpoint_ns = ? LIMIT 1')
  const newest = db.prepare<[number, string, number], RawCheckpoint>(`${ROW} segment = ? AND checkpoint_ns = ? AND epoch <= ? ORDER BY checkpoint_id DESC, epoch DESC LIMIT 1`)
  const read = db.prepare<[number], RawCheckpoint>(`${ROW} seq = ?`)

  function find(view: SegmentView, ns: string, checkpointId: string): RawCheckpoint | null {
    const found = versions.all(view.segment, ns, checkpointId, view.upto)
    if (found.length === 0) return null
    const { epoch: _, ...raw } = found.reduce((best, version) => version.epoch > best.epoch ? version : best)
    return raw
  }

  /** A shared segment grows on: the newest that is visible is looked for once, and everything starts from there. */
  function headOf(view: SegmentView, ns: string): string | null {
    if (view.upto === EVERYTHING) return LAST_ID
    const known = view.heads.get(ns)
    if (known !== undefined) return known
    const head = newestId.get(view.segment, ns, view.upto)!.id
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
      return head === null ? null : find(view, ns, head)
    },
    below: (view, ns, before, limit) => {
      const head = headOf(view, ns)
      if (head === null) return []
      // U+0001 is the smallest that can follow: the head itself is still below it.
      const afterHead = `${head}\u0001`
      return below.all(view.segment, ns, before !== null && before < afterHead ? before : afterHead, view.upto, limit)
    },
    has: (view, ns) => view.upto === EVERYTHING ? one.get(view.segment, ns) !== undefined : headOf(view, ns) !== null,
    allKeys: (view) => all.all(view.segment, view.upto),
    read: (key) => read.get(key.seq)!,
  }
}
