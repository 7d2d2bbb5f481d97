import { hash } from 'node:crypto'
import type { Database as Connection } from 'better-sqlite3'
import { pieceRefs } from '../../domain/piece-refs.ts'

export interface BrokenPieces {
  /** Hashes of the pieces whose text is not what their hash says. */
  readonly wrong: readonly string[]
  /** Pieces that don't stand behind their parts, or don't say that they have some: they would lose them when garbage is collected. */
  readonly misplaced: readonly string[]
  /** Whether a piece is missing, wrong, or made of one that is. */
  has(hash: string): boolean
}

interface Piece { readonly id: number, readonly hash: string, readonly has_refs: number, readonly json: Uint8Array }

const isWrong = ({ hash: name, json }: Pick<Piece, 'hash' | 'json'>) => hash('sha256', json, 'buffer').subarray(0, 20).toString('base64url') !== name
const partsOf = (json: Uint8Array) => pieceRefs(Buffer.from(json).toString('utf8'))

/** Reads all pieces. */
export function brokenPieces(db: Connection): BrokenPieces {
  const wrong: string[] = []
  const ids = new Map<string, number>()
  const parts = new Map<string, readonly string[]>()
  const unmarked: string[] = []
  for (const piece of db.prepare<[], Piece>('SELECT id, hash, has_refs, json FROM pieces').iterate()) {
    if (isWrong(piece)) wrong.push(piece.hash)
    else {
      ids.set(piece.hash, piece.id)
      const refs = partsOf(piece.json)
      if (refs.length) parts.set(piece.hash, refs)
      if (refs.length && !piece.has_refs) unmarked.push(piece.hash)
    }
  }
  const early = Array.from(parts).filter(([name, refs]) => refs.some((part) => (ids.get(part) ?? 0) > ids.get(name)!))
  return { wrong, misplaced: [...new Set([...unmarked, ...early.map(([name]) => name)])], has: createIsBroken(ids, parts) }
}

function createIsBroken(ids: ReadonlyMap<string, number>, parts: ReadonlyMap<string, readonly string[]>): (hash: string) => boolean {
  const known = new Map<string, boolean>()
  const isBroken = (name: string): boolean => {
    const before = known.get(name)
    if (before !== undefined) return before
    const broken = !ids.has(name) || (parts.get(name)?.some(isBroken) ?? false)
    known.set(name, broken)
    return broken
  }
  return isBroken
}

/** Of a database of any schema: nothing that comes later has to read a text that is damaged. */
export function removeWrongPieces(db: Connection): void {
  const wrong: string[] = []
  for (const piece of db.prepare<[], Pick<Piece, 'hash' | 'json'>>('SELECT hash, json FROM pieces').iterate()) if (isWrong(piece)) wrong.push(piece.hash)
  const remove = db.prepare('DELETE FROM pieces WHERE hash = ?')
  db.transaction(() => {
    for (const name of wrong) remove.run(name)
  })()
}

/** Numbers the pieces that have parts anew, behind all others, each behind its own parts. */
export function orderPieces(db: Connection): void {
  const parts = new Map<string, readonly string[]>()
  for (const { hash: name, json } of db.prepare<[], Pick<Piece, 'hash' | 'json'>>('SELECT hash, json FROM pieces').iterate()) {
    const refs = partsOf(json)
    if (refs.length) parts.set(name, refs)
  }
  const place = db.prepare('UPDATE pieces SET id = (SELECT max(id) FROM pieces) + 1, has_refs = 1 WHERE hash = ?')
  const placed = new Set<string>()
  const visit = (name: string) => {
    const refs = parts.get(name)
    if (!refs || placed.has(name)) return
    placed.add(name)
    for (const part of refs) visit(part)
    place.run(name)
  }
  for (const name of parts.keys()) visit(name)
}
