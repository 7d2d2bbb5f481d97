import { pieceRefs } from '../../domain/piece-refs.ts'
import type { PieceSource } from '../../domain/read-value.ts'
import type { Connection } from '../connection.ts'
import { decodePieces } from '../piece-payload.ts'
import type { SentPieces } from './sent-pieces.ts'

/**
 * Gives what the texts refer to, directly or through other pieces. What this worker has written or read lately is at hand;
 * the rest comes from the server in one answer.
 */
export async function piecesFor(texts: readonly string[], connection: Connection, sent: SentPieces): Promise<PieceSource> {
  const found = new Map<string, string>()
  const unknown = new Set<string>()
  const waiting = texts.flatMap(pieceRefs)
  for (let hash = waiting.pop(); hash !== undefined; hash = waiting.pop()) {
    if (found.has(hash) || unknown.has(hash)) continue
    const json = sent.text(hash)
    if (json === undefined) unknown.add(hash)
    else {
      found.set(hash, json)
      waiting.push(...pieceRefs(json))
    }
  }
  if (unknown.size > 0) {
    const answer = decodePieces(await connection.requestBytes('checkpoint.pieces', { hashes: [...unknown] }))
    const fetched = Array.from(answer, ([hash, bytes]) => [hash, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')] as const)
    for (const [hash, json] of fetched) found.set(hash, json)
    sent.add(fetched)
  }
  return (hash) => {
    const json = found.get(hash)
    if (json === undefined) throw new Error(`The piece ${hash} did not come with the others.`)
    return json
  }
}
