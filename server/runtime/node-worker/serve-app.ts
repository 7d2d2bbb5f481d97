import { AsyncLocalStorage } from 'node:async_hooks'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { CALLER, readCaller, USER } from '../../contract/callers.ts'
import type { AppCode, AppUser, Next } from './app-code.ts'
import { createLoopback, offerLoopback, type Loopback } from './loopback.ts'

/** A request that the server has handed over. */
interface Handed { readonly token: string, readonly user: AppUser | null }

/** Bytes: beside what the client sent a request has its user in a header. */
const MOST_HEADER_BYTES = 1024 * 1024

const handed = new AsyncLocalStorage<Handed>()

/** Requests of the process's code reach the server, as the user of the request that is being answered. */
export function openLoopback(path: string): Loopback {
  const loopback = createLoopback(path, () => {
    const request = handed.getStore()
    return request ? { kind: 'request', id: request.token } : null
  })
  offerLoopback(loopback)
  return loopback
}

/** Takes what the server hands over at a socket. Resolves when it listens. */
export async function serveApp(app: AppCode, loopback: Loopback, address: string): Promise<Server> {
  const next: Next = (request, changed) => {
    const headers = new Headers(request.headers)
    // The body may be another one by now, and its length with it.
    if (changed !== undefined) for (const name of ['content-length', 'transfer-encoding']) headers.delete(name)
    return loopback({ url: request.url, method: request.method, headers, body: changed === undefined ? request.body : changed, signal: request.signal }, { kind: 'next', id: handed.getStore()!.token })
  }
  const handle = app.handle(next, () => handed.getStore()?.user ?? null)
  const listener = getRequestListener((request, environment) => handle(request, environment), { overrideGlobalObjects: false })
  const server = createServer({ maxHeaderSize: MOST_HEADER_BYTES, requestTimeout: 0 }, (request, response) => void handed.run(takeHanded(request), () => listener(request, response)))
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(address, resolve))
  return server
}

/** Out of the headers: the app has no business with them. */
function takeHanded(request: IncomingMessage): Handed {
  const { [CALLER]: caller, [USER]: user } = request.headers
  for (const name of [CALLER, USER]) delete request.headers[name]
  const { rawHeaders } = request
  for (let i = rawHeaders.length - 2; i >= 0; i -= 2) if ([CALLER, USER].includes(rawHeaders[i]!.toLowerCase())) rawHeaders.splice(i, 2)
  return { token: readCaller(String(caller))?.id ?? '', user: user === undefined ? null : JSON.parse(decodeURIComponent(String(user))) as AppUser }
}
