import type { Database } from 'better-sqlite3'
import type { JsonObject } from '../../contract/common.ts'
import { contains } from '../../domain/contains.ts'
import { pieceRefs } from '../../domain/inflate-value.ts'
import type { CheckpointRow, CheckpointStore, PieceMap, WriteRow, WriteUntil } from '../storage.ts'
import { fromJson, fromJsonOrNull, toJson } from './json.ts'
import type { WriteQueue } from './write-queue.ts'

type Packed = 'metadata' | 'body' | 'channels' | 'keys' | 'overrides' | 'next' | 'tasks'
type Raw = Omit<CheckpointRow, Packed> & { metadata: string, body: string, channels: string, keys: string | null, overrides: string | null, next: string | null, tasks: string | null }

const parse = (raw: Raw): CheckpointRow => ({
  ...raw, metadata: fromJson(raw.metadata), body: fromJson(raw.body), channels: fromJson(raw.channels),
  keys: fromJsonOrNull(raw.keys), overrides: fromJsonOrNull(raw.overrides), next: fromJsonOrNull(raw.next), tasks: fromJsonOrNull(raw.tasks),
})
const orNull = (value: unknown) => value === null || value === undefined ? null : toJson(value)
const flatten = (row: CheckpointRow): Raw => ({
  ...row, metadata: toJson(row.metadata), body: toJson(row.body), channels: toJson(row.channels),
  keys: orNull(row.keys), overrides: orNull(row.overrides), next: orNull(row.next), tasks: orNull(row.tasks),
})

// A checkpoint put twice (an attempt that was retried) keeps the newer content.
const PUT = `INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, run_id, metadata, body, channels, keys, overrides, root, next, tasks, created_at)
  VALUES (@thread_id, @checkpoint_ns, @checkpoint_id, @parent_checkpoint_id, @run_id, @metadata, @body, @channels, @keys, @overrides, @root, @next, @tasks, @created_at)
  ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id) DO UPDATE SET metadata = excluded.metadata, body = excluded.body, channels = excluded.channels,
    keys = coalesce(excluded.keys, keys), overrides = coalesce(excluded.overrides, overrides), root = coalesce(excluded.root, root), next = coalesce(excluded.next, next), tasks = coalesce(excluded.tasks, tasks)`
// Special writes (negative idx) replace, ordinary ones of a finished task stay as they are.
const PUT_WRITE = `INSERT INTO checkpoint_writes (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, value, run_id)
  VALUES (@thread_id, @checkpoint_ns, @checkpoint_id, @task_id, @idx, @channel, @value, @run_id)
  ON CONFLICT DO UPDATE SET channel = excluded.channel, value = excluded.value, run_id = excluded.run_id WHERE excluded.idx < 0`
const AT = 'thread_id = @thread_id AND checkpoint_ns = @checkpoint_ns AND checkpoint_id = @checkpoint_id'

