import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Database as Connection } from 'better-sqlite3'

/** Bytes that are checked in less than 200 ms, so that a start can wait for it. */
const SMALL_FILE = 32 * 1024 * 1024

export const isSmall = (file: string): boolean => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= SMALL_FILE

/** Whether every page of the file makes sense: what is wrong, in SQLite's words, or null. Reads the whole file. */
export function quickCheck(db: Connection): string | null {
  try {
    const findings = db.prepare<[], string>('PRAGMA quick_check(1)').pluck().all()
    return findings[0] === 'ok' ? null : findings.join('; ').replace('*** in database main ***', '').replace(/\s+/g, ' ').trim()
  } catch (error) {
    return (error as Error).message
  }
}

export function quickCheckOf(file: string): string | null {
  const db = new Database(file, { readonly: true, fileMustExist: true })
  try {
    return quickCheck(db)
  } finally {
    db.close()
  }
}
