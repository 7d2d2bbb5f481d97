import type { Duplex } from 'node:stream'
import { createFrameDecoder, encodeFrame, FrameError, type Frame } from './frames.ts'

const NO_BYTES = new Uint8Array(0)

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
  /** One way; dropped silently when the connection is closed. */
  notify(method: string, params: unknown, payload?: Uint8Array): void
  /** Resolves at once, or when the other end has read enough: await it between large or many sends. */
  drained(): Promise<void>
  /** Ends the connection; requests that wait are rejected. */
  close(reason?: Error): void
  /** Resolves when the connection has ended, with the reason unless it ended in order. */
  readonly closed: Promise<Error | null>
}

interface Waiting { resolve(value: never): void, reject(error: Error): void }

/** Speaks the worker protocol over a duplex stream: requests, answers and events, interleaved, in order. */
export function connect(stream: Duplex, handlers: Handlers): Connection {
  const decoder = createFrameDecoder()
  const waiting = new Map<number, Waiting>()
  const ended = Promise.withResolvers<Error | null>()
  let lastId = 0
  let isOpen = true
  let drain: Promise<void> | null = null

  const end = (reason: Error | null) => {
    if (!isOpen) return
    isOpen = false
    for (const { reject } of waiting.values()) reject(new ConnectionClosedError('The connection ended before the answer.', { cause: reason }))
    waiting.clear()
    stream.destroy()
    ended.resolve(reason)
  }

  const send = (header: object, payload?: Uint8Array) => {
    if (!isOpen) return
    const buffers = encodeFrame(header, payload)
    if (buffers.length > 1) stream.cork()
    for (const buffer of buffers) stream.write(buffer)
    if (buffers.length > 1) stream.uncork()
  }

  const answer = async (id: unknown, method: string, params: unknown, payload: Uint8Array) => {
    const handler = own(handlers.requests, method)
    if (!handler) return send({ t: 'res', id, error: { name: 'UnknownMethodError', message: `There is no method "${method}".`, code: 'unknown_method' } })
    try {
      send({ t: 'res', id, p: (await handler(params as never, payload)) ?? null })
    } catch (error) {
      send({ t: 'res', id, error: errorFields(error) })
    }
  }

  const settle = (header: Record<string, unknown>) => {
    const request = waiting.get(header['id'] as number)
    if (!request) throw new FrameError(`An answer to the unknown request ${String(header['id'])}.`)
    waiting.delete(header['id'] as number)
    const error = header['error'] as ConstructorParameters<typeof RemoteError>[0] | undefined
    if (error) request.reject(new RemoteError(error))
    else request.resolve(header['p'] as never)
  }

  const receive = ({ header, payload }: Frame) => {
    const method = String(header['m'])
    if (header['t'] === 'req') void answer(header['id'], method, header['p'], payload)
    else if (header['t'] === 'res') settle(header)
    else if (header['t'] === 'evt') own(handlers.events, method)?.(header['p'] as never, payload)
  }

  stream.on('data', (chunk: Uint8Array) => {
    try {
      for (const frame of decoder.push(chunk)) if (isOpen) receive(frame)
    } catch (error) {
      end(error instanceof Error ? error : new FrameError(String(error)))
    }
  })
  stream.on('end', () => end(decoder.pending > 0 ? new FrameError('The connection ended inside a frame.') : null))
  stream.on('error', (error) => end(error))
  stream.on('close', () => end(null))

  return {
    request<T>(method: string, params: unknown, payload: Uint8Array = NO_BYTES) {
      if (!isOpen) return Promise.reject<T>(new ConnectionClosedError('The connection has ended.'))
      const id = ++lastId
      return new Promise<T>((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        try {
          send({ t: 'req', id, m: method, p: params }, payload)
        } catch (error) {
          waiting.delete(id)
          reject(error as Error)
        }
      })
    },
    notify: (method, params, payload) => send({ t: 'evt', m: method, p: params }, payload),
    drained() {
      if (!isOpen || !stream.writableNeedDrain) return Promise.resolve()
      drain ??= new Promise<void>((resolve) => {
        const done = () => {
          drain = null
          resolve()
        }
        stream.once('drain', done)
        void ended.promise.then(done)
      })
      return drain
    },
    close: (reason) => end(reason ?? null),
    closed: ended.promise,
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
