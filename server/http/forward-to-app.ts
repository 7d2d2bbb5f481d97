import { randomUUID } from 'node:crypto'
import { request as requestHttp, type IncomingMessage } from 'node:http'
import { pipeline, Transform } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ASKER_CLOSES, CALLER, USER, writeCaller } from '../contract/callers.ts'
import { PlatformError } from '../errors.ts'
import type { AuthUser } from '../services/access.ts'
import { callerOf } from './code-requests.ts'

/** A request that the project's app has now. */
export interface Handed { readonly user: AuthUser | null, readonly ip: string }

export interface ProjectAppOptions {
  /** The socket at which the app takes requests now. */
  address(): Promise<string>
  /** Requests by their tokens, while the app has them. */
  readonly handed: Map<string, Handed>
  /** Bytes. */
  readonly bodyLimit: number
}

/** These belong to a connection, not to what is sent over it (RFC 9110, 7.6.1). */
const OF_CONNECTION = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect']

/**
 * Every request goes to the project's app first, once (wire reference §1.10): its routes win, its middleware stands around ours, and what
 * it has no answer to comes back on the private socket as `next`. The Studio's own pages stay out of its reach, and so do WebSockets.
 */
export function forwardToApp(app: FastifyInstance, options: ProjectAppOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.ws || request.routeOptions.url?.startsWith('/studio') || callerOf(request)?.kind === 'next') return
    if (Number(request.headers['content-length']) > options.bodyLimit) throw tooLarge(options.bodyLimit)
    const address = await options.address()
    const token = randomUUID()
    options.handed.set(token, { user: request.user ?? null, ip: request.ip })
    reply.raw.on('close', () => options.handed.delete(token))
    passBack(await handOver(request, reply, { address, token, bodyLimit: options.bodyLimit }), reply)
    return reply
  })
}

interface Handing { readonly address: string, readonly token: string, readonly bodyLimit: number }

/** Resolves with the app's answer when it begins. */
function handOver({ raw, method, user }: FastifyRequest, reply: FastifyReply, { address, token, bodyLimit }: Handing): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { ...without(raw.headers, [...OF_CONNECTION, USER]), [CALLER]: writeCaller({ kind: 'request', id: token }), ...(user ? { [USER]: encodeURIComponent(JSON.stringify(user)) } : {}), ...ASKER_CLOSES }
    const sent = requestHttp({ socketPath: address, method, path: raw.url, headers, agent: false, setHost: false })
    reply.raw.on('close', () => sent.destroy())
    sent.on('response', resolve)
    pipeline(raw, limited(bodyLimit), sent, (error) => error instanceof PlatformError && reject(error))
    sent.on('error', (error) => reject(new PlatformError('worker_unavailable', `The project's http.app gave no answer: ${error.message}`, { cause: error })))
  })
}

/** Headers that are set already are those which let a page read the answer; the app's own come before them. */
function passBack(answer: IncomingMessage, reply: FastifyReply): void {
  reply.hijack()
  for (const [name, value] of Object.entries({ ...reply.getHeaders(), ...without(answer.headers, OF_CONNECTION) })) if (value !== undefined) reply.raw.setHeader(name, value)
  reply.raw.writeHead(answer.statusCode!).flushHeaders()
  pipeline(answer, reply.raw, () => {})
}

const without = <T>(headers: Record<string, T>, names: readonly string[]) => Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))

function limited(most: number): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength
      done(bytes > most ? tooLarge(most) : null, chunk)
    },
  })
}

const tooLarge = (most: number) => new PlatformError('payload_too_large', `The body is larger than ${most} bytes.`)
