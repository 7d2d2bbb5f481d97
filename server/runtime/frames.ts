/** A frame longer than this (bytes after the length) ends the connection. */
export const FRAME_MAX = 2 ** 30

const LENGTH_BYTES = 4

/** One unit of the worker protocol (`PROTOCOL.md`): a JSON header and raw bytes. */
export interface Frame { readonly header: Record<string, unknown>, readonly payload: Uint8Array }

/** The bytes that came can't be frames of this protocol. Nothing after them can be trusted. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

export interface FrameDecoder {
  /** Takes the bytes of one read, however cut; gives the frames that are whole now. Throws {@link FrameError}. */
  push(chunk: Uint8Array): Frame[]
  /** Bytes of an unfinished frame that are waiting for the rest. */
  readonly pending: number
}

/** The buffers to write for one frame, in order; the payload is not copied. Throws {@link FrameError} when too large. */
export function encodeFrame(header: object, payload?: Uint8Array): Uint8Array[] {
  const json = Buffer.from(JSON.stringify(header), 'utf8')
  const length = LENGTH_BYTES + json.length + (payload?.length ?? 0)
  if (length > FRAME_MAX) throw new FrameError(`A frame of ${length} bytes is larger than ${FRAME_MAX}.`)
  const head = Buffer.allocUnsafe(2 * LENGTH_BYTES)
  head.writeUInt32BE(length, 0)
  head.writeUInt32BE(json.length, LENGTH_BYTES)
  const start = Buffer.concat([head, json])
  return payload && payload.length > 0 ? [start, payload] : [start]
}

/** Cuts a byte stream into frames. `limit` is the largest length accepted. */
export function createFrameDecoder(limit = FRAME_MAX): FrameDecoder {
  const bytes = createByteQueue()
  let length: number | null = null

  const next = (): Frame | null => {
    if (length === null) {
      if (bytes.size < LENGTH_BYTES) return null
      length = bytes.take(LENGTH_BYTES).readUInt32BE(0)
      if (length > limit || length < LENGTH_BYTES) throw new FrameError(`A frame claims ${length} bytes; allowed are ${LENGTH_BYTES} to ${limit}.`)
    }
    if (bytes.size < length) return null
    const body = bytes.take(length)
    length = null
    return readBody(body)
  }

  return {
    push(chunk) {
      bytes.add(chunk)
      const frames: Frame[] = []
      for (let frame = next(); frame !== null; frame = next()) frames.push(frame)
      return frames
    },
    get pending() {
      return bytes.size + (length === null ? 0 : LENGTH_BYTES)
    },
  }
}

function readBody(body: Buffer): Frame {
  const headerLength = body.readUInt32BE(0)
  const end = LENGTH_BYTES + headerLength
  if (end > body.length) throw new FrameError('A header is longer than its frame.')
  const header = parseHeader(body.subarray(LENGTH_BYTES, end))
  return { header, payload: body.subarray(end) }
}

function parseHeader(bytes: Buffer): Record<string, unknown> {
  let header: unknown
  try {
    header = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new FrameError('A header is not JSON.', { cause })
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw new FrameError('A header is not a JSON object.')
  return header as Record<string, unknown>
}

interface ByteQueue { readonly size: number, add(chunk: Uint8Array): void, take(count: number): Buffer }

/** Chunks are joined once, when a whole frame is there: large frames in small reads stay linear. */
function createByteQueue(): ByteQueue {
  let chunks: Buffer[] = []
  let size = 0
  const takeFromFirst = (count: number) => {
    const first = chunks[0]!
    const taken = first.subarray(0, count)
    if (count === first.length) chunks.shift()
    else chunks[0] = first.subarray(count)
    return taken
  }
  return {
    get size() {
      return size
    },
    add(chunk) {
      if (chunk.length === 0) return
      chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
      size += chunk.length
    },
    take(count) {
      size -= count
      if (count === 0) return Buffer.alloc(0)
      if (chunks[0]!.length >= count) return takeFromFirst(count)
      const joined = Buffer.concat(chunks)
      chunks = joined.length > count ? [joined.subarray(count)] : []
      return joined.subarray(0, count)
    },
  }
}
