import { AsyncLocalStorage } from 'node:async_hooks'
import type { JsonObject } from '../contract/common.ts'
import { containmentOf } from '../domain/auth-filter.ts'
import type { AuthRequest, AuthUser, UserAuth } from '../engine/user-auth.ts'
import { PlatformError } from '../errors.ts'

export type { AuthUser } from '../engine/user-auth.ts'

/** A person at the Studio on this machine may do everything, where the project does not say otherwise (wire reference §3.13). */
export const STUDIO_USER: AuthUser = { identity: 'langgraph-studio-user', display_name: 'langgraph-studio-user', is_authenticated: true, permissions: [], kind: 'StudioUser' }

/** Somebody who is known from before: what `langgraph_auth_user` of a run was. The Studio's user is one object. */
export const knownUser = (user: AuthUser): AuthUser => user['kind'] === STUDIO_USER['kind'] ? STUDIO_USER : user

export interface Allowed<T> {
  readonly value: T
  /** What the metadata of whatever is touched must contain; what does not is not there for this user. */
  readonly must: JsonObject
}

export interface Access {
  /** Who asks. Throws what the project's code refuses with. */
  authenticate(request: AuthRequest): Promise<AuthUser>
  /** Does something as the user who asked for it. */
  as<T>(user: AuthUser, work: () => T): T
  /** Who asks now. Throws outside of {@link Access.as}: what nobody asked for is allowed to nobody. */
  user(): AuthUser
  /** Asks the user's code whether that is allowed. It may change the value, and that is what counts then. */
  ask<T extends object>(resource: string, action: string, value: T): Promise<Allowed<T>>
}

export function createAccess(auth: UserAuth): Access {
  const users = new AsyncLocalStorage<AuthUser>()
  const user = () => {
    const found = users.getStore()
    if (!found) throw new PlatformError('unauthorized', 'Nobody is known to have asked for this.')
    return found
  }
  return {
    authenticate: async (request) => {
      // Whoever else the project's code names so is not the Studio.
      const { kind, ...found } = await auth.authenticate(request)
      return kind === undefined || kind === STUDIO_USER['kind'] ? found : { ...found, kind }
    },
    as: (who, work) => users.run(who, work),
    user,
    ask: async <T extends object>(resource: string, action: string, value: T) => {
      const who = user()
      if (who === STUDIO_USER) return { value, must: {} }
      const answer = await auth.authorize({ resource, action, value: value as JsonObject, user: who })
      return { value: answer.value as T, must: answer.filters ? readFilters(answer.filters) : {} }
    },
  }
}

function readFilters(filters: JsonObject): JsonObject {
  try {
    return containmentOf(filters)
  } catch (error) {
    throw new PlatformError('auth_failed', (error as Error).message, { cause: error })
  }
}
