import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** A line longer than this is told in parts: a program that never ends its line must not fill the memory. */
const LINE_MAX = 64 * 1024

/** Calls back with each line of a stream, without its end; the rest when the stream ends. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
    if (rest.length > LINE_MAX) {
      onLine(rest)
      rest = ''
    }
  })
  stream.on('end', () => {
    const last = rest + decoder.end()
    if (last !== '') onLine(last)
  })
}
