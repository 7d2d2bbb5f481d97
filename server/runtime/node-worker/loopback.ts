import { request as requestHttp, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { ASKER_CLOSES, CALLER, writeCaller, type Caller } from '../../contract/callers.ts'

/** What of a request is sent on; a `Request` of any copy of the platform's API has it. */
export interface Sendable {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly body: globalThis.ReadableStream<Uint8Array> | string | Uint8Array | null
  readonly signal?: AbortSignal | null
}

/** Asks the server over its private socket, as `caller`. Rejects as `fetch` does when it can't be reached. */
export type Loopback = (request: Sendable, caller?: Caller | null) => Promise<Response>

/** `whoAsks` is asked where no caller is given. */
export function createLoopback(socketPath: string, whoAsks: () => Caller | null): Loopback {
  return ({ url, method, headers, body, signal }, caller = whoAsks()) => new Promise((resolve, reject) => {
    const { pathname, search, host } = new URL(url)
    const sent = requestHttp({
      socketPath, method, path: pathname + search, agent: false, setHost: false, ...(signal ? { signal } : {}),
      headers: { host, ...Object.fromEntries(headers), ...ASKER_CLOSES, ...(caller === null ? {} : { [CALLER]: writeCaller(caller) }) },
    })
    sent.on('error', reject).on('response', (answer) => resolve(responseOf(answer, url)))
    if (body === null || typeof body === 'string' || body instanceof Uint8Array) sent.end(body ?? undefined)
    else Readable.fromWeb(body as ReadableStream<Uint8Array>).on('error', (error) => sent.destroy(error)).pipe(sent)
  })
}

/** These have no body, and `Response` refuses one. */
const EMPTY = new Set([101, 103, 204, 205, 304])

function responseOf(answer: IncomingMessage, url: string): Response {
  const headers = new Headers()
  for (let i = 0; i < answer.rawHeaders.length; i += 2) headers.append(answer.rawHeaders[i]!, answer.rawHeaders[i + 1]!)
  for (const name of ['connection', 'keep-alive', 'transfer-encoding']) headers.delete(name)
  const isEmpty = EMPTY.has(answer.statusCode!)
  if (isEmpty) answer.resume()
  const response = new Response(isEmpty ? null : Readable.toWeb(answer) as globalThis.ReadableStream<Uint8Array>, { status: answer.statusCode!, statusText: answer.statusMessage ?? '', headers })
  Object.defineProperty(response, 'url', { value: url })
  return response
}

/** What the SDK's `Client` looks for where it is given no URL (wire reference §0.3). The address stands for the socket: nobody is asked for it. */
export function offerLoopback(loopback: Loopback): void {
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, { ...init, ...(init?.body instanceof globalThis.ReadableStream ? { duplex: 'half' } : {}) })
    // Whole, so that its length is known: bodies of the SDK are texts.
    return loopback({ url: request.url, method: request.method, headers: request.headers, signal: request.signal, body: request.body && new Uint8Array(await request.arrayBuffer()) })
  }
  Object.assign(globalThis, { [Symbol.for('langgraph_api:fetch')]: fetch, [Symbol.for('langgraph_api:url')]: 'http://localhost' })
}
