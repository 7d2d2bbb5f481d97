import { statSync } from 'node:fs'
import type { Database as Connection } from 'better-sqlite3'
import { PlatformError } from '../../errors.ts'

const refuse = (text: string, cause?: unknown) => new PlatformError('storage_failed', text, { cause })
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/**
 * What can be said of a file before SQLite touches it; SQLite would take an empty one for new and throw its log away.
 * Throws `storage_failed` with what to do.
 */
export function examineFile(file: string): void {
  if (file === ':memory:') return
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw refuse(`${file} is a folder, and must be the database. Move it away to start with an empty one.`)
  if (sizeOf(file) === 0 && sizeOf(`${file}-wal`) > 0)
    throw refuse(`The database ${file} is empty, but its log ${file}-wal is not: the file was cut off or replaced. Nothing was changed. Bring the file back, or use "superstep restore" with a backup.`)
}

/** Whether a server ended here without closing the file. Ask before opening it. */
export const wasLeftOpen = (file: string): boolean => sizeOf(`${file}-wal`) > 0

/** Refuses what is not ours or newer than we are, before anything is written. Returns the schema's version, 0 for a new file. */
export function examineSchema(db: Connection, newest: number): number {
  const version = db.pragma('user_version', { simple: true }) as number
  const tables = db.prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all()
  if (version > newest)
    throw refuse(`The database ${db.name} was written by a newer Superstep (schema ${version}; this one knows ${newest}). Update Superstep; the file was not changed.`)
  if (version === 0 ? tables.length > 0 : !tables.includes('threads') || version < 0)
    throw refuse(`${db.name} is a database of another program. It was not changed; choose another folder with --data-dir.`)
  return version
}

/** What SQLite's refusal to open means to the one who has to mend it. */
export function openingFailure(error: unknown, file: string): PlatformError {
  if (error instanceof PlatformError) return error
  const { code = '', message } = error as Error & { code?: string }
  if (code === 'SQLITE_NOTADB')
    return refuse(`The database ${file} can't be opened: it is no SQLite database, or its beginning is damaged. It was not changed. Use "superstep restore" with a backup, or move it away to start with an empty one.`, error)
  if (code.startsWith('SQLITE_CORRUPT'))
    return refuse(`The database ${file} can't be opened: it is damaged (${message}). It was not changed. "superstep repair" saves what can be read, "superstep restore" brings a backup back.`, error)
  if (code.startsWith('SQLITE_READONLY'))
    return refuse(`The database ${file} can't be opened for writing: the file, its folder or the disk is read-only. Give it write rights, or choose another folder with --data-dir.`, error)
  if (code.startsWith('SQLITE_CANTOPEN') || code === 'SQLITE_PERM' || code === 'SQLITE_AUTH')
    return refuse(`The database ${file} can't be opened: it can't be read. Check the rights on the file and its folder, or choose another with --data-dir.`, error)
  if (code.startsWith('SQLITE_BUSY'))
    return new PlatformError('storage_busy', `The database ${file} is held by another program. Close what has it open (a database browser, a backup), then start again.`, { cause: error })
  if (code === 'SQLITE_FULL') return new PlatformError('storage_full', `The disk is full: ${file} can't be opened. Free some space; the file was not changed.`, { cause: error })
  return refuse(`The database ${file} can't be opened: ${message}. It was not changed; move it away to start with an empty one.`, error)
}
