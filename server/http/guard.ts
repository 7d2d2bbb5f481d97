import { timingSafeEqual } from 'node:crypto'
import cors from '@fastify/cors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { PlatformError } from '../errors.ts'
import { isFromCode } from './code-requests.ts'
import { isOpen, UI_FILE } from './open-routes.ts'

export interface GuardOptions {
  /** Host names beyond loopback that clients may address the server by. */
  readonly hosts: readonly string[]
  /** Origins beyond this server and loopback whose pages may call it; `*` allows all. */
  readonly origins: readonly string[]
  readonly originPattern: RegExp | null
  /** When set, every request but `/ok`, the description of the API, the Studio's files and those of components must carry it. */
  readonly token: string | null
  readonly cors?: CorsOptions
}

/** What else a page that may call the server may do; null is the default. */
export interface CorsOptions {
  readonly methods: readonly string[] | null
  /** Request headers; by default those that a page asks for. */
  readonly headers: readonly string[] | null
  readonly credentials: boolean
  /** Headers of answers that it may read, beside those that clients need. */
  readonly exposed: readonly string[]
  /** Seconds that a browser may remember all this. */
  readonly maxAge: number
}

const PLAIN_CORS: CorsOptions = { methods: null, headers: null, credentials: false, exposed: [], maxAge: 600 }

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]', '::1'])
const isLoopback = (name: string) => LOOPBACK.has(name) || name.endsWith('.localhost') || /^127(\.\d{1,3}){3}$/.test(name)

function hostName(authority: string): string | null {
  try {
    return new URL(`http://${authority}`).hostname
  } catch {
    return null
  }
}

/**
 * Who may talk to the server, decided before anything else is looked at: the Host must be one of ours (a page that
 * rebinds its name to 127.0.0.1 still sends its own), and a page must come from an allowed origin.
 */
export async function guard(app: FastifyInstance, options: GuardOptions): Promise<void> {
  const hosts = new Set(options.hosts.map((host) => host.toLowerCase()))
  const origins = new Set(options.origins)

  const isHostAllowed = (request: FastifyRequest) => {
    const name = hostName(request.headers.host ?? '')
    return name !== null && (isLoopback(name) || hosts.has(name))
  }

  function isOriginAllowed(origin: string, host: string | undefined): boolean {
    if (origins.has('*') || origins.has(origin) || options.originPattern?.test(origin)) return true
    const url = URL.parse(origin)
    if (!url || !/^https?:$/.test(url.protocol)) return false
    return url.host === host || isLoopback(url.hostname)
  }

  /** Files of components are made to be loaded by tags of other pages: of those that may call the server. */
  const isShownByAllowed = ({ routeOptions, headers: { referer, host } }: FastifyRequest) =>
    routeOptions.url === UI_FILE && isOriginAllowed(URL.parse(referer ?? '')?.origin ?? '', host)

  app.addHook('onRequest', async (request) => {
    if (isFromCode(request)) return
    if (!isHostAllowed(request))
      throw new PlatformError('host_not_allowed', `Host "${request.headers.host ?? ''}" is not allowed. Address the server by localhost, or start it with --allow-host.`)
    const { origin, host } = request.headers
    if (origin !== undefined && !isOriginAllowed(origin, host))
      throw new PlatformError('origin_not_allowed', `Pages of ${origin} may not call this server. Allow them with --allow-origin, or http.cors.allow_origins in langgraph.json.`)
    // A foreign page's image or script tag sends no Origin; browsers still say where it comes from.
    if (origin === undefined && request.headers['sec-fetch-site'] === 'cross-site' && request.headers['sec-fetch-mode'] !== 'navigate' && !isShownByAllowed(request))
      throw new PlatformError('origin_not_allowed', request.routeOptions.url === UI_FILE ? 'Only pages that may call this server may show its components: allow their origin, and let them send a Referer.' : 'Requests from pages of other sites are not allowed.')
  })

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff')
    // Chrome asks before a public page may reach this machine; the origin was allowed above.
    if (request.headers['access-control-request-private-network']) reply.header('access-control-allow-private-network', 'true')
  })

  const { methods, headers, credentials, exposed, maxAge } = options.cors ?? PLAIN_CORS
  await app.register(cors, {
    origin: (origin, done) => done(null, origin ?? false),
    // Any page there is, with whatever the browser knows of its user: never both.
    credentials: credentials && !origins.has('*'),
    methods: [...methods ?? ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']],
    ...(headers ? { allowedHeaders: [...headers] } : {}),
    exposedHeaders: ['Content-Location', 'Location', 'X-Pagination-Total', 'X-Pagination-Next', ...exposed],
    maxAge,
  })

  // After the headers that let an allowed page read the refusal.
  app.addHook('onRequest', async (request) => {
    if (options.token !== null && !isFromCode(request) && !isOpen(request) && !hasToken(request, options.token))
      throw new PlatformError('unauthorized', 'This server asks for its token: send it as x-api-key, or as Authorization: Bearer.')
  })
}

function hasToken(request: FastifyRequest, token: string): boolean {
  const bearer = request.headers.authorization?.replace(/^Bearer /i, '')
  const key = request.headers['x-api-key']
  const given = Buffer.from(String((Array.isArray(key) ? key[0] : key) ?? bearer ?? ''))
  const wanted = Buffer.from(token)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
