import type { PieceSource } from './read-value.ts'

/**
 * The stored form with every piece put back in its place, as JSON text: what a worker is sent, so that it
 * needs no second round trip. Works on text, since a piece is itself the JSON that its reference stands for.
 */
export function inflateValue(json: string, pieces: PieceSource): string {
  if (!json.includes('"$":"p"')) return json
  return JSON.stringify(put(JSON.parse(json), pieces))
}

function put(value: unknown, pieces: PieceSource): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => put(item, pieces))
  const record = value as Record<string, unknown>
  if (record['$'] === 'p') return put(JSON.parse(pieces(String(record['h']))), pieces)
  for (const key of Object.keys(record)) record[key] = put(record[key], pieces)
  return record
}

/** Hashes of the pieces that a text refers to directly. */
export function pieceRefs(json: string): string[] {
  return Array.from(json.matchAll(/\{"\$":"p","h":"([\w-]+)"/g), (match) => match[1]!)
}
