import { spawn, type ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'
import type { LoadedGraph, RunFrame, RunJob, RunOutcome, WorkerServices } from '../engine/graph-worker.ts'
import { connect, ConnectionClosedError, RemoteError, type Connection, type EventHandler } from './connection.ts'
import { readLines } from './log-lines.ts'
import { serveWorkerRequests } from './worker-services.ts'

const TERM_PATIENCE_MS = 1_000

/** MB. Node's default lets what is soon forgotten take over 100 MB before it is collected, and keeps them while idle. */
const YOUNG_GENERATION = '--max-semi-space-size=8'

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
  /** How long a cancelled run may stay unanswered before it is given up, and then its worker a sign of life. */
  readonly patienceMs: number
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

type FrameListener = (frame: RunFrame) => void

/** One worker process and the protocol spoken with it. */
export class WorkerProcess {
  /** Rejects when the process can't start or load anything at all. */
  readonly ready: Promise<Welcome>
  /** Resolves when the process is gone, with how it ended in words. */
  readonly exited: Promise<string>
  readonly #options: WorkerOptions
  readonly #onFree: () => void
  readonly #child: ChildProcess
  readonly #connection: Connection
  readonly #listeners = new Map<string, FrameListener>()
  #files: readonly string[] = []
  #running = 0
  #state: 'serving' | 'draining' | 'hung' | 'gone' = 'serving'

  /** `onFree` is called whenever a run has left the worker. */
  constructor(options: WorkerOptions, onFree: () => void) {
    this.#options = options
    this.#onFree = onFree
    this.#child = spawnWorker(options)
    this.exited = watchExit(this.#child)
    this.#connection = connect(this.#child.stdio[3] as Duplex, { requests: serveWorkerRequests(options.services), events: this.#events() })
    for (const stream of ['stdout', 'stderr'] as const) readLines(this.#child[stream]!, (text) => options.services.log({ stream, text, run_id: null }))
    void this.exited.then((how) => {
      this.#state = 'gone'
      this.#connection.close(new Error(how))
    })
    // The pipe can break before the process ends, and a process without its pipe is of no use.
    void this.#connection.closed.then(() => this.#child.kill('SIGKILL'))
    this.ready = greet(this.#connection, options, this.exited)
  }

  /** Runs that were handed over and have not ended. */
  get running(): number {
    return this.#running
  }

  /** False once it hangs, drains or is gone: no new runs then. */
  get isServing(): boolean {
    return this.#state === 'serving'
  }

  /** Absolute paths of the files its code is made of, as far as it got with reading them. */
  get files(): readonly string[] {
    return this.#files
  }

  /** Runs a job to its end; `lost` when the process ends first. */
  async run(job: RunJob, onFrame: FrameListener, signal: AbortSignal): Promise<RunOutcome> {
    this.#running++
    this.#listeners.set(job.run_id, onFrame)
    const cancel = () => this.#connection.notify('run.cancel', { run_id: job.run_id, action: String(signal.reason) })
    const answer = askToRun(this.#connection, job, this.exited).finally(() => {
      this.#running--
      this.#listeners.delete(job.run_id)
      signal.removeEventListener('abort', cancel)
      this.#onFree()
    })
    if (signal.aborted) cancel()
    else signal.addEventListener('abort', cancel, { once: true })
    const givenUp = giveUpAfterCancel({ signal, answer, patienceMs: this.#options.patienceMs }, () => {
      this.#listeners.delete(job.run_id)
      void this.#checkAlive()
    })
    return Promise.race([answer, givenUp])
  }

  request<T>(method: string, params: unknown): Promise<T> {
    return this.#connection.request(method, params)
  }

  notify(method: string, params: unknown): void {
    this.#connection.notify(method, params)
  }

  /** No new runs; the process exits by itself when the last one has ended. */
  drain(): void {
    if (this.#state === 'serving') this.#state = 'draining'
    this.#connection.notify('drain', {})
  }

  /** SIGTERM, then SIGKILL. Resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.#state === 'gone') return
    this.#state = 'gone'
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), TERM_PATIENCE_MS)
    await this.exited
    clearTimeout(timer)
  }

  async #checkAlive(): Promise<void> {
    if (this.#state === 'gone') return
    const before = this.#state
    this.#state = 'hung'
    const isAlive = await within(this.#connection.request('ping', {}), this.#options.patienceMs)
    if (!isAlive) await this.kill()
    else if (this.#state === 'hung') this.#state = before
    this.#onFree()
  }

  #events(): Record<string, EventHandler> {
    return {
      'run.event': ({ run_id, event }: { run_id: string, event: string }, data) => this.#listeners.get(run_id)?.({ event, data }),
      watch: ({ files }: { files: string[] }) => { this.#files = files },
      log: (line: Parameters<WorkerServices['log']>[0]) => this.#options.services.log(line),
    }
  }
}

function spawnWorker({ env, inspectPort, nodePath, projectDir, workerEntry }: WorkerOptions): ChildProcess {
  const flags = [YOUNG_GENERATION, ...(inspectPort === null ? [] : [`--inspect=127.0.0.1:${inspectPort}`])]
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

interface CancelledRun { readonly signal: AbortSignal, readonly answer: Promise<unknown>, readonly patienceMs: number }

/** Answers for a worker that does not: one whose event loop is blocked hears no cancellation. */
function giveUpAfterCancel({ signal, answer, patienceMs }: CancelledRun, onGivenUp: () => void): Promise<RunOutcome> {
  return new Promise((resolve) => {
    const wait = () => {
      const timer = setTimeout(() => {
        onGivenUp()
        resolve({ status: 'cancelled' })
      }, patienceMs)
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
