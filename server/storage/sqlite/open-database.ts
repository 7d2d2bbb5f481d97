import { renameSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Database as Connection } from 'better-sqlite3'
import { PlatformError } from '../../errors.ts'
import { examineFile, examineSchema, openingFailure } from './examine-database.ts'

const MIGRATIONS = import.meta.glob<string>('./migrations/*.sql', { query: '?raw', import: 'default', eager: true })

interface Migration { readonly number: number, readonly sql: string }

const inOrder: readonly Migration[] = Object.entries(MIGRATIONS)
  .map(([file, sql]) => ({ number: Number(/(\d+)-[^/]+\.sql$/.exec(file)?.[1]), sql }))
  .sort((a, b) => a.number - b.number)

/** What makes a new file one of that schema. */
export const migrationsTo = (schema: number): readonly Migration[] => inOrder.filter((migration) => migration.number <= schema)
export const NEWEST_SCHEMA = inOrder.at(-1)!.number

export interface OpenOptions {
  /** Hears what a person should know, in a sentence. */
  readonly tell?: (text: string) => void
  /** For tests: what brings an older file up to date. */
  readonly migrations?: readonly Migration[]
}

/**
 * Opens (or creates) the database and brings its schema up to date; an existing one is copied aside before. `synchronous` is
 * set explicitly: SQLite's default differs between the first and later openings of a WAL file. Commits don't wait for the disk
 * (`wal-sync.ts` does), and copying the log back into the file is left to a thread (`wal-checkpoints.ts`). Throws
 * `storage_failed` on a damaged file, somebody else's, or one written by a newer version; the file is left as it is.
 */
export function openDatabase(file: string, { tell = () => {}, migrations = inOrder }: OpenOptions = {}): Connection {
  let db: Connection | null = null
  try {
    examineFile(file)
    db = new Database(file, { timeout: 2000 })
    const version = examineSchema(db, migrations.at(-1)!.number)
    // Only a file that has no table yet takes this: an older one keeps its free pages for itself until it is compacted.
    db.pragma('auto_vacuum = INCREMENTAL')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    db.pragma('wal_autocheckpoint = 0')
    db.pragma('foreign_keys = ON')
    db.pragma('cache_size = -32000')
    requireWritable(db)
    migrate(db, version, migrations, tell)
    // Waiting here stops the event loop, so the wait is short; the write queue waits longer, without stopping anything.
    db.pragma('busy_timeout = 10')
    return db
  } catch (error) {
    db?.close()
    throw openingFailure(error, file)
  }
}

/** For reading beside a running server. Changes nothing, so the schema must be the one we know. */
export function openForReading(file: string): Connection {
  let db: Connection | null = null
  try {
    examineFile(file)
    db = new Database(file, { readonly: true, fileMustExist: true, timeout: 2000 })
    const version = examineSchema(db, NEWEST_SCHEMA)
    if (version < NEWEST_SCHEMA)
      throw new PlatformError('storage_failed', `The database ${file} was written by an older Superstep (schema ${version}; this one needs ${NEWEST_SCHEMA}). Start the server on it once, then try again.`)
    return db
  } catch (error) {
    db?.close()
    throw openingFailure(error, file)
  }
}

/** SQLite opens a read-only file without a word and fails at the first write: better now than then. */
function requireWritable(db: Connection): void {
  db.exec('BEGIN IMMEDIATE')
  db.exec('ROLLBACK')
}

function migrate(db: Connection, current: number, migrations: readonly Migration[], tell: (text: string) => void): void {
  const due = migrations.filter((migration) => migration.number > current)
  if (due.length === 0) return
  const newest = due.at(-1)!.number
  if (current > 0 && !db.memory) tell(`The database is brought from schema ${current} to ${newest}. As it was before it is kept as ${copyAside(db, newest)}.`)
  for (const { number, sql } of due) {
    db.transaction(() => {
      db.exec(sql)
      db.pragma(`user_version = ${number}`)
    })()
  }
}

/** A copy that a crash left half written never has the name of a whole one. */
function copyAside(db: Connection, newest: number): string {
  const copy = `${db.name}.before-schema-${newest}`
  rmSync(`${copy}.partial`, { force: true })
  try {
    db.prepare('VACUUM INTO ?').run(`${copy}.partial`)
    renameSync(`${copy}.partial`, copy)
  } catch (error) {
    rmSync(`${copy}.partial`, { force: true })
    throw error
  }
  return copy
}
