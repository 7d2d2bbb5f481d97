import type { UserAuth } from './user-auth.ts'

/** `http.app` of langgraph.json: the project's own routes and middleware. */
export interface UserApp {
  /** The socket at which the app takes HTTP requests now. Rejects with a `PlatformError` while it can't. */
  address(): Promise<string>
}

/** The project's own code that stands before requests. */
export interface UserDoor {
  /** Resolves when it is loaded, or has failed to: until it works, what it stands before is refused. */
  start(): Promise<void>
  stop(): Promise<void>
  readonly auth: UserAuth | null
  readonly app: UserApp | null
}
