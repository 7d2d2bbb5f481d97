import { spawn, type ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'
import type { LoadedGraph, RunFrame, RunJob, RunOutcome, WorkerServices } from '../engine/graph-worker.ts'
import { connect, ConnectionClosedError, RemoteError, type Connection } from './connection.ts'
import { readLines } from './log-lines.ts'
import { serveWorkerRequests } from './worker-services.ts'

/** How long a cancelled run may stay unanswered before it is given up. */
const CANCEL_PATIENCE_MS = 5_000
/** How long a worker that did not answer may take to show that it is alive at all. */
const PING_PATIENCE_MS = 5_000
const TERM_PATIENCE_MS = 1_000

export interface WorkerOptions {
  readonly projectDir: string
  readonly appDir: string
  readonly graphs: Readonly<Record<string, { path: string, description: string | null }>>
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>
  readonly workerEntry: string
  /** Absolute path of the Node binary. */
  readonly nodePath: string
  readonly inspectPort: number | null
  readonly generation: number
  readonly services: WorkerServices
}

/** A worker's answer to `hello`. */
export interface Welcome {
  readonly protocol: number
  readonly pid: number
  readonly runtime_version: string
  readonly langgraph_version: string | null
  readonly graphs: readonly LoadedGraph[]
  readonly watch: readonly string[]
}

export interface WorkerProcess {
  /** Rejects when the process can't start or load anything at all. */
  readonly ready: Promise<Welcome>
  /** Resolves when the process is gone, with how it ended in words. */
  readonly exited: Promise<string>
  /** Runs that were handed over and have not ended. */
  readonly running: number
  /** False once it hangs, drains or is gone: no new runs then. */
  readonly isServing: boolean
  run(job: RunJob, onFrame: (frame: RunFrame) => void, signal: AbortSignal): Promise<RunOutcome>
  request<T>(method: string, params: unknown): Promise<T>
  notify(method: string, params: unknown): void
  /** No new runs; the process exits by itself when the last one has ended. */
  drain(): void
  /** SIGTERM, then SIGKILL. Resolves when it is gone. */
  kill(): Promise<void>
}

type FrameListener = (frame: RunFrame) => void

/** Starts one worker process and speaks the protocol with it. `onFree` is called whenever a run has left it. */
export function startWorker(options: WorkerOptions, onFree: () => void): WorkerProcess {
  const child = spawnWorker(options)
  const listeners = new Map<string, FrameListener>()
  const exited = watchExit(child)
  let running = 0
  let state: 'serving' | 'draining' | 'hung' | 'gone' = 'serving'

  const connection = connect(child.stdio[3] as Duplex, {
    requests: serveWorkerRequests(options.services),
    events: {
      'run.event': ({ run_id, event }: { run_id: string, event: string }, data) => listeners.get(run_id)?.({ event, data }),
      log: (line: Parameters<WorkerServices['log']>[0]) => options.services.log(line),
    },
  })
  for (const stream of ['stdout', 'stderr'] as const) readLines(child[stream]!, (text) => options.services.log({ stream, text, run_id: null }))

  void exited.then((how) => {
    state = 'gone'
    connection.close(new Error(how))
  })
  // The pipe can break before the process ends, and a process without its pipe is of no use.
  void connection.closed.then(() => child.kill('SIGKILL'))

  const kill = async () => {
    if (state === 'gone') return
    state = 'gone'
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), TERM_PATIENCE_MS)
    await exited
    clearTimeout(timer)
  }

  const checkAlive = async () => {
    if (state === 'gone') return
    const before = state
    state = 'hung'
    const isAlive = await within(connection.request('ping', {}), PING_PATIENCE_MS)
    if (!isAlive) await kill()
    else if (state === 'hung') state = before
    onFree()
  }

  const run = async (job: RunJob, onFrame: FrameListener, signal: AbortSignal): Promise<RunOutcome> => {
    running++
    listeners.set(job.run_id, onFrame)
    const cancel = () => connection.notify('run.cancel', { run_id: job.run_id, action: String(signal.reason) })
    const answer = askToRun(connection, job, exited).finally(() => {
      running--
      listeners.delete(job.run_id)
      signal.removeEventListener('abort', cancel)
      onFree()
    })
    if (signal.aborted) cancel()
    else signal.addEventListener('abort', cancel, { once: true })
    const givenUp = giveUpAfterCancel(signal, answer, () => {
      listeners.delete(job.run_id)
      void checkAlive()
    })
    return Promise.race([answer, givenUp])
  }

  return {
    ready: greet(connection, options, exited),
    exited,
    get running() {
      return running
    },
    get isServing() {
      return state === 'serving'
    },
    run,
    request: (method, params) => connection.request(method, params),
    notify: (method, params) => connection.notify(method, params),
    drain() {
      if (state === 'serving') state = 'draining'
      connection.notify('drain', {})
    },
    kill,
  }
}

function spawnWorker({ env, inspectPort, nodePath, projectDir, workerEntry }: WorkerOptions): ChildProcess {
  const flags = ['--enable-source-maps', ...(inspectPort === null ? [] : [`--inspect=127.0.0.1:${inspectPort}`])]
  return spawn(nodePath, [...flags, workerEntry], {
    cwd: projectDir,
    env: { ...env, SUPERSTEP_FD: '3', ...(process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {}) },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    windowsHide: true,
  })
}

function watchExit(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(`The worker process could not be started: ${error.message}`))
    child.on('exit', (code, signal) => resolve(signal ? `The worker process was ended by ${signal}.` : `The worker process ended with exit code ${code}.`))
  })
}

async function greet(connection: Connection, { projectDir, appDir, generation, graphs, env }: WorkerOptions, exited: Promise<string>): Promise<Welcome> {
  try {
    return await connection.request<Welcome>('hello', { protocol: 1, project_dir: projectDir, app_dir: appDir, generation, graphs, env })
  } catch (error) {
    throw error instanceof ConnectionClosedError ? new Error(await exited, { cause: error }) : error
  }
}

async function askToRun(connection: Connection, job: RunJob, exited: Promise<string>): Promise<RunOutcome> {
  try {
    return await connection.request<RunOutcome>('run', job)
  } catch (error) {
    if (error instanceof RemoteError) return { status: 'error', error: { error: error.name, message: error.message, ...(error.stack ? { stack: error.stack } : {}) } }
    return { status: 'lost', error: { error: 'WorkerLostError', message: await exited } }
  }
}

/** Answers for a worker that does not: one whose event loop is blocked hears no cancellation. */
function giveUpAfterCancel(signal: AbortSignal, answer: Promise<unknown>, onGivenUp: () => void): Promise<RunOutcome> {
  return new Promise((resolve) => {
    const wait = () => {
      const timer = setTimeout(() => {
        onGivenUp()
        resolve({ status: 'cancelled' })
      }, CANCEL_PATIENCE_MS)
      void answer.finally(() => clearTimeout(timer))
    }
    if (signal.aborted) wait()
    else signal.addEventListener('abort', wait, { once: true })
    void answer.finally(() => signal.removeEventListener('abort', wait))
  })
}

async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => late.resolve(false), ms)
  try {
    return await Promise.race([work.then(() => true, () => false), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
