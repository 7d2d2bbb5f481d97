import type { Database } from 'better-sqlite3'
import { pieceRefs } from '../../domain/piece-refs.ts'
import type { PieceMap } from '../storage.ts'

/** Told of every piece that is stored or referred to, by its id, while somebody finds out which ones are alive. */
export type PieceWatcher = (id: number) => void

export interface PieceStore {
  /** Inside a write: stores the pieces at hand; names those that they or `texts` refer to and nobody has, and then stores nothing. */
  keep(texts: readonly string[], pieces: PieceMap): string[]
  /** JSON text of a piece. Throws when it is not there. */
  read(hash: string): string
  /** At most one watcher; null ends it. */
  watch(watcher: PieceWatcher | null): void
}

export function createPieceStore(db: Database): PieceStore {
  const insert = db.prepare('INSERT INTO pieces (hash, has_refs, json) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const idOf = db.prepare<[string], { id: number }>('SELECT id FROM pieces WHERE hash = ?')
  const json = db.prepare<[string], { json: Uint8Array }>('SELECT json FROM pieces WHERE hash = ?')
  let watcher: PieceWatcher | null = null

  function isThere(hash: string): boolean {
    const row = idOf.get(hash)
    if (row) watcher?.(row.id)
    return row !== undefined
  }

  /** Parts before what they are part of: so a piece's id is always higher than those of its parts. */
  function store(pieces: PieceMap, refs: ReadonlyMap<string, readonly string[]>): void {
    const stored = new Set<string>()
    const visit = (hash: string) => {
      const bytes = pieces.get(hash)
      if (!bytes || stored.has(hash)) return
      stored.add(hash)
      const parts = refs.get(hash)!
      for (const part of parts) visit(part)
      insert.run(hash, parts.length ? 1 : 0, bytes)
      if (watcher) isThere(hash)
    }
    for (const hash of pieces.keys()) visit(hash)
  }

  return {
    keep: (texts, pieces) => {
      const refs = new Map(Array.from(pieces, ([hash, bytes]) => [hash, pieceRefs(textOf(bytes))]))
      const needed = new Set([...texts.flatMap(pieceRefs), ...[...refs.values()].flat()])
      const missing = [...needed].filter((hash) => !pieces.has(hash) && !isThere(hash))
      if (missing.length === 0) store(pieces, refs)
      return missing
    },
    read: (hash) => {
      const row = json.get(hash)
      if (!row) throw new Error(`Piece ${hash} is missing from the database.`)
      return textOf(row.json)
    },
    watch: (next) => {
      watcher = next
    },
  }
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
