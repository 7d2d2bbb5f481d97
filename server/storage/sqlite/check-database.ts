import type { Database as Connection } from 'better-sqlite3'
import { lostOwners } from './lost-owners.ts'
import { brokenReferences, type CheckpointPlace, type WritePlace } from './references.ts'

/** Of each kind of finding this many are named, the rest counted. */
const NAMED = 10

/** Reads everything, and returns what is wrong in sentences; none when all is well. Changes nothing. */
export function checkDatabase(db: Connection): string[] {
  const file = fileFindings(db)
  // Rows of a damaged file can't be trusted to be read one by one.
  if (file.length > 0) return file
  return [...foreignKeys(db), ...owners(db), ...references(db), ...busyThreads(db), ...stuckLines(db)]
}

function fileFindings(db: Connection): string[] {
  try {
    const found = db.prepare<[], string>('PRAGMA integrity_check(100)').pluck().all()
    return found[0] === 'ok' ? [] : found.flatMap((text) => text.split('\n')).filter((line) => !line.startsWith('***')).map((line) => `The file is damaged: ${line}.`)
  } catch (error) {
    return [`The file is damaged: ${(error as Error).message}.`]
  }
}

const foreignKeys = (db: Connection) => named(
  db.prepare<[], { table: string, parent: string }>('PRAGMA foreign_key_check').all(),
  ({ table, parent }) => `A row of ${table} belongs to no row of ${parent}.`)

function owners(db: Connection): string[] {
  const { threads, segments, unseen } = lostOwners(db)
  return [
    ...named(threads, (id) => `Thread ${id} has checkpoints or runs, and is not there itself.`),
    ...named(segments, (segment) => `Segment ${segment} has checkpoints or writes, and is not there itself.`),
    ...named(unseen, (segment) => `Segment ${segment} has checkpoints or writes that belong to no thread.`),
  ]
}

function references(db: Connection): string[] {
  const { wrongPieces, misplacedPieces, checkpoints, writes, orphans } = brokenReferences(db)
  return [
    ...named(wrongPieces, (hash) => `Piece ${hash} does not hold what its name says.`),
    ...named(misplacedPieces, (hash) => `Piece ${hash} does not stand behind the pieces it is made of: they could be removed before it.`),
    ...named(checkpoints, (at) => `${checkpoint(at)} can't be read: it is damaged, or needs a piece that is.`),
    ...named(writes, (at) => `A write of task ${at.task_id} after ${checkpoint(at)} can't be read: it is damaged, or needs a piece that is.`),
    ...named(orphans, (at) => `${checkpoint(at)} follows ${at.parent_checkpoint_id}, which is not there.`),
  ]
}

const busyThreads = (db: Connection) => named(
  db.prepare<[], string>(`SELECT thread_id FROM threads t WHERE status = 'busy'
    AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.thread_id = t.thread_id AND r.status IN ('pending', 'running'))`).pluck().all(),
  (id) => `Thread ${id} is busy, and no run is under way on it.`)

const stuckLines = (db: Connection) => named(
  db.prepare<[], string>(`SELECT DISTINCT thread_id FROM runs p WHERE status = 'pending' AND parked = 1
    AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.thread_id = p.thread_id AND (r.status = 'running' OR r.status = 'pending' AND r.parked = 0))`).pluck().all(),
  (id) => `The runs that wait on thread ${id} are never offered to a worker.`)

const checkpoint = ({ thread_id, checkpoint_ns, checkpoint_id }: CheckpointPlace | WritePlace) => `Checkpoint ${checkpoint_id} of thread ${thread_id}${checkpoint_ns ? ` (${checkpoint_ns})` : ''}`

function named<T>(found: readonly T[], say: (one: T) => string): string[] {
  const rest = found.length - NAMED
  return [...found.slice(0, NAMED).map(say), ...(rest > 0 ? [`… and ${rest} more of this kind.`] : [])]
}
