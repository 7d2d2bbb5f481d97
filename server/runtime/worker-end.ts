import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { RunError } from '../engine/graph-worker.ts'

/** How long a process that ended may still be read from: something it started may hold its stderr open. */
const LAST_WORDS_MS = 500
const OUT_OF_HEAP = /heap out of memory|Reached heap limit/

export const outOfMemory = (limitMb: number): RunError => ({
  error: 'WorkerMemoryError',
  message: `The worker ran out of memory: the limit is ${limitMb} MB. Raise it with --max-worker-memory, or keep less in memory at a time.`,
})

/**
 * Resolves when the process is gone, with how it ended; `verdict` knows better when the server ended it itself.
 * Node tells on stderr that its heap is full, before it aborts.
 */
export async function watchEnd(child: ChildProcess, { memoryLimitMb, verdict }: { memoryLimitMb: number, verdict: () => RunError | null }): Promise<RunError> {
  let isOutOfHeap = false
  let tail = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('latin1')).slice(-8192)
    isOutOfHeap ||= OUT_OF_HEAP.test(tail)
  })
  const stderrEnded = once(child.stderr!, 'close').catch(() => {})
  const message = await processEnd(child)
  await Promise.race([stderrEnded, new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS).unref())])
  const known = verdict()
  if (known) return known
  return isOutOfHeap ? outOfMemory(memoryLimitMb) : { error: 'WorkerLostError', message }
}

function processEnd(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(`The worker process could not be started: ${error.message}`))
    child.on('exit', (code, signal) => resolve(signal ? `The worker process was ended by ${signal}.` : `The worker process ended with exit code ${code}.`))
  })
}