export function createCheckpointStore(db: Database, { write, commit }: WriteQueue): CheckpointStore {
  const put = db.prepare(PUT)
  const putWrite = db.prepare(PUT_WRITE)
  const insertPiece = db.prepare('INSERT INTO pieces (hash, json) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const hasPiece = db.prepare<[string], { one: 1 }>('SELECT 1 AS one FROM pieces WHERE hash = ?')
  const piece = db.prepare<[string], { json: Uint8Array }>('SELECT json FROM pieces WHERE hash = ?')
  const describe = db.prepare(`UPDATE checkpoints SET keys = @keys, overrides = @overrides, root = @root, next = @next, tasks = @tasks WHERE ${AT}`)
  const one = db.prepare<unknown[], Raw>(`SELECT * FROM checkpoints WHERE ${AT}`)
  const newest = db.prepare<[string, string], Raw>('SELECT * FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? ORDER BY checkpoint_id DESC LIMIT 1')
  const writes = db.prepare<unknown[], WriteRow>(`SELECT task_id, idx, channel, value, run_id FROM checkpoint_writes WHERE ${AT} ORDER BY task_id, idx`)
  const marks = db.prepare<[string, string], { checkpoint_id: string, task_id: string, channel: string, value: string, idx: number }>(
    'SELECT checkpoint_id, task_id, channel, value, idx FROM checkpoint_writes WHERE thread_id = ? AND checkpoint_ns = ?')
  const hasNamespace = db.prepare<[string, string], { one: 1 }>('SELECT 1 AS one FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? LIMIT 1')
  const clear = ['checkpoints', 'checkpoint_writes'].map((table) => db.prepare(`DELETE FROM ${table} WHERE thread_id = ?`))

  /** Stores the pieces at hand; names those that they or `texts` refer to and nobody has. */
  function keepPieces(texts: readonly string[], pieces: PieceMap): string[] {
    const sent = Array.from(pieces.values(), (json) => Buffer.from(json).toString('utf8'))
    const missing = [...new Set([...texts, ...sent].flatMap(pieceRefs))].filter((hash) => !pieces.has(hash) && !hasPiece.get(hash))
    if (missing.length === 0) for (const [hash, json] of pieces) insertPiece.run(hash, json)
    return missing
  }

  const piecesThen = (texts: string[], pieces: PieceMap, until: WriteUntil | undefined, store: () => void) => (until === 'committed' ? commit : write)(() => {
    const missing = keepPieces(texts, pieces)
    if (missing.length === 0) store()
    return { missing }
  })

  return {
    put: (row, pieces, until) => piecesThen([...Object.values(row.channels), ...Object.values(row.overrides ?? {})], pieces, until, () => put.run(flatten(row))),
    putWrites: (at, rows, pieces, until) => piecesThen(rows.map((row) => row.value), pieces, until, () => {
      for (const row of rows) putWrite.run({ ...at, ...row })
    }),
    describe: (at, view, pieces, until) => piecesThen(Object.values(view.overrides ?? {}), pieces, until, () =>
      describe.run({ ...at, keys: orNull(view.keys), overrides: orNull(view.overrides), root: view.root, next: orNull(view.next), tasks: orNull(view.tasks) })),
    get: (thread_id, checkpoint_ns, checkpoint_id) => {
      const raw = checkpoint_id === null ? newest.get(thread_id, checkpoint_ns) : one.get({ thread_id, checkpoint_ns, checkpoint_id })
      return raw ? parse(raw) : null
    },
    list: (threadId, ns, { before, limit, metadata }) => {
      const rows = db.prepare<unknown[], Raw>(`SELECT * FROM checkpoints WHERE thread_id = @threadId ${ns === null ? '' : 'AND checkpoint_ns = @ns'}
        ${before === null ? '' : 'AND checkpoint_id < @before'} ORDER BY checkpoint_id DESC LIMIT @limit`)
        .iterate({ threadId, ns, before, limit: metadata === null ? limit ?? -1 : -1 })
      return collect(rows, limit, metadata)
    },
    writes: (thread_id, checkpoint_ns, checkpoint_id) => writes.all({ thread_id, checkpoint_ns, checkpoint_id }),
    marks: (threadId, ns) => marks.all(threadId, ns),
    hasNamespace: (threadId, ns) => hasNamespace.get(threadId, ns) !== undefined,
    piece: (hash) => {
      const row = piece.get(hash)
      if (!row) throw new Error(`Piece ${hash} is missing from the database.`)
      return Buffer.from(row.json.buffer, row.json.byteOffset, row.json.byteLength).toString('utf8')
    },
    deleteOfThread: (threadId) => write(() => {
      for (const statement of clear) statement.run(threadId)
    }),
  }
}

function collect(rows: Iterable<Raw>, limit: number | null, metadata: JsonObject | null): CheckpointRow[] {
  const found: CheckpointRow[] = []
  for (const raw of rows) {
    const row = parse(raw)
    if (metadata && !contains(row.metadata, metadata)) continue
    found.push(row)
    if (limit !== null && found.length >= limit) break
  }
  return found
}
