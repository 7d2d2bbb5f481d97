import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { PlatformError } from '../../errors.ts'
import { openingFailure } from './examine-database.ts'
import { quickCheckOf } from './quick-check.ts'
import { isDamage, storageFailure } from './storage-failure.ts'

/**
 * Copies a database as of one moment into one file, also while a server writes to it, and checks the copy. The file has its
 * name only when it is whole. Returns its bytes. Throws `storage_full` or `storage_failed`; nothing is left then.
 */
export function copyDatabase(file: string, target: string): number {
  const partial = `${target}.partial`
  const db = openReadonly(file)
  try {
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
    rmSync(partial, { force: true })
    // One read transaction, whoever writes meanwhile; what was deleted is left out.
    db.prepare('VACUUM INTO ?').run(partial)
    const problem = quickCheckOf(partial)
    if (problem) throw new PlatformError('storage_failed', `The copy ${target} was not kept, since it is damaged (${problem}). Check the disk it is on.`)
    renameSync(partial, target)
    return statSync(target).size
  } catch (error) {
    throw storageFailure(error, isDamage(error) ? file : target)
  } finally {
    db.close()
    rmSync(partial, { force: true })
  }
}

function openReadonly(file: string): Database.Database {
  try {
    return new Database(file, { readonly: true, fileMustExist: true, timeout: 2000 })
  } catch (error) {
    throw openingFailure(error, file)
  }
}
