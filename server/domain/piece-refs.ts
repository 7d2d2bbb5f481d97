import type { PieceSource } from './read-value.ts'

/** Hashes of the pieces that a text refers to directly. */
export function pieceRefs(json: string): string[] {
  return Array.from(json.matchAll(/\{"\$":"p","h":"([\w-]+)"/g), (match) => match[1]!)
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
