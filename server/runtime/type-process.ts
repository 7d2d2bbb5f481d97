import type { ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { connect, ConnectionClosedError, type Connection } from './connection.ts'
import { spawnWorker, type SpawnOptions } from './spawn-worker.ts'
import type { TypeAnswer, TypeQuestion } from './type-reader/type-answer.ts'
import { watchEnd } from './worker-end.ts'
import type { RunError } from '../engine/graph-worker.ts'

/** What it has parsed is of use to the next question, if that comes soon. */
const IDLE_MS = 2_000

export type TypeProcessOptions = Omit<SpawnOptions, 'role' | 'inspectPort'> & {
  /** Milliseconds that one question may take before the process is ended. */
  readonly patienceMs: number
}

export interface TypeProcess {
  /** Rejects with what ended the process when there is no answer. */
  ask(question: TypeQuestion): Promise<TypeAnswer>
  stop(): Promise<void>
}

interface Running { readonly child: ChildProcess, readonly connection: Connection, readonly exited: Promise<RunError>, verdict: RunError | null, asked: number, idle: NodeJS.Timeout | null }

/** The process that reads types: started for a question, ended when no other follows. Questions are answered one after another. */
export function createTypeProcess(options: TypeProcessOptions): TypeProcess {
  let running: Running | null = null

  function start(): Running {
    const child = spawnWorker({ ...options, role: 'types', inspectPort: null })
    const connection = connect(child.stdio[3] as Duplex, {})
    // Nothing of the project's runs in it: what it prints is of no interest, but has to be read.
    child.stdout?.resume()
    const started: Running = { child, connection, exited: watchEnd(child, { memoryLimitMb: options.memoryLimitMb, verdict: () => started.verdict }), verdict: null, asked: 0, idle: null }
    void started.exited.then(({ message }) => {
      connection.close(new Error(message))
      if (running === started) running = null
    })
    return started
  }

  function end(ended: Running, verdict: RunError | null): void {
    if (running === ended) running = null
    if (ended.idle) clearTimeout(ended.idle)
    ended.verdict ??= verdict
    ended.child.kill('SIGKILL')
  }

  return {
    async ask(question) {
      const current = running ??= start()
      if (current.idle) clearTimeout(current.idle)
      current.asked++
      const late = setTimeout(() => end(current, { error: 'TypesError', message: `it took more than ${options.patienceMs / 1000} s.` }), options.patienceMs * current.asked)
      try {
        return await current.connection.request<TypeAnswer>('types.read', question)
      } catch (error) {
        throw error instanceof ConnectionClosedError ? new Error((await current.exited).message, { cause: error }) : error
      } finally {
        clearTimeout(late)
        if (--current.asked === 0) current.idle = setTimeout(() => end(current, null), IDLE_MS).unref()
      }
    },
    async stop() {
      const last = running
      if (!last) return
      end(last, null)
      await last.exited
    },
  }
}
