import { hash } from 'node:crypto'
import type { Database as Connection } from 'better-sqlite3'
import { pieceRefs } from '../../domain/piece-refs.ts'

/** Where a checkpoint is. */
export interface Place { readonly thread_id: string, readonly checkpoint_ns: string, readonly checkpoint_id: string }
export interface WritePlace extends Place { readonly task_id: string, readonly idx: number }

export interface BrokenReferences {
  /** Pieces whose text is not what their hash says. */
  readonly wrongPieces: readonly string[]
  /** Checkpoints that are not whole themselves, or need a piece which is missing or wrong, at any depth. */
  readonly checkpoints: readonly Place[]
  readonly writes: readonly WritePlace[]
  /** Checkpoints whose parent is not there. */
  readonly orphans: readonly (Place & { parent_checkpoint_id: string })[]
}

interface CheckpointTexts extends Place { channels: string, overrides: string | null, whole: 0 | 1 }

/** A page of zeros in the middle of a long text is no damage to SQLite. */
const CHECKPOINT_TEXTS = `SELECT thread_id, checkpoint_ns, checkpoint_id, channels, overrides,
  json_valid(channels) AND json_valid(metadata) AND json_valid(body) AND json_valid(coalesce(overrides, '{}')) AND json_valid(coalesce(keys, '[]'))
  AND json_valid(coalesce(next, '[]')) AND json_valid(coalesce(tasks, '[]')) AS whole FROM checkpoints`

/** All that SQLite can't know: which rows of one table need which rows of another. The one place to change with these tables. */
export function brokenReferences(db: Connection): BrokenReferences {
  const broken = brokenPieces(db)
  const isBroken = (text: string) => pieceRefs(text).some(broken.has)
  const checkpoints = db.prepare<[], CheckpointTexts>(CHECKPOINT_TEXTS).iterate()
  const writes = db.prepare<[], WritePlace & { value: string }>('SELECT thread_id, checkpoint_ns, checkpoint_id, task_id, idx, value FROM checkpoint_writes').iterate()
  return {
    wrongPieces: broken.wrong,
    checkpoints: Array.from(filter(checkpoints, ({ channels, overrides, whole }) => !whole || [channels, overrides].some((map) => textsOf(map).some(isBroken))), placeOf),
    writes: Array.from(filter(writes, ({ value }) => !isJson(value) || isBroken(value)), ({ task_id, idx, ...at }) => ({ ...placeOf(at), task_id, idx })),
    orphans: db.prepare<[], Place & { parent_checkpoint_id: string }>(`SELECT thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id FROM checkpoints c
      WHERE parent_checkpoint_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM checkpoints p
        WHERE p.thread_id = c.thread_id AND p.checkpoint_ns = c.checkpoint_ns AND p.checkpoint_id = c.parent_checkpoint_id)`).all(),
  }
}

/** A piece is broken when it is missing, not what its hash says, or made of one that is. */
function brokenPieces(db: Connection): { wrong: string[], has: (hash: string) => boolean } {
  const parts = new Map<string, string[]>()
  const wrong: string[] = []
  for (const { hash: name, json } of db.prepare<[], { hash: string, json: Uint8Array }>('SELECT hash, json FROM pieces').iterate()) {
    if (hash('sha256', json, 'buffer').subarray(0, 20).toString('base64url') === name) parts.set(name, pieceRefs(Buffer.from(json).toString('utf8')))
    else wrong.push(name)
  }
  const known = new Map<string, boolean>()
  const has = (name: string): boolean => {
    const before = known.get(name)
    if (before !== undefined) return before
    const broken = parts.get(name)?.some(has) ?? true
    known.set(name, broken)
    return broken
  }
  return { wrong, has }
}

const textsOf = (map: string | null): string[] => map === null ? [] : Object.values(JSON.parse(map) as Record<string, string>)
function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const placeOf = ({ thread_id, checkpoint_ns, checkpoint_id }: Place): Place => ({ thread_id, checkpoint_ns, checkpoint_id })

function* filter<T>(rows: Iterable<T>, keep: (row: T) => boolean): Iterable<T> {
  for (const row of rows) if (keep(row)) yield row
}

export interface Mended { readonly checkpoints: number, readonly writes: number, readonly relinked: number, readonly threadsMade: number }

/**
 * Takes away what can't be read as a whole, and ties together what is left: children of a lost checkpoint go on from the
 * nearest ancestor that is there; a thread whose row was lost gets a plain one.
 */
export function mendReferences(db: Connection): Mended {
  const threadsMade = db.prepare(`INSERT INTO threads (thread_id, title, status, metadata, config, interrupts, error, event_seq, created_at, updated_at, state_updated_at)
    SELECT thread_id, 'Recovered', 'idle', '{}', '{}', '{}', NULL, 0, min(created_at), max(created_at), max(created_at) FROM checkpoints
    WHERE thread_id NOT IN (SELECT thread_id FROM threads) GROUP BY thread_id`).run().changes
  const { wrongPieces, checkpoints, writes } = brokenReferences(db)
  const parentOf = db.prepare<[Place], string | null>('SELECT parent_checkpoint_id FROM checkpoints WHERE thread_id = @thread_id AND checkpoint_ns = @checkpoint_ns AND checkpoint_id = @checkpoint_id').pluck()
  const parents = new Map(checkpoints.map((at) => [keyOf(at, at.checkpoint_id), parentOf.get(at) ?? null]))
  const remove = db.prepare('DELETE FROM checkpoints WHERE thread_id = @thread_id AND checkpoint_ns = @checkpoint_ns AND checkpoint_id = @checkpoint_id')
  const removeWrite = db.prepare('DELETE FROM checkpoint_writes WHERE thread_id = @thread_id AND checkpoint_ns = @checkpoint_ns AND checkpoint_id = @checkpoint_id AND task_id = @task_id AND idx = @idx')
  const removePiece = db.prepare('DELETE FROM pieces WHERE hash = ?')
  for (const name of wrongPieces) removePiece.run(name)
  for (const at of checkpoints) remove.run(at)
  for (const at of writes) removeWrite.run(at)
  return { checkpoints: checkpoints.length, writes: writes.length, relinked: relink(db, parents), threadsMade }
}

function relink(db: Connection, lost: ReadonlyMap<string, string | null>): number {
  const { orphans } = brokenReferences(db)
  const link = db.prepare('UPDATE checkpoints SET parent_checkpoint_id = @parent WHERE thread_id = @thread_id AND checkpoint_ns = @checkpoint_ns AND checkpoint_id = @checkpoint_id')
  const exists = db.prepare('SELECT 1 FROM checkpoints WHERE thread_id = @thread_id AND checkpoint_ns = @checkpoint_ns AND checkpoint_id = @checkpoint_id')
  for (const { parent_checkpoint_id, ...at } of orphans) {
    let parent: string | null = parent_checkpoint_id
    while (parent !== null && !exists.get({ ...at, checkpoint_id: parent })) parent = lost.get(keyOf(at, parent)) ?? null
    link.run({ ...at, parent })
  }
  return orphans.length
}

const keyOf = ({ thread_id, checkpoint_ns }: Place, id: string) => JSON.stringify([thread_id, checkpoint_ns, id])
