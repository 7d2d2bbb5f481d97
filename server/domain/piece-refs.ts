import type { PieceSource } from './read-value.ts'

/** Hashes of the pieces that a text refers to directly. */
export function pieceRefs(json: string): string[] {
  // Most texts refer to nothing, which is quickly told.
  if (!json.includes('{"$":"p"')) return []
  return Array.from(json.matchAll(/\{"\$":"p","h":"([\w-]+)"/g), (match) => match[1]!)
}

/** A piece's hash and those of all that it refers to. */
export function hashesBehind(hash: string, pieces: PieceSource): string[] {
  const found = [hash]
  for (let at = 0; at < found.length; at++) found.push(...pieceRefs(pieces(found[at]!)))
  return found
}

/** The named pieces and all that they refer to, each once, as UTF-8. Throws where the source does. */
export function withAllPieces(hashes: readonly string[], pieces: PieceSource): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>()
  const waiting = [...hashes]
  for (let hash = waiting.pop(); hash !== undefined; hash = waiting.pop()) {
    if (found.has(hash)) continue
    const json = pieces(hash)
    found.set(hash, Buffer.from(json, 'utf8'))
    waiting.push(...pieceRefs(json))
  }
  return found
}
