const HASH_BYTES = 20
const LENGTH_BYTES = 4

/** Packs pieces for a payload: `20 bytes hash · u32 BE length · bytes` each. */
export function encodePieces(pieces: ReadonlyMap<string, string>): Uint8Array {
  return encodePieceBytes(new Map(Array.from(pieces, ([hash, json]) => [hash, Buffer.from(json, 'utf8')])))
}

export function encodePieceBytes(pieces: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts: Uint8Array[] = []
  for (const [hash, bytes] of pieces) {
    const head = Buffer.alloc(HASH_BYTES + LENGTH_BYTES)
    head.write(hash, 0, HASH_BYTES, 'base64url')
    head.writeUInt32BE(bytes.length, HASH_BYTES)
    parts.push(head, bytes)
  }
  return Buffer.concat(parts)
}

/** Reads what {@link encodePieces} packed, by hash (base64url). Throws when it is cut short. */
export function decodePieces(payload: Uint8Array): Map<string, Uint8Array> {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  const pieces = new Map<string, Uint8Array>()
  let at = 0
  while (at < bytes.length) {
    if (at + HASH_BYTES + LENGTH_BYTES > bytes.length) throw new RangeError('Pieces are cut short.')
    const hash = bytes.toString('base64url', at, at + HASH_BYTES)
    const start = at + HASH_BYTES + LENGTH_BYTES
    const end = start + bytes.readUInt32BE(at + HASH_BYTES)
    if (end > bytes.length) throw new RangeError('A piece is cut short.')
    pieces.set(hash, bytes.subarray(start, end))
    at = end
  }
  return pieces
}
