import { randomBytes } from 'node:crypto'
import type { Connection, ServerState } from '../preload/ipc-contract.ts'
import type { Launch, ServerChild } from './launch-server.ts'

export interface ServerRequest {
  readonly configPath: string
  /** Null leaves it to the server: beside the langgraph.json. */
  readonly dataDir: string | null
  /** The port to try first, so that the Studio keeps its origin and what it has stored there; 0 takes any. */
  readonly port: number
}

export interface ServerProcess {
  /** Stops the server before it, if any. Rejects, with what the server said last, when it does not come up. */
  start(request: ServerRequest): Promise<Connection>
  stop(): Promise<void>
  state(): ServerState
  connection(): Connection | null
}

export interface ServerProcessOptions {
  launch(launch: Launch): ServerChild
  onState(state: ServerState): void
  /** Calls back later; returns the way to call it off. */
  after?(ms: number, callback: () => void): () => void
  createToken?(): string
}

export const READY_WITHIN_MS = 60_000
/** Above the five seconds that the server gives its running graphs. */
export const GRACE_MS = 8_000
export const RESTART_AFTER_MS = [250, 1_000, 3_000, 10_000]
/** A server that ran this long has a fresh set of restarts. */
export const STEADY_AFTER_MS = 60_000
const LAST_LINES = 20

/** One project's server through all its restarts. */
interface Life {
  readonly request: ServerRequest
  readonly token: string
  readonly started: PromiseWithResolvers<Connection>
  port: number
  url: string | null
  child: ServerChild | null
  restarts: number
  isStopping: boolean
  lastLines: string[]
  callOff: () => void
}

/**
 * | state      | ready   | exit                                | stop    |
 * |------------|---------|-------------------------------------|---------|
 * | starting   | running | again on any port, once; or failed  | stopped |
 * | running    |         | restarting                          | stopped |
 * | restarting | running | restarting; when tried out: failed  | stopped |
 * | failed     |         |                                     | stopped |
 */
export function createServerProcess({ launch, onState, after = afterTimeout, createToken = randomToken }: ServerProcessOptions): ServerProcess {
  let state: ServerState = { status: 'stopped' }
  let life: Life | null = null

  function move(to: ServerState): void {
    state = to
    onState(to)
  }

  function run(current: Life): void {
    const child = launch({ args: argsFor(current), token: current.token })
    const isCurrent = () => current.child === child
    Object.assign(current, { child, url: null, lastLines: [] })
    child.onError((line) => { current.lastLines = [...current.lastLines, line].slice(-LAST_LINES) })
    child.onOutput((line) => {
      const url = isCurrent() && !current.url ? readyUrl(line) : null
      if (url) becomeReady(current, url)
    })
    child.onExit((code) => {
      if (isCurrent()) exited(current, code)
    })
    current.callOff = after(READY_WITHIN_MS, () => {
      current.lastLines.push(`The server was not ready within ${READY_WITHIN_MS / 1000} seconds.`)
      child.kill()
    })
  }

  function becomeReady(current: Life, url: string): void {
    current.callOff()
    if (current.isStopping) return
    Object.assign(current, { url, port: Number(new URL(url).port) })
    current.callOff = after(STEADY_AFTER_MS, () => { current.restarts = 0 })
    move({ status: 'running', url })
    current.started.resolve({ url, token: current.token })
  }

  function exited(current: Life, code: number | null): void {
    const wasReady = current.url !== null
    Object.assign(current, { child: null, url: null })
    current.callOff()
    if (current.isStopping) return
    const message = current.lastLines.join('\n').trim() || `The server ended without a word (${code === null ? 'killed' : `exit code ${code}`}).`
    // It may only be that somebody else has the port by now.
    if (!wasReady && current.port !== 0) return runOnAnyPort(current)
    const hasEverRun = wasReady || current.restarts > 0
    const delay = hasEverRun ? RESTART_AFTER_MS[current.restarts] : undefined
    if (delay === undefined) return fail(current, message)
    current.restarts += 1
    move({ status: 'restarting', attempt: current.restarts, message })
    current.callOff = after(delay, () => run(current))
  }

  function runOnAnyPort(current: Life): void {
    current.port = 0
    run(current)
  }

  function fail(current: Life, message: string): void {
    move({ status: 'failed', message })
    current.started.reject(new Error(message))
  }

  async function end(current: Life): Promise<void> {
    current.isStopping = true
    current.callOff()
    current.started.reject(new Error('The server was stopped.'))
    const { child } = current
    if (!child) return
    const exit = Promise.withResolvers<void>()
    const callOff = after(GRACE_MS, () => child.kill())
    child.onExit(() => exit.resolve())
    child.end()
    await exit.promise
    callOff()
  }

  async function stop(): Promise<void> {
    const ending = life
    if (!ending) return
    await end(ending)
    if (life !== ending) return
    life = null
    move({ status: 'stopped' })
  }

  return {
    async start(request) {
      // Two may ask at once; the one who asks last wins.
      while (life) await stop()
      const next: Life = {
        request, token: createToken(), port: request.port, started: Promise.withResolvers(),
        url: null, child: null, restarts: 0, isStopping: false, lastLines: [], callOff: () => {},
      }
      // Whoever started it hears of a failure; that nobody listens any more is no error of its own.
      next.started.promise.catch(() => {})
      life = next
      move({ status: 'starting' })
      run(next)
      return next.started.promise
    },
    stop,
    state: () => state,
    connection: () => life?.url ? { url: life.url, token: life.token } : null,
  }
}

function argsFor({ request, port }: Life): string[] {
  const dataDir = request.dataDir === null ? [] : ['--data-dir', request.dataDir]
  return ['dev', '--config', request.configPath, '--no-browser', '--port', String(port), '--json-ready', ...dataDir]
}

/** The line by which the server says where it listens; graphs may print others, and must not be able to send the window elsewhere. */
function readyUrl(line: string): string | null {
  if (!line.startsWith('{"ready":true')) return null
  try {
    const { url } = JSON.parse(line) as { url?: unknown }
    return typeof url === 'string' && /^http:\/\/127\.0\.0\.1:\d+$/.test(url) ? url : null
  } catch {
    return null
  }
}

const randomToken = () => randomBytes(32).toString('hex')

function afterTimeout(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}
