import type { FastifyInstance, FastifyRequest } from 'fastify'
import { PlatformError } from '../errors.ts'
import type { Caller } from '../contract/callers.ts'
import { STUDIO_USER, type Access, type AuthUser } from '../services/access.ts'
import { callerOf, isFromCode } from './code-requests.ts'
import { isOpen } from './open-routes.ts'

export interface AuthOptions {
  readonly access: Access
  /** Whether the Studio on this machine is let in without asking the project's code. */
  readonly trustsStudio: boolean
  /** For whom the project's own code asks; null where that is not known. */
  userOf(caller: Caller): AuthUser | null
  /** Where a request that went through the project's app came from. */
  ipOf(caller: Caller): string | null
}

declare module 'fastify' {
  interface FastifyRequest { user: AuthUser | null }
}

const LOOPBACK = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/
/** The header that the Studio sends (§3.13). From another machine, also through a proxy on this one, it could be anybody's. */
const isStudio = ({ headers }: FastifyRequest, ip: string | null) =>
  ip !== null && headers['x-auth-scheme'] === 'langsmith' && LOOPBACK.test(ip) && headers['x-forwarded-for'] === undefined && headers.forwarded === undefined

/** Every request is somebody's: the project's own `authenticate` says whose, and what is done for it is done as that user. */
export function authenticate(app: FastifyInstance, { access, trustsStudio, userOf, ipOf }: AuthOptions): void {
  app.decorateRequest('user', null)
  async function whoAsks(request: FastifyRequest): Promise<AuthUser> {
    const caller = callerOf(request)
    // Code that says who it is means it; what the app lets through says what the client said.
    const known = caller && (caller.kind === 'next' || request.headers.authorization === undefined) ? userOf(caller) : null
    if (known) return known
    const ip = isFromCode(request) ? caller && ipOf(caller) : request.ip
    if (trustsStudio && isStudio(request, ip)) return STUDIO_USER
    return access.authenticate({ method: request.method, url: new URL(request.url, `http://${request.host}`).href, headers: plain(request.headers) })
  }
  app.addHook('onRequest', async (request) => {
    // What a client asks before it knows how to say who it is.
    if (isOpen(request) || request.routeOptions.url === '/info') return
    request.user = await whoAsks(request)
    if (request.routeOptions.url?.startsWith('/studio/api') && request.user !== STUDIO_USER)
      throw new PlatformError('forbidden', 'This is for the Studio on the server\'s own machine.')
  })
  // Here and not earlier: reading the body would lose who it is.
  app.addHook('preHandler', (request, _reply, done) => {
    if (request.user) access.as(request.user, done)
    else done()
  })
}

const plain = (headers: FastifyRequest['headers']) =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]]))
