import { stripVTControlCharacters } from 'node:util'
import type { LogLevel, LogLine } from './graph-worker.ts'

export interface LoggedLine extends LogLine {
  /** Counts up from 1 with each line since the server's start. */
  readonly seq: number
  readonly at: string
}

export interface LogFilter {
  readonly run_id?: string | undefined
  readonly thread_id?: string | undefined
  readonly graph_id?: string | undefined
  readonly node?: string | undefined
  /** At least as grave as this. */
  readonly level?: LogLevel | undefined
  /** Only lines after this one, the oldest first; without it the newest ones. */
  readonly after?: number | undefined
}

export interface LogRing {
  add(line: LogLine, at: string): void
  /** Oldest first. */
  read(filter: LogFilter, limit: number): LoggedLine[]
  /** The last line's number; 0 before the first. */
  last(): number
  onLine(listener: () => void): () => void
}

const MOST_LINES = 10_000
const MOST_CHARACTERS = 8 * 1024 * 1024
const GRAVITY: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 }

/** What graphs printed last, in memory: a graph that prints without end pushes out old lines, no more. */
export function createLogRing({ mostLines = MOST_LINES, mostCharacters = MOST_CHARACTERS }: { mostLines?: number, mostCharacters?: number } = {}): LogRing {
  const lines: LoggedLine[] = []
  const listeners = new Set<() => void>()
  let characters = 0
  let seq = 0

  const matches = (line: LoggedLine, { level, after = 0, ...ids }: LogFilter) => line.seq > after
    && (level === undefined || GRAVITY[line.level] >= GRAVITY[level])
    && (['run_id', 'thread_id', 'graph_id', 'node'] as const).every((key) => ids[key] === undefined || line[key] === ids[key])

  return {
    add: (line, at) => {
      // Colours are for terminals.
      const text = stripVTControlCharacters(line.text)
      lines.push({ ...line, text, seq: ++seq, at })
      characters += text.length
      while (lines.length > mostLines || characters > mostCharacters) characters -= lines.shift()!.text.length
      for (const listener of listeners) listener()
    },
    read: (filter, limit) => {
      const found = lines.filter((line) => matches(line, filter))
      return filter.after === undefined ? found.slice(-limit) : found.slice(0, limit)
    },
    last: () => seq,
    onLine: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
