import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface LoopbackPath { readonly path: string, remove(): void }

/**
 * The address of a socket that only this user's processes can reach: in a folder of mode 0700, since a data directory's path may be
 * longer than a socket's can be; on Windows a pipe whose name nobody can guess.
 */
export function createLoopbackPath(): LoopbackPath {
  if (process.platform === 'win32') return { path: `\\\\.\\pipe\\superstep-${randomUUID()}`, remove: () => {} }
  const folder = mkdtempSync(join(tmpdir(), 'superstep-'))
  return { path: join(folder, 'server'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}
