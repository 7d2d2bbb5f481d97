import type { JsonObject } from '../contract/common.ts'
import type { AuthUser } from '../domain/auth-user.ts'

export type { AuthUser } from '../domain/auth-user.ts'

export interface AuthRequest { readonly method: string, readonly url: string, readonly headers: Readonly<Record<string, string>> }

/** `value` is what is asked for, as in the SDK's `EventValueMap`. */
export interface AuthQuestion { readonly resource: string, readonly action: string, readonly value: JsonObject, readonly user: AuthUser }

/** Allowed: with this value, on what these filters match (wire reference §3.13). */
export interface AuthAnswer { readonly value: JsonObject, readonly filters: JsonObject | null }

/** The user's own code that says who may do what. What it refuses rejects with a `PlatformError`, with the status it chose. */
export interface UserAuth {
  authenticate(request: AuthRequest): Promise<AuthUser>
  authorize(question: AuthQuestion): Promise<AuthAnswer>
}
