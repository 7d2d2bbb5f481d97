import type { ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'
import type { Blame } from '../domain/run-attempts.ts'
import type { LoadedGraph, LogLine, WorkerSpan, RunError, FrameListener, RunJob, RunOutcome, WorkerServices } from '../engine/graph-worker.ts'
import { connect, ConnectionClosedError, RemoteError, type Connection, type EventHandler } from './connection.ts'
import { FrameError } from './frames.ts'
import { readLines, type LineOrigin } from './log-lines.ts'
import { spawnWorker, type SpawnOptions } from './spawn-worker.ts'
import { superviseWorker } from './supervise-worker.ts'
import { outOfMemory, watchEnd } from './worker-end.ts'
import { serveWorkerRequests } from './worker-services.ts'

const TERM_PATIENCE_MS = 1_000
/** So much longer than it takes to count as blocked may a worker block other runs than its own. */
const COMPANY_PATIENCE = 6

export interface WorkerOptions extends SpawnOptions {
  readonly appDir: string
  readonly graphs: Readonly<Record<string, { path: string, description: string | null }>>
  /** Who embeds texts: `provider:model` or `./file:export`; null where nothing is. */
  readonly embed: string | null
  /** Where its code reaches the server; null for nowhere. */
  readonly loopback: string | null
  readonly role: 'graphs' | 'door'
  /** How long a cancelled run may stay unanswered before it is given up, and then its worker a sign of life. */
  readonly patienceMs: number
  /** After how much silence of its event loop a worker counts as blocked; Infinity never asks. */
  readonly blockedAfterMs: number
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

export interface WorkerListeners {
  /** A run has left the worker. */
  onFree(): void
  /** Its event loop stands still; what runs on it goes on. */
  onBlocked(worker: WorkerProcess): void
  /** Its event loop turns again. */
  onAnswer(worker: WorkerProcess): void
}


/** One worker process and the protocol spoken with it. */
export class WorkerProcess {
  /** Rejects when the process can't start or load anything at all. */
  readonly ready: Promise<Welcome>
  /** Resolves when the process is gone, with how it ended in words. */
  readonly exited: Promise<RunError>
  readonly #options: WorkerOptions
  readonly #on: WorkerListeners
  readonly #child: ChildProcess
  readonly #connection: Connection
  readonly #listeners = new Map<string, FrameListener>()
  #files: readonly string[] = []
  #running = 0
  #isTakenAlone = false
  #isBlocked = false
  /** Why the server ended it. */
  #verdict: RunError | null = null
  /** How many runs it had when it ended. */
  #company: number | null = null
  #stopSupervision = () => {}
  #state: 'serving' | 'draining' | 'hung' | 'gone' = 'serving'

  constructor(options: WorkerOptions, on: WorkerListeners) {
    this.#options = options
    this.#on = on
    this.#child = spawnWorker(options)
    this.exited = watchEnd(this.#child, { memoryLimitMb: options.memoryLimitMb, verdict: () => this.#verdict })
    this.#connection = connect(this.#child.stdio[3] as Duplex, { requests: serveWorkerRequests(options.services), events: this.#events() })
    for (const stream of ['stdout', 'stderr'] as const) readLines(this.#child[stream]!, (text, origin) => options.services.log(logLine(stream, text, origin)))
    this.#child.on('exit', () => this.#leave())
    void this.exited.then(({ message }) => {
      this.#leave()
      this.#connection.close(new Error(message))
    })
    void this.#connection.closed.then((reason) => this.#endWithoutPipe(reason))
    this.ready = greet(this.#connection, options, this.exited)
    this.ready.then(() => this.#supervise(), () => {})
  }

  /** Runs that were handed over and have not ended. */
  get running(): number {
    return this.#running
  }

  /** False while it hangs or has a run that must be alone, and once it drains or is gone: no new runs then. */
  get isServing(): boolean {
    return this.#state === 'serving' && !this.#isBlocked && !this.#isTakenAlone
  }

  /** Whether it can be asked something, though it may take no runs now. */
  get isAnswering(): boolean {
    return this.#state === 'serving' && !this.#isBlocked
  }

  /** Absolute paths of the files its code is made of, as far as it got with reading them. */
  get files(): readonly string[] {
    return this.#files
  }

  /** Runs a job to its end; `lost` when the process ends first. */
  async run(job: RunJob, onFrame: FrameListener, signal: AbortSignal): Promise<RunOutcome> {
    this.#running++
    this.#isTakenAlone = job.alone
    this.#listeners.set(job.run_id, onFrame)
    const cancel = () => this.#connection.notify('run.cancel', { run_id: job.run_id, action: String(signal.reason) })
    const answer = askToRun(this.#connection, job, () => this.#loss()).finally(() => {
      this.#running--
      this.#isTakenAlone = false
      this.#listeners.delete(job.run_id)
      signal.removeEventListener('abort', cancel)
      this.#on.onFree()
    })
    if (signal.aborted) cancel()
    else signal.addEventListener('abort', cancel, { once: true })
    const givenUp = giveUpAfterCancel({ signal, answer, patienceMs: this.#options.patienceMs }, () => {
      this.#listeners.delete(job.run_id)
      void this.#checkAlive()
    })
    // Code that did not hear of its end goes on: should it block, those beside it must not wait until that is noticed by itself.
    void answer.then(({ status }) => {
      if (status === 'cancelled') setTimeout(() => void this.#checkAlive(), this.#options.patienceMs).unref()
    })
    return Promise.race([answer, givenUp])
  }

  request<T>(method: string, params: unknown): Promise<T> {
    return this.#connection.request(method, params)
  }

  requestBytes(method: string, params: unknown): Promise<Uint8Array> {
    return this.#connection.requestBytes(method, params)
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
  async kill(verdict: RunError | null = null): Promise<void> {
    this.#verdict ??= verdict
    this.#leave()
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
    if (!isAlive) await this.kill({ error: 'WorkerLostError', message: 'The worker was ended, since a graph blocked its event loop beyond the end of its run.' })
    else if (this.#state === 'hung') this.#state = before
    this.#on.onFree()
  }

  #supervise(): void {
    const { blockedAfterMs, memoryLimitMb } = this.#options
    if (this.#state === 'gone') return
    this.#stopSupervision = superviseWorker({
      pid: this.#child.pid!, blockedAfterMs, memoryLimitMb,
      ping: () => this.#connection.request('ping', {}),
      onSilence: (ms) => this.#onSilence(ms),
      onAnswer: () => {
        this.#isBlocked = false
        this.#on.onAnswer(this)
        this.#on.onFree()
      },
      onTooLarge: () => void this.#end(outOfMemory(memoryLimitMb)),
    })
  }

  /** A run may block its worker for as long as it may take; others that sit there may not be kept as long. */
  #onSilence(ms: number): void {
    const isNews = !this.#isBlocked
    this.#isBlocked = true
    if (isNews) this.#on.onBlocked(this)
    if (this.#running > 1 && ms >= COMPANY_PATIENCE * this.#options.blockedAfterMs)
      this.#end({ error: 'WorkerLostError', message: `The worker was ended, since a graph blocked it and its other runs for ${Math.round(ms / 1000)} seconds.` })
  }

  /** At once: it has no use for a polite word. */
  #end(verdict: RunError): void {
    this.#verdict ??= verdict
    this.#leave()
    this.#child.kill('SIGKILL')
  }

  #leave(): void {
    this.#state = 'gone'
    this.#company ??= this.#running
    this.#stopSupervision()
  }

  /** The pipe can break before the process ends, and a process without its pipe is of no use. */
  #endWithoutPipe(reason: Error | null): void {
    if (this.#state === 'gone') return
    this.#leave()
    const isGarbage = reason instanceof FrameError
    const why = isGarbage ? `what came over it was not the worker's: ${reason.message}` : 'the worker closed its end.'
    const end = () => this.#end({ error: 'WorkerLostError', message: `The pipe between the worker and the server (file descriptor 3) broke: ${why}` })
    // Mostly it breaks because the process is ending, which has better reasons to tell.
    const timer = setTimeout(end, isGarbage ? 0 : TERM_PATIENCE_MS)
    void this.exited.then(() => clearTimeout(timer))
  }

  async #loss(): Promise<{ error: RunError, blame: Blame }> {
    const error = await this.exited
    return { error, blame: this.#company === 1 ? 'own' : 'shared' }
  }

  #events(): Record<string, EventHandler> {
    return {
      'run.event': ({ run_id, event }: { run_id: string, event: string }, data) => {
        const patience = this.#listeners.get(run_id)?.({ event, data })
        if (patience) this.#connection.pause(patience)
      },
      'run.spans': ({ run_id }: { run_id: string }, data) => this.#options.services.keepSpans(run_id, JSON.parse(Buffer.from(data).toString('utf8')) as WorkerSpan[]),
      watch: ({ files }: { files: string[] }) => { this.#files = files },
    }
  }
}

const logLine = (stream: 'stdout' | 'stderr', text: string, origin: LineOrigin): LogLine =>
  ({ stream, text, level: stream === 'stdout' ? 'info' : 'error', run_id: null, thread_id: null, graph_id: null, node: null, ...origin })

async function greet(connection: Connection, { projectDir, appDir, generation, graphs, embed, loopback, env }: WorkerOptions, exited: Promise<RunError>): Promise<Welcome> {
  try {
    return await connection.request<Welcome>('hello', { protocol: 1, project_dir: projectDir, app_dir: appDir, generation, graphs, embed, loopback, env })
  } catch (error) {
    throw error instanceof ConnectionClosedError ? new Error((await exited).message, { cause: error }) : error
  }
}

async function askToRun(connection: Connection, job: RunJob, loss: () => Promise<{ error: RunError, blame: Blame }>): Promise<RunOutcome> {
  try {
    return await connection.request<RunOutcome>('run', job)
  } catch (error) {
    if (error instanceof RemoteError) return { status: 'error', error: { error: error.name, message: error.message, ...(error.stack ? { stack: error.stack } : {}) } }
    return { status: 'lost', ...await loss() }
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
