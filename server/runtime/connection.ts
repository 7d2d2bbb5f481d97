import type { Duplex } from 'node:stream'
import { createFrameDecoder, encodeFrame, FrameError, type Frame } from './frames.ts'

const NO_BYTES = new Uint8Array(0)
/** More than this is not gathered: it goes to the pipe at once, so that the pipe can say when it is full. */
const GATHERED_BYTES = 64 * 1024
/** So many events in a millisecond go out one by one; those of a storm are gathered. */
const EVENTS_AT_ONCE = 32

/** When a frame goes out, with all that was sent before it. `now`: user code may block or end the process next. */
type Urgency = 'now' | 'tick' | 'soon'

/** An answer that is bytes: the asking end uses {@link Connection.requestBytes}. */
export class BytesAnswer {
  readonly bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** What went wrong at the other end, told over the wire. `name` is the class name there. */
export class RemoteError extends Error {
  readonly code: string | undefined
  constructor(fields: { name: string, message: string, stack?: string, code?: string }) {
    super(fields.message)
    this.name = fields.name
    this.code = fields.code
    if (fields.stack) this.stack = fields.stack
  }
}

/** The other end is gone; whatever was asked of it may or may not have happened. */
export class ConnectionClosedError extends Error {
  override readonly name = 'ConnectionClosedError'
}

export type RequestHandler = (params: never, payload: Uint8Array) => unknown
export type EventHandler = (params: never, payload: Uint8Array) => void

export interface Handlers {
  readonly requests?: Readonly<Record<string, RequestHandler>>
  readonly events?: Readonly<Record<string, EventHandler>>
}

export interface Connection {
  /** Asks the other end; rejects with {@link RemoteError} or {@link ConnectionClosedError}. */
  request<T>(method: string, params: unknown, payload?: Uint8Array): Promise<T>
  /** As {@link request}, in no hurry: goes out with what is sent next, or when the event loop has come round. Order is kept. */
  requestSoon<T>(method: string, params: unknown, payload?: Uint8Array): Promise<T>
  /** As {@link request}, for what is answered with a payload. */
  requestBytes(method: string, params: unknown): Promise<Uint8Array>
  /** One way; dropped silently when the connection is closed. */
  notify(method: string, params: unknown, payload?: Uint8Array): void
  /** Resolves at once, or when the other end has read enough: await it between large or many sends. */
  drained(): Promise<void>
  /** Reads nothing more until `until` settles: what the other end sends meanwhile waits in the pipe, and then at its sender. */
  pause(until: Promise<unknown>): void
  /** Ends the connection; requests that wait are rejected. */
  close(reason?: Error): void
  /** Resolves when the connection has ended, with the reason unless it ended in order. */
  readonly closed: Promise<Error | null>
}

interface Waiting { resolve(value: unknown, payload: Uint8Array): void, reject(error: Error): void }

/** Speaks the worker protocol over a duplex stream: requests, answers and events, interleaved, in order. */
export function connect(stream: Duplex, handlers: Handlers): Connection {
  return new StreamConnection(stream, handlers)
}

class StreamConnection implements Connection {
  readonly closed: Promise<Error | null>
  readonly #stream: Duplex
  readonly #handlers: Handlers
  readonly #decoder = createFrameDecoder()
  readonly #waiting = new Map<number, Waiting>()
  readonly #ended = Promise.withResolvers<Error | null>()
  #lastId = 0
  #isOpen = true
  #pauses = 0
  #drain: Promise<void> | null = null
  /** What is sent in one moment goes out in one write. */
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0
  #isFlushNear = false
  #eventsAt = 0
  #events = 0

