import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { LogLevel } from '../engine/graph-worker.ts'

/** A line longer than this is told in parts: a program that never ends its line must not fill the memory. */
const LINE_MAX = 64 * 1024
const MARK_MAX = 4096
const MARK_START = '\u001e'
const MARK_END = '\u001f'

/** Where a line comes from, as far as its worker could tell. */
export interface LineOrigin { readonly level?: LogLevel, readonly run_id?: string, readonly thread_id?: string, readonly graph_id?: string, readonly node?: string }

/** A mark within a stream of text: what follows is of that origin, until the next mark. */
export const markOf = (origin: LineOrigin | null): string => `${MARK_START}${origin ? JSON.stringify(origin) : ''}${MARK_END}`

/** Calls back with each line of a stream, without its end and its marks; the rest when the stream ends. */
export function readLines(stream: Readable, onLine: (line: string, origin: LineOrigin) => void): void {
  const decoder = new StringDecoder('utf8')
  let line = ''
  let mark = ''
  let unread = ''
  const flush = () => {
    onLine(line.endsWith('\r') ? line.slice(0, -1) : line, originIn(mark))
    line = ''
  }
  const add = (text: string) => {
    const lines = text.split('\n')
    for (const [index, part] of lines.entries()) {
      line += part
      if (index < lines.length - 1 || line.length > LINE_MAX) flush()
    }
  }
  const setMark = (next: string) => {
    // Half a line of one run, and now another one speaks.
    if (line !== '' && next !== mark) flush()
    mark = next
  }
  stream.on('data', (chunk: Buffer) => {
    unread += decoder.write(chunk)
    for (let start = unread.indexOf(MARK_START); start >= 0; start = unread.indexOf(MARK_START)) {
      add(unread.slice(0, start))
      const end = unread.indexOf(MARK_END, start)
      unread = unread.slice(start)
      if (end < 0 && unread.length < MARK_MAX) return
      if (end >= 0) setMark(unread.slice(1, end - start))
      unread = unread.slice(end < 0 ? 1 : end - start + 1)
    }
    add(unread)
    unread = ''
  })
  stream.on('end', () => {
    add(unread + decoder.end())
    if (line !== '') flush()
  })
}

/** Anybody can print what looks like a mark: it is believed as far as it makes sense. */
function originIn(mark: string): LineOrigin {
  if (mark === '') return {}
  try {
    const found = JSON.parse(mark) as Record<string, unknown>
    return Object.fromEntries(['level', 'run_id', 'thread_id', 'graph_id', 'node'].flatMap((key) => typeof found[key] === 'string' ? [[key, found[key]]] : []))
  } catch {
    return {}
  }
}
