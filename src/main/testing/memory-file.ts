import type { JsonFile } from '../json-file.ts'

/** A file that keeps what was written the way a disk would: as text, not as the same object. */
export function createMemoryFile(content: unknown = null): JsonFile {
  let text = JSON.stringify(content)
  return {
    read: () => JSON.parse(text) as unknown,
    write: (value) => { text = JSON.stringify(value) },
  }
}
