import { GraphUnusableError, kindOf, type Spec } from './load-exports.ts'

/** Who asks, as the project's auth code told the server. */
export interface AppUser { readonly identity: string, readonly permissions: readonly string[], readonly [key: string]: unknown }

type Handle = (request: Request, environment: object) => Response | Promise<Response>

export interface AppCode {
  /** What answers requests. `next` asks the server itself; `user` tells who asks now. */
  handle(next: Next, user: () => AppUser | null): Handle
}

/** What the server's own routes say to a request, with another body unless that is undefined. */
export type Next = (request: Request, body: string | Uint8Array | null | undefined) => Promise<Response>

/** For `Entry.use`: a Hono app, whose middleware then stands around the server's own routes; or whatever else has a `fetch`. */
export function asApp(exported: unknown, { title, file, exportName }: Spec): AppCode {
  if (isHono(exported)) return { handle: (next, user) => aroundHono(exported, next, user) }
  if (hasFetch(exported)) return { handle: (next) => beforeFetch(exported, next) }
  throw new GraphUnusableError({ message: `${title}: export '${exportName}' of ${file} is ${kindOf(exported)}; expected a Hono app, or an object with a fetch function.`, file })
}

interface Fetcher { fetch: Handle }
const hasFetch = (value: unknown): value is Fetcher => (typeof value === 'object' || typeof value === 'function') && value !== null && 'fetch' in value && typeof value.fetch === 'function'

/** The parts of Hono that are used; recognised by shape, since it is the user's own copy. */
interface Context { readonly req: { readonly raw: Request, readonly bodyCache: Readonly<Record<string, unknown>>, text(): Promise<string>, arrayBuffer(): Promise<ArrayBuffer> }, set(key: string, value: unknown): void, json(body: unknown, status: number): Response }
interface Hono extends Fetcher {
  readonly routes: readonly unknown[]
  readonly constructor: new () => Hono
  use(path: string, middleware: (context: Context, next: () => Promise<void>) => Promise<void>): unknown
  route(path: string, app: Hono): unknown
  notFound(handler: (context: Context) => Promise<Response>): unknown
  onError(handler: (error: Error & { getResponse?: () => Response }, context: Context) => Response): unknown
}
const isHono = (value: unknown): value is Hono => hasFetch(value) && ['use', 'route', 'notFound', 'onError'].every((method) => method in value && typeof (value as unknown as Record<string, unknown>)[method] === 'function')

/** In an app of ours, so that the user's own stays as it is; `c.get('auth')` is what LangGraph's own server calls it. */
function aroundHono(app: Hono, next: Next, user: () => AppUser | null): Handle {
  const outer = new app.constructor()
  outer.use('*', async (context, goOn) => {
    const known = user()
    if (known) context.set('auth', { user: known, scopes: known.permissions })
    await goOn()
  })
  outer.route('/', app)
  outer.notFound(async (context) => next(context.req.raw, await bodyAsLeft(context)))
  outer.onError((error, context) => {
    if (error.getResponse) return error.getResponse()
    console.error(error)
    return context.json({ detail: `The project's http.app failed: ${error.message}`, code: 'internal' }, 500)
  })
  return (request, environment) => outer.fetch(request, environment)
}

/** Middleware that has read a body may have changed it in Hono's cache; one that nobody has read is passed on as it comes. */
async function bodyAsLeft({ req }: Context): Promise<string | Uint8Array | undefined> {
  if (Object.keys(req.bodyCache).length === 0) return undefined
  if ('json' in req.bodyCache) return JSON.stringify(await req.bodyCache['json'])
  return new Uint8Array(await req.arrayBuffer())
}

/** What it does not know (404) is the server's. The body is kept until that is clear. */
function beforeFetch(app: Fetcher, next: Next): Handle {
  return async (request, environment) => {
    const body = request.body ? new Uint8Array(await request.arrayBuffer()) : null
    const answer = await app.fetch(new Request(request.url, { method: request.method, headers: request.headers, body, signal: request.signal }), environment)
    return answer.status === 404 ? next(request, body) : answer
  }
}
