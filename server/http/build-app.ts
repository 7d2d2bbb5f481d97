import Fastify, { LogController, type FastifyBaseLogger } from 'fastify'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { PlatformError } from '../errors.ts'
import type { Caller } from '../contract/callers.ts'
import { authenticate, type AuthOptions } from './authenticate.ts'
import { authorize, createCommandGate } from './authorize.ts'
import { answerFrameworkError, setErrorMapper } from './error-mapper.ts'
import { disableRoutes, type ApiPart } from './disabled-routes.ts'
import { forwardToApp, type Handed, type ProjectAppOptions } from './forward-to-app.ts'
import { guard, type GuardOptions } from './guard.ts'
import { describeRoutes, serveDocs, type SecurityDocs } from './openapi.ts'
import { acceptSockets, type JsonParser } from './protocol-socket.ts'
import { a2aRoutes } from './routes/a2a-routes.ts'
import { assistantRoutes } from './routes/assistant-routes.ts'
import { cronRoutes } from './routes/cron-routes.ts'
import { itemRoutes } from './routes/item-routes.ts'
import { mcpRoutes } from './routes/mcp-routes.ts'
import { protocolRoutes } from './routes/protocol-routes.ts'
import { runRoutes } from './routes/run-routes.ts'
import { studioRoutes } from './routes/studio-routes.ts'
import { systemRoutes, type SystemFacts } from './routes/system-routes.ts'
import { threadRoutes } from './routes/thread-routes.ts'
import { threadStreamRoutes } from './routes/thread-stream-routes.ts'
import { transferRoutes } from './routes/transfer-routes.ts'
import { uiRoutes } from './routes/ui-routes.ts'
import { webhookRoutes } from './routes/webhook-routes.ts'
import type { AuthUser } from '../services/access.ts'
import type { Permissions } from '../services/permissions.ts'
import { serveStudio } from './serve-studio.ts'
import type { TypedApp } from './typed-app.ts'

type RouteParts = Parameters<typeof assistantRoutes>[1] & Parameters<typeof threadRoutes>[1] & Parameters<typeof threadStreamRoutes>[1] & Omit<Parameters<typeof protocolRoutes>[1], 'parseJson' | 'gate'> & Parameters<typeof runRoutes>[1] & Parameters<typeof cronRoutes>[1] & Parameters<typeof itemRoutes>[1] & Parameters<typeof studioRoutes>[1] & Parameters<typeof transferRoutes>[1] & Parameters<typeof uiRoutes>[1] & Parameters<typeof webhookRoutes>[1] & Pick<Parameters<typeof mcpRoutes>[1], 'tools'> & Pick<Parameters<typeof a2aRoutes>[1], 'a2a'>
export interface AppOptions extends RouteParts {
  readonly guard: GuardOptions
  /** Who may do what, where the project says so. */
  readonly auth?: (Pick<AuthOptions, 'access' | 'trustsStudio'> & { readonly permissions: Permissions }) | null
  /** The project's own routes and middleware. `isFirst`: they come before anybody is asked who it is. */
  readonly projectApp?: (Pick<ProjectAppOptions, 'address'> & { readonly isFirst: boolean }) | null
  /** For whom a run was made, or a webhook is sent; null for nobody. */
  userOf(caller: Caller): AuthUser | null
  readonly securityDocs?: SecurityDocs | null
  readonly disabled: readonly ApiPart[]
  /** Addresses are served below it as they are without it; empty for none. */
  readonly mountPrefix: string
  readonly system: SystemFacts
  readonly studioFolder: string
  readonly logger: FastifyBaseLogger
  /** Bytes. Official default HTTP_MAX_REQUEST_BODY_BYTES (§3.16). */
  readonly bodyLimit: number
  /** What a failure of the storage means to a person. */
  readonly explain: (error: unknown) => unknown
}

/** Queries and paths arrive as text and are converted; a body says what it means, so nothing in it is. */
function createValidators() {
  const options = { allErrors: false, useDefaults: true, removeAdditional: false, strict: false } as const
  const [exact, lenient] = [new Ajv({ ...options, coerceTypes: false }), new Ajv({ ...options, coerceTypes: 'array' })]
  // The package's types describe its CommonJS face only.
  const add = addFormats as unknown as (ajv: Ajv) => void
  add(exact)
  add(lenient)
  return { exact, lenient }
}

/** Compiled with the first request that needs it: all of them together take a third of the time in which the server starts. */
function whenAsked(ajv: Ajv, schema: object) {
  let compiled: ReturnType<Ajv['compile']> | null = null
  const validate: { (data: unknown): boolean, errors?: unknown } = (data) => {
    compiled ??= ajv.compile(schema)
    const isValid = compiled(data) as boolean
    validate.errors = compiled.errors
    return isValid
  }
  return validate as ReturnType<Ajv['compile']>
}

