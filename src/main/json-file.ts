import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** A small document that survives the app: what the shell remembers between starts. */
export interface JsonFile {
  /** Null when there is none yet, or none that can be read. */
  read(): unknown
  write(value: unknown): void
}

export function createJsonFile(path: string): JsonFile {
  return {
    read() {
      try {
        return JSON.parse(readFileSync(path, 'utf8'))
      } catch {
        // Missing on the first start. A damaged one is only memory: forgetting it is better than an app that cannot start.
        return null
      }
    },
    write(value) {
      mkdirSync(dirname(path), { recursive: true })
      // Renamed into place, so that a crash leaves the old file or the new one, never half of one.
      writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
      renameSync(`${path}.new`, path)
    },
  }
}
