import type { Database } from 'better-sqlite3'
import { pieceRefs } from '../../domain/piece-refs.ts'

/**
 * Mark and sweep: pieces that no checkpoint, override or write reaches are removed. One transaction, so nothing that a
 * worker puts meanwhile can be lost; a worker that refers to a removed piece is told and sends it again.
 */
export function collectGarbage(db: Database): number {
  const piece = db.prepare<[string], { json: Uint8Array }>('SELECT json FROM pieces WHERE hash = ?')
  const live = new Set<string>()
  const visit = (text: string) => {
    for (const hash of pieceRefs(text)) {
      if (live.has(hash)) continue
      live.add(hash)
      const row = piece.get(hash)
      if (row) visit(Buffer.from(row.json).toString('utf8'))
    }
  }
  for (const text of roots(db)) visit(text)
  const remove = db.prepare('DELETE FROM pieces WHERE hash = ?')
  const dead = db.prepare<[], { hash: string }>('SELECT hash FROM pieces').all().filter(({ hash }) => !live.has(hash))
  for (const { hash } of dead) remove.run(hash)
  return dead.length
}

/** Every stored form that stands outside the pieces. */
function* roots(db: Database): Iterable<string> {
  const maps = db.prepare<[], { text: string }>('SELECT channels AS text FROM checkpoints UNION ALL SELECT overrides FROM checkpoints WHERE overrides IS NOT NULL')
  for (const { text } of maps.iterate()) yield* Object.values(JSON.parse(text) as Record<string, string>)
  for (const { value } of db.prepare<[], { value: string }>('SELECT value FROM checkpoint_writes').iterate()) yield value
}