export async function buildApp(options: AppOptions): Promise<TypedApp> {
  const { exact, lenient } = createValidators()
  const app: TypedApp = Fastify({ loggerInstance: options.logger, logController: new LogController({ disableRequestLogging: true }), bodyLimit: options.bodyLimit, forceCloseConnections: true, exposeHeadRoutes: false, routerOptions: { maxParamLength: 5000 }, frameworkErrors: answerFrameworkError, rewriteUrl: ({ url = '/' }) => withoutPrefix(url, options.mountPrefix) })
    .withTypeProvider<TypeBoxTypeProvider>()
  app.setValidatorCompiler(({ schema, httpPart }) => whenAsked(httpPart === 'body' ? exact : lenient, schema as object))
  const parseJson = acceptJsonOnly(app)
  setErrorMapper(app, options.explain)
  // Before the guard: a socket that it refuses must be known for one, or it would stay open.
  await acceptSockets(app, options.bodyLimit)
  await guard(app, options.guard)
  const handed = new Map<string, Handed>()
  const handOver = (when: boolean) => options.projectApp?.isFirst === when && forwardToApp(app, { ...options.projectApp, handed, bodyLimit: options.bodyLimit })
  handOver(true)
  if (options.auth) authenticate(app, { ...options.auth, userOf: (caller) => handed.get(caller.id)?.user ?? options.userOf(caller), ipOf: ({ id }) => handed.get(id)?.ip ?? null })
  handOver(false)
  disableRoutes(app, options.disabled)
  // What is over is over for every reader, also before the next sweep. One that can't be removed now (a full disk) keeps nobody from the rest.
  app.addHook('preHandler', async (request) => {
    if (options.threads.hasExpired()) await options.threads.expire().catch((error: unknown) => request.log.error({ err: error }, 'Threads whose time is over can\'t be removed'))
  })
  if (options.auth) authorize(app, options.auth.permissions)
  await describeRoutes(app, options.system.version, options.securityDocs ?? null)
  systemRoutes(app, options.system)
  assistantRoutes(app, options)
  threadRoutes(app, options)
  threadStreamRoutes(app, options)
  protocolRoutes(app, { ...options, parseJson, gate: options.auth ? createCommandGate(options.auth.access, options.auth.permissions) : null })
  runRoutes(app, options)
  cronRoutes(app, options)
  itemRoutes(app, options)
  mcpRoutes(app, options)
  a2aRoutes(app, options)
  studioRoutes(app, options)
  transferRoutes(app, options)
  uiRoutes(app, options)
  webhookRoutes(app, options)
  await serveDocs(app)
  await serveStudio(app, options.studioFolder)
  return app
}

/** Locations in answers are without it too: clients put their base URL, prefix and all, before what they are told. */
function withoutPrefix(url: string, prefix: string): string {
  const rest = prefix && url.startsWith(prefix) ? url.slice(prefix.length) : null
  if (rest === null || !/^(?:[/?]|$)/.test(rest)) return url
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** A page may send text without asking first; JSON makes the browser ask. An empty JSON body counts as none. */
function acceptJsonOnly(app: TypedApp): JsonParser {
  const parse = app.getDefaultJsonParser('error', 'error')
  const parseSafely: JsonParser = (request, body, done) => {
    if (body.length === 0) done(null, undefined)
    else if (isTooDeep(body)) done(new PlatformError('invalid_request', `The body is nested more than ${DEEPEST} levels deep.`))
    else void parse(request, body, (error: Error | null, value?: unknown) => done(error && new PlatformError('invalid_request', whyNotJson(body)), value))
  }
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => parseSafely(request, String(body), done))
  return parseSafely
}

/** SQLite's JSON stops at 1000 levels, and recursion somewhere beyond. */
const DEEPEST = 500

/** Counts brackets outside of strings, without parsing. */
function isTooDeep(body: string): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < body.length; i++) {
    const char = body.charCodeAt(i)
    if (inString) {
      if (char === 92) i++
      else if (char === 34) inString = false
    } else if (char === 34) inString = true
    else if (char === 123 || char === 91) {
      if (++depth > DEEPEST) return true
    } else if (char === 125 || char === 93) depth--
  }
  return false
}

function whyNotJson(body: string): string {
  try {
    JSON.parse(body)
    return 'The body may not hold the keys __proto__ or constructor.prototype.'
  } catch (error) {
    return `The body is not valid JSON: ${(error as Error).message}`
  }
}
