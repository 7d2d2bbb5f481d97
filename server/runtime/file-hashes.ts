import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/** Absolute path → hash of its text; null where there is no such file. */
export type FileHashes = Readonly<Record<string, string | null>>

/** What package managers write at each installation, relative to the project. */
export const INSTALL_RECORDS = ['node_modules/.package-lock.json', 'node_modules/.modules.yaml', 'node_modules/.yarn-integrity', 'node_modules/.yarn-state.yml']

export const hashOf = (text: string): string => createHash('sha1').update(text).digest('base64')

/** Whether all of these files are as they were. */
export async function areSame(files: FileHashes): Promise<boolean> {
  const known = Object.entries(files)
  const same = await Promise.all(known.map(async ([path, hash]) => await currentHash(path) === hash))
  return same.every(Boolean)
}

async function currentHash(path: string): Promise<string | null> {
  try {
    return hashOf(await readFile(path, 'utf8'))
  } catch {
    // Gone, or not to be read: either way not what it was.
    return null
  }
}
