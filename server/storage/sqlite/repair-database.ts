import { existsSync, renameSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Database as Connection } from 'better-sqlite3'
import { PlatformError } from '../../errors.ts'
import { checkDatabase } from './check-database.ts'
import { openingFailure } from './examine-database.ts'
import { migrationsTo, openDatabase } from './open-database.ts'
import { mendReferences, type Mended } from './references.ts'
import { salvageRows, type Salvaged } from './salvage-rows.ts'

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
    target.close()
    // Now what came after that schema.
    const newest = openDatabase(fresh)
    const mended = newest.transaction(() => mend(newest))()
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

function requireKnown<T>(migrations: readonly T[], schema: number, file: string): readonly T[] {
  if (schema < 1 || migrations.length !== schema) throw new PlatformError('storage_failed', `Nothing of ${file} can be saved: it does not say that it is a database of a Superstep that this one knows (schema ${schema}). Use "superstep restore" with a backup.`)
  return migrations
}

function mend(db: Connection): Mended {
  const mended = mendReferences(db)
  // Rows whose owner was lost, and threads that wait for a run that was.
  const strays = db.prepare<[], { table: string }>('SELECT DISTINCT "table" FROM pragma_foreign_key_check').all()
  for (const { table } of strays) {
    const owner = table === 'assistant_versions' ? 'assistant' : 'thread'
    db.prepare(`DELETE FROM ${table} WHERE ${owner}_id NOT IN (SELECT ${owner}_id FROM ${owner}s)`).run()
  }
  db.prepare(`UPDATE threads SET status = 'idle' WHERE status = 'busy'
    AND thread_id NOT IN (SELECT thread_id FROM runs WHERE status IN ('pending', 'running'))`).run()
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
