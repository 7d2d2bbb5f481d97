import { markOf } from '../log-lines.ts'
import { currentRun } from './run-scope.ts'

type Level = 'debug' | 'info' | 'warn' | 'error'
const LEVELS: Record<string, Level> = { debug: 'debug', trace: 'debug', log: 'info', info: 'info', dir: 'info', table: 'info', warn: 'warn', error: 'error', assert: 'error' }

let levelOfCall: Level | null = null
let nodeOf: () => string | undefined = () => undefined

/** Says how to find out in which node code is running, once LangGraph is loaded. */
export function tellNode(find: () => string | undefined): void {
  nodeOf = find
}

/**
 * Lets what is printed say which run and node it comes from. The text stays on stdout and stderr, with marks around it
 * (`log-lines.ts`): there it keeps its order, also among what native code prints, and one who prints too much waits.
 */
export function markOutput(): void {
  for (const [method, level] of Object.entries(LEVELS)) markMethod(console as unknown as Record<string, (...args: unknown[]) => unknown>, method, level)
  for (const stream of [process.stdout, process.stderr]) markWrites(stream)
}

function markMethod(target: Record<string, (...args: unknown[]) => unknown>, method: string, level: Level): void {
  const call = target[method]!
  target[method] = (...args) => {
    const outer = levelOfCall
    levelOfCall ??= level
    try {
      return call.apply(target, args)
    } finally {
      levelOfCall = outer
    }
  }
}

function markWrites(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (chunk: string | Uint8Array, ...rest: unknown[]) => boolean
  let last = markOf(null)
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    const mark = markOf(origin())
    const prefix = mark === last ? '' : mark
    // A line that has ended belongs to nobody any more; one that goes on keeps its owner.
    const isEnded = typeof chunk === 'string' ? chunk.endsWith('\n') : chunk.at(-1) === 10
    last = isEnded ? markOf(null) : mark
    const suffix = last === mark ? '' : last
    if (typeof chunk === 'string' && typeof rest[0] !== 'string') return write(prefix + chunk + suffix, ...rest)
    if (prefix) write(prefix)
    const hasRoom = write(chunk, ...rest)
    return suffix ? write(suffix) : hasRoom
  }
}

function origin() {
  const run = currentRun()
  if (!run) return levelOfCall && { level: levelOfCall }
  const { run_id, thread_id, graph_id } = run
  const node = nodeOf()
  return { ...(levelOfCall ? { level: levelOfCall } : {}), run_id, thread_id, graph_id, ...(node ? { node } : {}) }
}
