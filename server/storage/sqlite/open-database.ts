import Database from 'better-sqlite3'
import type { Database as Connection } from 'better-sqlite3'
import { PlatformError } from '../../errors.ts'

const MIGRATIONS = import.meta.glob<string>('./migrations/*.sql', { query: '?raw', import: 'default', eager: true })

const inOrder = Object.entries(MIGRATIONS)
  .map(([file, sql]) => ({ number: Number(/(\d+)-[^/]+\.sql$/.exec(file)?.[1]), sql }))
  .sort((a, b) => a.number - b.number)

/**
 * Opens (or creates) the database and brings its schema up to date. `synchronous=FULL` is set explicitly:
 * SQLite's default differs between the first and later openings of a WAL file. Throws `storage_failed` on a
 * damaged file or one written by a newer version; the file is left as it is.
 */
export function openDatabase(file: string): Connection {
  try {
    const db = new Database(file)
    // Only a file that has no table yet takes this: an older one keeps its free pages for itself until it is compacted.
    db.pragma('auto_vacuum = INCREMENTAL')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    db.pragma('busy_timeout = 2000')
    db.pragma('cache_size = -32000')
    migrate(db, file)
    return db
  } catch (error) {
    if (error instanceof PlatformError) throw error
    throw new PlatformError('storage_failed', `The database ${file} can't be opened: ${(error as Error).message}. It was not changed; move it away to start with an empty one.`, { cause: error })
  }
}

function migrate(db: Connection, file: string): void {
  const current = db.pragma('user_version', { simple: true }) as number
  const newest = inOrder.at(-1)!.number
  if (current > newest)
    throw new PlatformError('storage_failed', `The database ${file} was written by a newer Superstep (schema ${current}; this one knows ${newest}). Update Superstep; the file was not changed.`)
  for (const { number, sql } of inOrder.filter((migration) => migration.number > current)) {
    db.transaction(() => {
      db.exec(sql)
      db.pragma(`user_version = ${number}`)
    })()
  }
}