  constructor(stream: Duplex, handlers: Handlers) {
    this.#stream = stream
    this.#handlers = handlers
    this.closed = this.#ended.promise
    stream.on('data', (chunk: Uint8Array) => this.#read(chunk))
    stream.on('end', () => this.#end(this.#decoder.pending > 0 ? new FrameError('The connection ended inside a frame.') : null))
    stream.on('error', (error) => this.#end(error))
    stream.on('close', () => this.#end(null))
  }

  request<T>(method: string, params: unknown, payload: Uint8Array = NO_BYTES): Promise<T> {
    return new Promise<T>((resolve, reject) => this.#ask({ method, params, payload }, { resolve: (value) => resolve(value as T), reject }))
  }

  requestSoon<T>(method: string, params: unknown, payload: Uint8Array = NO_BYTES): Promise<T> {
    return new Promise<T>((resolve, reject) => this.#ask({ method, params, payload }, { resolve: (value) => resolve(value as T), reject }, 'soon'))
  }

  requestBytes(method: string, params: unknown): Promise<Uint8Array> {
    return new Promise((resolve, reject) => this.#ask({ method, params, payload: NO_BYTES }, { resolve: (_, payload) => resolve(payload), reject }))
  }

  #ask({ method, params, payload }: { method: string, params: unknown, payload: Uint8Array }, waiting: Waiting, urgency: Urgency = 'tick'): void {
    if (!this.#isOpen) return waiting.reject(new ConnectionClosedError('The connection has ended.'))
    const id = ++this.#lastId
    this.#waiting.set(id, waiting)
    try {
      this.#send({ t: 'req', id, m: method, p: params }, payload, urgency)
    } catch (error) {
      this.#waiting.delete(id)
      waiting.reject(error as Error)
    }
  }

  notify(method: string, params: unknown, payload?: Uint8Array): void {
    this.#send({ t: 'evt', m: method, p: params }, payload, this.#isStorm() ? 'tick' : 'now')
  }

  #isStorm(): boolean {
    const now = Math.floor(performance.now())
    if (now !== this.#eventsAt) {
      this.#eventsAt = now
      this.#events = 0
    }
    return ++this.#events > EVENTS_AT_ONCE
  }

  drained(): Promise<void> {
    if (!this.#isOpen || !this.#stream.writableNeedDrain) return Promise.resolve()
    this.#drain ??= new Promise<void>((resolve) => {
      const done = () => {
        this.#drain = null
        resolve()
      }
      this.#stream.once('drain', done)
      void this.closed.then(done)
    })
    return this.#drain
  }

  pause(until: Promise<unknown>): void {
    if (this.#pauses++ === 0) this.#stream.pause()
    const resume = () => {
      if (--this.#pauses === 0) this.#stream.resume()
    }
    until.then(resume, resume)
  }

  close(reason?: Error): void {
    this.#end(reason ?? null)
  }

  #end(reason: Error | null): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    for (const { reject } of this.#waiting.values()) reject(new ConnectionClosedError('The connection ended before the answer.', { cause: reason }))
    this.#waiting.clear()
    this.#stream.destroy()
    this.#ended.resolve(reason)
  }

  #send(header: object, payload?: Uint8Array, urgency: Urgency = 'tick'): void {
    if (!this.#isOpen) return
    const buffers = encodeFrame(header, payload)
    if (urgency === 'tick' && !this.#isFlushNear) {
      this.#isFlushNear = true
      process.nextTick(() => this.#flush())
    } else if (urgency === 'soon' && this.#gathered.length === 0) setImmediate(() => this.#flush())
    for (const buffer of buffers) {
      this.#gathered.push(buffer)
      this.#gatheredBytes += buffer.length
    }
    if (urgency === 'now' || this.#gatheredBytes > GATHERED_BYTES) this.#flush()
  }

  #flush(): void {
    this.#isFlushNear = false
    if (!this.#isOpen || this.#gathered.length === 0) return
    const bytes = this.#gathered.length === 1 ? this.#gathered[0] : Buffer.concat(this.#gathered, this.#gatheredBytes)
    this.#gathered = []
    this.#gatheredBytes = 0
    this.#stream.write(bytes)
  }

  #read(chunk: Uint8Array): void {
    try {
      for (const frame of this.#decoder.push(chunk)) if (this.#isOpen) this.#receive(frame)
    } catch (error) {
      this.#end(error instanceof Error ? error : new FrameError(String(error)))
    }
  }

  #receive({ header, payload }: Frame): void {
    const method = String(header['m'])
    if (header['t'] === 'req') void this.#answer(header, method, payload)
    else if (header['t'] === 'res') this.#settle(header, payload)
    else if (header['t'] === 'evt') own(this.#handlers.events, method)?.(header['p'] as never, payload)
  }

  async #answer({ id, p: params }: Record<string, unknown>, method: string, payload: Uint8Array): Promise<void> {
    const handler = own(this.#handlers.requests, method)
    if (!handler) return this.#send({ t: 'res', id, error: { name: 'UnknownMethodError', message: `There is no method "${method}".`, code: 'unknown_method' } })
    try {
      const answer = await handler(params as never, payload)
      if (answer instanceof BytesAnswer) this.#send({ t: 'res', id, p: null }, answer.bytes)
      else this.#send({ t: 'res', id, p: answer ?? null })
    } catch (error) {
      this.#send({ t: 'res', id, error: errorFields(error) })
    }
  }

  #settle(header: Record<string, unknown>, payload: Uint8Array): void {
    const id = header['id'] as number
    const request = this.#waiting.get(id)
    if (!request) throw new FrameError(`An answer to the unknown request ${String(id)}.`)
    this.#waiting.delete(id)
    const error = header['error'] as ConstructorParameters<typeof RemoteError>[0] | undefined
    if (error) request.reject(new RemoteError(error))
    else request.resolve(header['p'], payload)
  }
}

const own = <T>(table: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  table && Object.hasOwn(table, name) ? table[name] : undefined

/** What of an error crosses the wire: its class name, its text and where it was thrown. */
export function errorFields(error: unknown): { name: string, message: string, stack?: string, code?: string } {
  if (!(error instanceof Error)) return { name: 'Error', message: typeof error === 'string' ? error : String(JSON.stringify(error) ?? error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return { name: error.name || error.constructor.name, message: error.message, ...(error.stack ? { stack: error.stack } : {}), ...(code ? { code } : {}) }
}
