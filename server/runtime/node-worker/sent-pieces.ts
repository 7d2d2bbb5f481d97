import type { PieceSink } from '../../domain/encode-value.ts'
import { createEncodingMemory, type EncodingMemory } from '../../domain/encoding-memory.ts'
import { encodePieces } from '../piece-payload.ts'

const REMEMBERED = 100_000
/** Characters of text kept, so that the next run on a thread need not ask for what this worker wrote or read. */
const KEPT_TEXT = 32_000_000

export interface SentPieces {
  has(hash: string): boolean
  /** Its JSON text, if it is still at hand. */
  text(hash: string): string | undefined
  add(pieces: Iterable<readonly [hash: string, json: string]>): void
  delete(hashes: Iterable<string>): void
  /** How the elements of lists were encoded whose pieces the server holds. */
  readonly encodings: EncodingMemory
}

/** Pieces the server is known to hold, the most recent ones. Forgetting one costs only sending or fetching it again. */
export function createSentPieces(limit = REMEMBERED, textLimit = KEPT_TEXT): SentPieces {
  const known = new Set<string>()
  const texts = new Map<string, string>()
  let size = 0

  function drop(hash: string): void {
    size -= texts.get(hash)?.length ?? 0
    texts.delete(hash)
  }

  function keep(hash: string, json: string): void {
    drop(hash)
    texts.set(hash, json)
    size += json.length
  }

  const has = (hash: string) => {
    if (!known.delete(hash)) return false
    known.add(hash)
    return true
  }

  return {
    has,
    encodings: createEncodingMemory(has),
    text(hash) {
      const json = texts.get(hash)
      if (json !== undefined) keep(hash, json)
      return json
    },
    add(pieces) {
      for (const [hash, json] of pieces) {
        known.add(hash)
        keep(hash, json)
      }
      for (const hash of known) {
        if (known.size <= limit) break
        known.delete(hash)
      }
      for (const hash of texts.keys()) {
        if (size <= textLimit) break
        drop(hash)
      }
    },
    delete(hashes) {
      for (const hash of hashes) {
        known.delete(hash)
        drop(hash)
      }
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
  const sink: PieceSink = Object.assign((hash: string, json: string) => {
    if (!sent.has(hash)) pieces.set(hash, json)
  }, { memory: sent.encodings })
  const encoded = request.encode(sink, false)
  return async () => {
    const params = request.complete?.(encoded, sink) ?? encoded
    // The pipe keeps order: what is under way counts as there for the next request.
    sent.add(pieces)
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
  if (answer.missing.length === 0) return sent.add(wanted)
  // A piece inside a piece may be missing too: once more with everything.
  const last = await send(params, encodePieces(all))
  if (last.missing.length > 0) throw new Error(`The server asks for ${last.missing.length} pieces that the value does not have.`)
  sent.add(all)
}
