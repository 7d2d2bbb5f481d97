import type { PieceSink } from '../../domain/encode-value.ts'
import { createEncodingMemory, type EncodingMemory } from '../../domain/encoding-memory.ts'
import { encodePieces } from '../piece-payload.ts'

const REMEMBERED = 100_000

export interface SentPieces {
  has(hash: string): boolean
  add(hashes: Iterable<string>): void
  delete(hashes: Iterable<string>): void
  /** How the elements of lists were encoded whose pieces the server holds. */
  readonly encodings: EncodingMemory
}

/** Hashes the server is known to hold, the most recent ones. Forgetting one costs only sending it again. */
export function createSentPieces(limit = REMEMBERED): SentPieces {
  const known = new Set<string>()
  const has = (hash: string) => {
    if (!known.delete(hash)) return false
    known.add(hash)
    return true
  }
  return {
    has,
    encodings: createEncodingMemory(has),
    add(hashes) {
      for (const hash of hashes) known.add(hash)
      for (const hash of known) {
        if (known.size <= limit) break
        known.delete(hash)
      }
    },
    delete(hashes) {
      for (const hash of hashes) known.delete(hash)
    },
  }
}

export interface PieceRequest<Params> {
  /** Encodes the parameters, giving their pieces to the sink. Without a memory nothing encoded before may be reused. */
  encode(sink: PieceSink, memory: EncodingMemory | undefined): Params
  send(params: Params, payload: Uint8Array): Promise<{ missing: string[] }>
  /** Resolves when it may be sent; with false when it must not be sent at all. */
  turn?(): Promise<boolean>
}

/**
 * Sends a request with those of its pieces that the server does not have. Resolves when it is committed.
 * Should the server have collected some meanwhile, everything is encoded and those are sent again.
 */
export async function sendWithPieces<Params>(sent: SentPieces, { encode, send, turn }: PieceRequest<Params>): Promise<void> {
  const pieces = new Map<string, string>()
  // Before any waiting: the value may be changed by whoever holds it.
  const params = encode((hash, json) => {
    if (!sent.has(hash)) pieces.set(hash, json)
  }, sent.encodings)
  if (turn && !(await turn())) return
  // The pipe keeps order: what is under way counts as there for the next request.
  sent.add(pieces.keys())
  try {
    const { missing } = await send(params, encodePieces(pieces))
    if (missing.length > 0) await sendMissing(sent, { encode, send }, new Set(missing))
  } catch (error) {
    sent.delete(pieces.keys())
    throw error
  }
}

async function sendMissing<Params>(sent: SentPieces, { encode, send }: PieceRequest<Params>, missing: ReadonlySet<string>): Promise<void> {
  const all = new Map<string, string>()
  const params = encode((hash, json) => void all.set(hash, json), undefined)
  const wanted = new Map([...all].filter(([hash]) => missing.has(hash) || !sent.has(hash)))
  const answer = await send(params, encodePieces(wanted))
  if (answer.missing.length === 0) return sent.add(wanted.keys())
  // A piece inside a piece may be missing too: once more with everything.
  const last = await send(params, encodePieces(all))
  if (last.missing.length > 0) throw new Error(`The server asks for ${last.missing.length} pieces that the value does not have.`)
  sent.add(all.keys())
}
