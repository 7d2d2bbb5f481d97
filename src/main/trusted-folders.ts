import { realpathSync } from 'node:fs'
import type { JsonFile } from './json-file.ts'

export interface TrustedFolders {
  isTrusted(folder: string): boolean
  trust(folder: string): void
}

/**
 * The folders whose code a person has allowed to run. Trust is for one folder, not for those below it, and for where the
 * folder really is: a link that is pointed elsewhere afterwards must be asked about again.
 */
export function createTrustedFolders(file: JsonFile, realPath: (folder: string) => string = realpathSync.native): TrustedFolders {
  const folders = new Set(read(file.read()))
  return {
    isTrusted(folder) {
      try {
        return folders.has(realPath(folder))
      } catch {
        // It is gone.
        return false
      }
    },
    trust(folder) {
      folders.add(realPath(folder))
      file.write([...folders])
    },
  }
}

const read = (stored: unknown): string[] => Array.isArray(stored) ? stored.filter((item) => typeof item === 'string') : []
