import type { Database as Connection } from 'better-sqlite3'
import { pieceRefs } from '../../domain/piece-refs.ts'
import { brokenPieces } from './broken-pieces.ts'
import { EVERYTHING } from './segments.ts'

/** Where a row is, with the name of a thread that sees it: the one it is of, or else a copy. */
interface Place { readonly thread_id: string, readonly segment: number, readonly epoch: number, readonly checkpoint_ns: string, readonly checkpoint_id: string }
export interface CheckpointPlace extends Place { readonly seq: number, readonly parent_checkpoint_id: string | null }
export interface WritePlace extends Place { readonly task_id: string, readonly idx: number }

export interface BrokenReferences {
  /** Pieces whose text is not what their hash says. */
  readonly wrongPieces: readonly string[]
  /** Pieces that would lose their parts when garbage is collected. */
  readonly misplacedPieces: readonly string[]
  /** Checkpoints that are not whole themselves, or need a piece which is missing or wrong, at any depth. */
  readonly checkpoints: readonly CheckpointPlace[]
  readonly writes: readonly WritePlace[]
  /** Checkpoints whose parent is not there. */
  readonly orphans: readonly CheckpointPlace[]
}

type Seen<T> = Omit<T, 'thread_id'> & { thread_id: string | null }
interface CheckpointTexts extends CheckpointPlace { channels: string, overrides: string | null, whole: 0 | 1 }

// Rows that no thread sees are being removed, in the background and in no order that would keep them whole.
const VIEWER = `(SELECT thread_id FROM thread_segments m WHERE m.segment = r.segment AND (m.upto IS NULL OR m.upto >= r.epoch) ORDER BY m.upto LIMIT 1) AS thread_id`
const CHECKPOINT = `seq, ${VIEWER}, segment, epoch, checkpoint_ns, checkpoint_id, parent_checkpoint_id`
const WRITE = `${VIEWER}, segment, epoch, checkpoint_ns, checkpoint_id, task_id, idx`

/** A page of zeros in the middle of a long text is no damage to SQLite. */
const CHECKPOINT_TEXTS = `SELECT ${CHECKPOINT}, channels, overrides,
  json_valid(channels) AND json_valid(metadata) AND json_valid(body) AND json_valid(coalesce(overrides, '{}')) AND json_valid(coalesce(keys, '[]'))
  AND json_valid(coalesce(next, '[]')) AND json_valid(coalesce(tasks, '[]')) AS whole FROM checkpoints r`

/** The parent may be in any segment that a thread which sees the child sees as well. */
const ORPHANS = `SELECT ${CHECKPOINT} FROM checkpoints r WHERE parent_checkpoint_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM thread_segments child JOIN thread_segments other USING (thread_id)
    JOIN checkpoints p ON p.segment = other.segment AND p.checkpoint_ns = r.checkpoint_ns AND p.checkpoint_id = r.parent_checkpoint_id AND p.epoch <= coalesce(other.upto, ${EVERYTHING})
  WHERE child.segment = r.segment AND r.epoch <= coalesce(child.upto, ${EVERYTHING}))`

/** All that SQLite can't know: which rows of one table need which rows of another. Changes with these tables, as do `broken-pieces.ts` and `lost-owners.ts`. */
export function brokenReferences(db: Connection): BrokenReferences {
  const pieces = brokenPieces(db)
  const isBroken = (text: string) => pieceRefs(text).some(pieces.has)
  const checkpoints = db.prepare<[], Seen<CheckpointTexts>>(CHECKPOINT_TEXTS).iterate()
  const writes = db.prepare<[], Seen<WritePlace & { value: string }>>(`SELECT ${WRITE}, value FROM checkpoint_writes r`).iterate()
  return {
    wrongPieces: pieces.wrong,
    misplacedPieces: pieces.misplaced,
    checkpoints: Array.from(seen(checkpoints, ({ channels, overrides, whole }) => !whole || [channels, overrides].some((map) => textsOf(map).some(isBroken))),
      ({ channels: _, overrides: _1, whole: _2, ...at }) => at),
    writes: Array.from(seen(writes, ({ value }) => !isJson(value) || isBroken(value)), ({ value: _, ...at }) => at),
    orphans: orphans(db),
  }
}

export const orphans = (db: Connection): CheckpointPlace[] => Array.from(seen(db.prepare<[], Seen<CheckpointPlace>>(ORPHANS).iterate(), () => true))

const textsOf = (map: string | null): string[] => map === null ? [] : Object.values(JSON.parse(map) as Record<string, string>)
function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Those that a thread sees, of these that are to be named. */
function* seen<T extends { readonly thread_id: string }>(rows: Iterable<Seen<T>>, isFound: (row: T) => boolean): Iterable<T> {
  for (const row of rows as Iterable<T>) if (row.thread_id !== null && isFound(row)) yield row
}
