import { dirname } from 'node:path'
import { PlatformError } from '../../errors.ts'

const codeOf = (error: unknown): string => error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Another connection holds the file just now; the same thing may work in a moment. */
export const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error))

/** The file itself is broken. */
export const isDamage = (error: unknown): boolean => /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error))

/**
 * What a failure of SQLite's means to the one who has to mend it. Errors that are no trouble of the file or its disk
 * (a broken constraint, a mistake in the code) come back as they are.
 */
export function storageFailure(error: unknown, file: string): unknown {
  const code = codeOf(error)
  const refuse = (to: 'storage_full' | 'storage_busy' | 'storage_failed', text: string) => new PlatformError(to, text, { cause: error })
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)$/.test(code))
    return refuse('storage_full', `The disk is full: ${file} can't grow, and nothing of this was stored. Free some space on the disk of ${dirname(file)}; the server goes on by itself then.`)
  if (isBusy(error))
    return refuse('storage_busy', `Another program holds ${file}, and nothing of this was stored. Close what has the file open (a database browser, a backup), then try again.`)
  if (isDamage(error))
    return refuse('storage_failed', `The database ${file} is damaged (${(error as Error).message}). Stop the server, then run "superstep check" and "superstep repair" on its data directory.`)
  if (/^(SQLITE_(IOERR|READONLY|CANTOPEN|PERM)|EIO$|EROFS$)/.test(code))
    return refuse('storage_failed', `The database ${file} can't be written (${(error as Error).message}), and nothing of this was stored. Check the disk, its quota and the rights on ${dirname(file)}.`)
  return error
}
