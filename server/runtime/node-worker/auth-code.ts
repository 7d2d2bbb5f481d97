import type { AuthAnswer, AuthQuestion, AuthRequest, AuthUser } from '../../engine/user-auth.ts'
import { GraphUnusableError, kindOf, type Spec } from './load-exports.ts'

/** The parts of the SDK's `Auth` that are read; recognised by shape, since it is the user's own copy. */
interface AuthObject { readonly '~handlerCache': { readonly authenticate?: (request: Request) => unknown, readonly callbacks?: Readonly<Record<string, (question: object) => unknown>> } }

/** What the code refused, told rather than thrown: it is no failure. */
export interface Refused { readonly refused: { readonly status: number, readonly detail: string } }

export interface AuthCode {
  authenticate(request: AuthRequest): Promise<{ user: AuthUser } | Refused>
  authorize(question: AuthQuestion): Promise<AuthAnswer | Refused>
}

/** For `Entry.use`. */
export function asAuth(exported: unknown, { title, file, exportName }: Spec): AuthCode {
  if (!isAuth(exported)) throw new GraphUnusableError({ message: `${title}: export '${exportName}' of ${file} is ${kindOf(exported)}; expected an Auth of @langchain/langgraph-sdk/auth.`, file })
  const { '~handlerCache': handlers } = exported
  return {
    authenticate: async ({ url, method, headers }) => {
      if (!handlers.authenticate) return { user: userOf('anonymous') }
      try {
        return { user: userOf(await handlers.authenticate(new Request(url, { method, headers }))) }
      } catch (error) {
        // Whatever it throws is a no; what is no refusal of its own is a mistake to be seen.
        return refusalIn(error) ?? refuse(401, 'Unauthorized', error)
      }
    },
    authorize: async ({ resource, action, value, user }) => {
      const { callbacks = {} } = handlers
      const callback = [`${resource}:${action}`, resource, `*:${action}`, '*'].map((event) => Object.hasOwn(callbacks, event) ? callbacks[event] : undefined).find((found) => found !== undefined)
      if (!callback) return { value, filters: null }
      try {
        const answer = await callback({ event: `${resource}:${action}`, resource, action, value, permissions: user.permissions, user })
        if (answer === false) return refuse(403, 'Forbidden')
        return { value, filters: typeof answer === 'object' && answer !== null ? answer as Record<string, unknown> : null }
      } catch (error) {
        return refusalIn(error) ?? refuse(500, `The auth code failed: ${String(error)}`, error)
      }
    },
  }
}

const isAuth = (value: unknown): value is AuthObject => typeof value === 'object' && value !== null && '~handlerCache' in value && typeof value['~handlerCache'] === 'object' && value['~handlerCache'] !== null

function refuse(status: number, detail: string, mistake?: unknown): Refused {
  if (mistake !== undefined) console.error(mistake)
  return { refused: { status, detail } }
}

/** An `HTTPException` of any copy of the SDK. */
function refusalIn(error: unknown): Refused | null {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : Number.NaN
  return Number.isInteger(status) && status >= 400 && status < 600 ? refuse(status, (error as Error).message) : null
}

/** A bare string is an identity. Throws when there is none: an unknown person is nobody. */
function userOf(answer: unknown): AuthUser {
  const given = typeof answer === 'string' ? { identity: answer } : answer
  if (typeof given !== 'object' || given === null || !('identity' in given) || typeof given.identity !== 'string' || given.identity === '')
    throw new TypeError('authenticate must return an identity: a string, or an object with one.')
  const { identity, display_name = identity, is_authenticated = true, permissions = [] } = given as Partial<AuthUser> & { identity: string }
  return { ...given, identity, display_name, is_authenticated, permissions: [...permissions] }
}
