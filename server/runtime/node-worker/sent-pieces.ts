import type { PieceSink } from '../../domain/encode-value.ts'
import { encodePieces } from '../piece-payload.ts'

const REMEMBERED = 100_000

export interface SentPieces {
  has(hash: string): boolean
  add(hashes: Iterable<string>): void
  delete(hashes: Iterable<string>): void
}

/** Hashes the server is known to hold, the most recent ones. Forgetting one costs only sending it again. */
export function createSentPieces(limit = REMEMBERED): SentPieces {
  const known = new Set<string>()
  return {
    has(hash) {
      if (!known.delete(hash)) return false
      known.add(hash)
      return true
    },
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
  /** Encodes the parameters, giving their pieces to the sink. `fresh`: nothing encoded before may be reused. */
  encode(sink: PieceSink, fresh: boolean): Params
  /** Adds what became known since, just before it is sent. */
  complete?(params: Params, sink: PieceSink): Params
  send(params: Params, payload: Uint8Array): Promise<{ missing: string[] }>
}

/**
 * Encodes a request at once, since its values may be changed by whoever holds them, and sends it when the returned
 * function is called, with those of its pieces that the server does not have. Resolves with the server's answer.
 * Should the server have collected some meanwhile, everything is encoded and those are sent again.
 */
export function prepareRequest<Params>(sent: SentPieces, request: PieceRequest<Params>): () => Promise<void> {
  const pieces = new Map<string, string>()
  const sink: PieceSink = (hash, json) => {
    if (!sent.has(hash)) pieces.set(hash, json)
  }
  const encoded = request.encode(sink, false)
  return async () => {
    const params = request.complete?.(encoded, sink) ?? encoded
    // The pipe keeps order: what is under way counts as there for the next request.
    sent.add(pieces.keys())
    try {
      const { missing } = await request.send(params, encodePieces(pieces))
      if (missing.length > 0) await sendMissing(sent, request, new Set(missing))
    } catch (error) {
      sent.delete(pieces.keys())
      throw error
    }
  }
}

async function sendMissing<Params>(sent: SentPieces, { encode, complete, send }: PieceRequest<Params>, missing: ReadonlySet<string>): Promise<void> {
  const all = new Map<string, string>()
  const sink: PieceSink = (hash, json) => void all.set(hash, json)
  const encoded = encode(sink, true)
  const params = complete?.(encoded, sink) ?? encoded
  const wanted = new Map([...all].filter(([hash]) => missing.has(hash) || !sent.has(hash)))
  const answer = await send(params, encodePieces(wanted))
  if (answer.missing.length === 0) return sent.add(wanted.keys())
  // A piece inside a piece may be missing too: once more with everything.
  const last = await send(params, encodePieces(all))
  if (last.missing.length > 0) throw new Error(`The server asks for ${last.missing.length} pieces that the value does not have.`)
  sent.add(all.keys())
}
