/** Who asks, as the user's own `authenticate` says. Plain JSON: it goes into the run's configuration as it is. */
export interface AuthUser {
  readonly identity: string
  readonly display_name: string
  readonly is_authenticated: boolean
  readonly permissions: readonly string[]
  readonly [key: string]: unknown
}
