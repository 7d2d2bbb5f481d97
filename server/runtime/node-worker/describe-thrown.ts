import { fileURLToPath } from 'node:url'
import type { GraphLoadError } from '../../engine/graph-worker.ts'

const FRAME = /(file:\/\/\/[^\s()]+|\/[^\s():]+|[A-Za-z]:\\[^\s():]+):(\d+):(\d+)\)?$/

/** What user code threw while it was imported, at the place in the user's own source. */
export function describeThrown(error: unknown, file: string): GraphLoadError {
  if (!(error instanceof Error)) return { message: `It threw ${String(error)} while it was imported.`, file }
  const place = (error.stack ?? '').split('\n').map(readFrame).find((frame) => frame !== null)
  return {
    message: `${error.name}: ${error.message}`,
    file: place?.file ?? file,
    ...(place ? { line: place.line, column: place.column } : {}),
    ...(error.stack ? { stack: error.stack } : {}),
  }
}

function readFrame(line: string): { file: string, line: number, column: number } | null {
  const match = FRAME.exec(line.trim())
  if (!match || /node_modules|^node:/.test(match[1]!)) return null
  const file = match[1]!.startsWith('file:') ? fileURLToPath(match[1]!) : match[1]!
  return { file, line: Number(match[2]), column: Number(match[3]) }
}
