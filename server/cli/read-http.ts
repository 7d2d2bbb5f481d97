import type { HeaderRules } from '../domain/configurable-headers.ts'
import { API_PARTS, type ApiPart } from '../http/disabled-routes.ts'
import type { CorsOptions } from '../http/guard.ts'
import { isObject, ProjectError, type Raw } from './project-error.ts'

export interface HttpConfig {
  /** The project's own app, as `file:export`; null for none. */
  readonly app: string | null
  /** Whether the app comes before anybody is asked who it is. */
  readonly isAppFirst: boolean
  readonly origins: readonly string[]
  readonly originPattern: RegExp | null
  readonly cors: CorsOptions
  readonly configurableHeaders: HeaderRules
  readonly disabled: readonly ApiPart[]
  /** Like `/agents`; empty for none. */
  readonly mountPrefix: string
}

type Fail = (key: string, problem: string, remedy: string) => ProjectError

/** `http` of langgraph.json (§3.14), but for webhooks. MOUNT_PREFIX in `env` stands in for the key. Throws {@link ProjectError}. */
export function readHttp(raw: unknown, env: Readonly<Record<string, string | undefined>>, configPath: string): HttpConfig {
  const fail: Fail = (key, problem, remedy) => new ProjectError(configPath, `http.${key}`, problem, remedy)
  const http = isObject(raw) ? raw : {}
  const cors = isObject(http['cors']) ? http['cors'] : {}
  return {
    app: appIn(http, fail),
    isAppFirst: isAppFirstIn(http, fail),
    origins: textsIn(cors, 'cors.allow_origins', '["https://chat.example.com"]', fail) ?? [],
    originPattern: patternIn(cors, fail),
    cors: {
      methods: textsIn(cors, 'cors.allow_methods', '["GET", "POST"]', fail),
      headers: textsIn(cors, 'cors.allow_headers', '["content-type", "x-api-key"]', fail),
      credentials: flagIn(cors, 'cors.allow_credentials', fail),
      exposed: textsIn(cors, 'cors.expose_headers', '["x-request-id"]', fail) ?? [],
      maxAge: secondsIn(cors, fail),
    },
    configurableHeaders: headerRulesIn(http['configurable_headers'], fail),
    disabled: API_PARTS.filter((part) => flagIn(http, `disable_${part}`, fail)),
    mountPrefix: prefixIn(http['mount_prefix'] ?? env['MOUNT_PREFIX'], fail),
  }
}

const last = (key: string) => key.slice(key.lastIndexOf('.') + 1)

/** Null where nothing is said. */
function textsIn(raw: Raw, key: string, example: string, fail: Fail): string[] | null {
  const value = raw[last(key)]
  if (value === undefined || value === null) return null
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string' || /[\u0000-\u001f]/.test(item))) throw fail(key, 'This must be a list of texts.', `For example ${example}.`)
  return value as string[]
}

function flagIn(raw: Raw, key: string, fail: Fail): boolean {
  const value = raw[last(key)] ?? false
  if (typeof value !== 'boolean') throw fail(key, 'This must be true or false.', 'Correct it or remove it.')
  return value
}

function secondsIn(cors: Raw, fail: Fail): number {
  const value = cors['max_age'] ?? 600
  if (!Number.isInteger(value) || Number(value) < 0) throw fail('cors.max_age', 'This must be a whole number of seconds.', 'For example 600.')
  return Number(value)
}

function patternIn(cors: Raw, fail: Fail): RegExp | null {
  const pattern = cors['allow_origin_regex']
  if (pattern === undefined || pattern === null) return null
  try {
    return new RegExp(`^(?:${String(pattern)})$`)
  } catch (error) {
    throw fail('cors.allow_origin_regex', `This is not a regular expression: ${(error as Error).message}.`, 'Correct it or remove it.')
  }
}

/** Older files say `include` and `exclude`. */
function headerRulesIn(raw: unknown, fail: Fail): HeaderRules {
  if (raw === undefined || raw === null) return { includes: [], excludes: [] }
  if (!isObject(raw)) throw fail('configurable_headers', 'This must be an object.', 'For example {"includes": ["x-user-*"], "excludes": ["user-agent"]}.')
  const listOf = (name: string) => textsIn(raw, `configurable_headers.${name}s`, '["x-user-*"]', fail) ?? textsIn(raw, `configurable_headers.${name}`, '["x-user-*"]', fail) ?? []
  return { includes: listOf('include'), excludes: listOf('exclude') }
}

function appIn({ app }: Raw, fail: Fail): string | null {
  if (app === undefined || app === null) return null
  if (typeof app !== 'string' || app.trim() === '') throw fail('app', 'This must be the path of the app, with its export.', 'For example "./src/app.ts:app".')
  return app
}

/** Also where the app's routes are for everybody: what it lets through to the server's own is still asked for. */
function isAppFirstIn(http: Raw, fail: Fail): boolean {
  const order = http['middleware_order'] ?? 'auth_first'
  if (order !== 'auth_first' && order !== 'middleware_first') throw fail('middleware_order', `There is no order ${JSON.stringify(order)}.`, 'Use "auth_first" or "middleware_first".')
  const asks = http['enable_custom_route_auth'] ?? null
  if (asks !== null && typeof asks !== 'boolean') throw fail('enable_custom_route_auth', 'This must be true or false.', 'Correct it or remove it.')
  if (order === 'middleware_first' && asks === true)
    throw fail('enable_custom_route_auth', 'With middleware_order "middleware_first" the app has a request before it is known whose it is.', 'Use "auth_first", or let the app\'s own routes ask.')
  return order === 'middleware_first' || asks === false
}

function prefixIn(raw: unknown, fail: Fail): string {
  if (raw === undefined || raw === null || raw === '' || raw === '/') return ''
  if (typeof raw !== 'string' || !/^\/[\w.~-]+(?:\/[\w.~-]+)*\/?$/.test(raw)) throw fail('mount_prefix', 'This must be a path that begins with a slash.', 'For example "/agents".')
  return raw.replace(/\/$/, '')
}
