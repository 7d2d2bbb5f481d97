import { PlatformError } from '../errors.ts'

/** Characters; a line is held in memory as a whole. */
const LONGEST_LINE = 128 * 1024 * 1024

/**
 * Splits bytes into numbered lines as they come. Takes the line ends of every system and a byte order mark. Throws
 * `payload_too_large` beyond `limit` bytes, `invalid_request` where the bytes are no UTF-8.
 */
export async function* readLines(bytes: AsyncIterable<Uint8Array>, limit: number): AsyncIterable<{ text: string, number: number }> {
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  let [rest, number, size] = ['', 0, 0]
  for await (const chunk of bytes) {
    size += chunk.byteLength
    if (size > limit) throw new PlatformError('payload_too_large', `The file is larger than ${limit} bytes. Nothing was imported; export fewer threads at a time, or use "superstep import".`)
    const parts = (rest + decode(utf8, chunk, number + 1)).split('\n')
    rest = parts.pop()!
    for (const text of parts) yield { text, number: ++number }
    if (rest.length > LONGEST_LINE) throw new PlatformError('payload_too_large', `Line ${number + 1} is longer than ${LONGEST_LINE} characters. Nothing was imported.`)
  }
  rest += decode(utf8, null, number + 1)
  if (rest !== '') yield { text: rest, number: number + 1 }
}

function decode(utf8: TextDecoder, chunk: Uint8Array | null, line: number): string {
  try {
    return chunk ? utf8.decode(chunk, { stream: true }) : utf8.decode()
  } catch (error) {
    throw new PlatformError('invalid_request', `Line ${line} or one soon after it is not UTF-8 text. Nothing was imported.`, { cause: error })
  }
}
