import { existsSync, renameSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Database as Connection } from 'better-sqlite3'
import { PlatformError } from '../../errors.ts'
import { removeWrongPieces } from './broken-pieces.ts'
import { checkDatabase } from './check-database.ts'
import { openingFailure } from './examine-database.ts'
import { mendReferences, type Mended } from './mend-references.ts'
import { migrationsTo, NEWEST_SCHEMA, openDatabase } from './open-database.ts'
import { salvageRows, type Salvaged } from './salvage-rows.ts'
import { keepThreadIndex } from './thread-index.ts'

export interface Repair {
  readonly tables: readonly Salvaged[]
  readonly mended: Mended
  /** Where the damaged file is now. */
  readonly kept: string
}

/**
 * Saves what can be read of a damaged database into a new file, which takes its place once it has been checked; the damaged
 * one is kept beside it. Nobody else may have the file open. Throws `storage_failed` when nothing can be read, and changes
 * nothing then.
 */
export function repairDatabase(file: string, now: Date): Repair {
  const fresh = `${file}.repaired`
  const kept = `${file}.damaged-${now.toISOString().replace(/\..*$/, '').replaceAll(':', '-')}`
  removeDatabase(fresh)
  try {
    const { tables, mended } = salvageInto(file, fresh)
    moveDatabase(file, kept)
    renameSync(fresh, file)
    return { tables, mended, kept }
  } catch (error) {
    removeDatabase(fresh)
    throw openingFailure(error, file)
  }
}

function salvageInto(file: string, fresh: string): Pick<Repair, 'tables' | 'mended'> {
  const damaged = openDamaged(file)
  try {
    const schema = damaged.pragma('user_version', { simple: true }) as number
    const target = openDatabase(fresh, { migrations: requireKnown(migrationsTo(schema), schema, file) })
    target.pragma('foreign_keys = OFF')
    const tables = salvageRows(damaged, target)
    removeWrongPieces(target)
    if (schema === 1) target.exec(MAKE_FIRST_THREADS)
    target.close()
    // Now what came after that schema. The damaged file is kept: no other copy of it is needed.
    const newest = openDatabase(fresh)
    rmSync(`${fresh}.before-schema-${NEWEST_SCHEMA}`, { force: true })
    const mended = newest.transaction(() => mend(newest))()
    keepThreadIndex(newest)
    requireSound(newest)
    newest.pragma('journal_mode = DELETE')
    newest.close()
    return { tables, mended }
  } finally {
    damaged.close()
  }
}

/** A file that is shorter than it says is refused by SQLite unless told that we know. Read only: nothing of it is changed. */
function openDamaged(file: string): Connection {
  const db = new Database(file, { readonly: true, fileMustExist: true })
  db.unsafeMode(true)
  db.pragma('writable_schema = ON')
  return db
}

function requireKnown<T extends { readonly number: number }>(migrations: readonly T[], schema: number, file: string): readonly T[] {
  if (migrations.at(-1)?.number !== schema) throw new PlatformError('storage_failed', `Nothing of ${file} can be saved: it does not say that it is a database of a Superstep that this one knows (schema ${schema}). Use "superstep restore" with a backup.`)
  return migrations
}

/** In the first schema a checkpoint named its thread, and the next one drops those that name none. */
const MAKE_FIRST_THREADS = `INSERT INTO threads (thread_id, title, status, metadata, config, interrupts, created_at, updated_at, state_updated_at)
  SELECT thread_id, 'Recovered', 'idle', '{}', '{}', '{}', min(created_at), max(created_at), max(created_at) FROM checkpoints
  WHERE thread_id NOT IN (SELECT thread_id FROM threads) GROUP BY thread_id`

// As the triggers of the table would have left them, whatever rows were lost.
const MEND_LINES = `UPDATE runs SET parked = EXISTS (SELECT 1 FROM runs other WHERE other.thread_id = runs.thread_id
    AND (other.status = 'running' OR other.status = 'pending' AND (other.due_at, other.seq) < (runs.due_at, runs.seq)))
  WHERE status = 'pending'`

// A log without a row here would stay for ever.
const MEND_LOGS = `INSERT INTO ended_logs (run_id, thread_id, ended_at)
  SELECT DISTINCT run_id, thread_id, coalesce((SELECT ended_at FROM runs WHERE runs.run_id = event_batches.run_id), '') FROM event_batches
  WHERE run_id NOT IN (SELECT run_id FROM runs WHERE ended_at IS NULL) ON CONFLICT DO NOTHING`

function mend(db: Connection): Mended {
  const mended = mendReferences(db)
  db.exec('DELETE FROM assistant_versions WHERE assistant_id NOT IN (SELECT assistant_id FROM assistants)')
  db.exec(MEND_LINES)
  db.exec(MEND_LOGS)
  db.exec(`UPDATE threads SET status = 'idle' WHERE status = 'busy'
    AND thread_id NOT IN (SELECT thread_id FROM runs WHERE status IN ('pending', 'running'))`)
  return mended
}

function requireSound(db: Connection): void {
  const [finding] = checkDatabase(db)
  if (finding) throw new PlatformError('storage_failed', `The repaired copy is not sound (${finding}), so it was not used. The database was not changed. Use "superstep restore" with a backup.`)
}

/** With its log, which belongs to it. */
export function moveDatabase(from: string, to: string): void {
  for (const part of ['-wal', '']) if (existsSync(`${from}${part}`)) renameSync(`${from}${part}`, `${to}${part}`)
  rmSync(`${from}-shm`, { force: true })
}

export function removeDatabase(file: string): void {
  for (const part of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${part}`, { force: true })
}
