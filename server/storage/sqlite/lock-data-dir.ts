import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { PlatformError } from '../../errors.ts'

export interface DataDirLock {
  /** Tells a second server where this one is. */
  announce(url: string): void
  release(): void
}

/**
 * Takes a data directory for this process alone. The lock is one of SQLite's on a file of its own: the operating system
 * drops it when the process ends, however it ends, so a killed server leaves nothing to clean up. The directory is made
 * private to its user, and keeps itself out of version control. Throws `conflict` with the other server's address.
 */
export function lockDataDir(folder: string): DataDirLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  writeFileSync(join(folder, '.gitignore'), '*\n')
  const facts = join(folder, 'server.json')
  const db = new Database(join(folder, 'lock.db'), { timeout: 0 })
  try {
    db.pragma('locking_mode = EXCLUSIVE')
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    throw new PlatformError('conflict', `${otherServer(facts)} uses the data directory ${folder}. Stop it, or give this one another with --data-dir.`, { cause: error })
  }
  return {
    announce: (url) => writeFileSync(facts, `${JSON.stringify({ url, pid: process.pid, started_at: new Date().toISOString() }, null, 2)}\n`, { mode: 0o600 }),
    release: () => {
      rmSync(facts, { force: true })
      db.close()
    },
  }
}

function otherServer(facts: string): string {
  try {
    const { url, pid } = JSON.parse(readFileSync(facts, 'utf8')) as { url: string, pid: number }
    return `Another Superstep server at ${url} (process ${pid})`
  } catch {
    // It holds the lock but has not said yet where it listens.
    return 'Another Superstep server, which is just starting,'
  }
}
