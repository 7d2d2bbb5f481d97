/** A folder with a langgraph.json that a person has opened. */
export interface ProjectInfo {
  readonly name: string
  readonly folder: string
  readonly configPath: string
  readonly isDemo: boolean
}

export interface RecentProject {
  readonly name: string
  readonly folder: string
  /** ISO time. */
  readonly openedAt: string
}

/** The embedded server. Every request must carry the token, as `x-api-key`. */
export interface Connection {
  readonly url: string
  readonly token: string
}

export type ServerState =
  | { readonly status: 'stopped' }
  | { readonly status: 'starting' }
  | { readonly status: 'running', readonly url: string }
  | { readonly status: 'restarting', readonly attempt: number, readonly message: string }
  | { readonly status: 'failed', readonly message: string }

export interface RemoteConnection {
  readonly url: string
  readonly apiKey: string
}

/** Where a key went: `memory` means this machine offers no encryption, so the key is gone when the app quits. */
export type KeyPlace = 'encrypted' | 'memory'

/** Every call the window may make to the desktop shell. Types only: no runtime code crosses here. */
export interface DesktopCalls {
  'project:pick-folder': () => Promise<ProjectInfo | null>
  'project:open-recent': (folder: string) => Promise<ProjectInfo | null>
  'project:open-demo': () => Promise<ProjectInfo>
  'project:recents': () => Promise<RecentProject[]>
  'server:connection': () => Promise<Connection | null>
  'connections:save': (connection: RemoteConnection) => Promise<KeyPlace>
  'connections:load-key': (url: string) => Promise<string | null>
  'connections:forget-key': (url: string) => Promise<void>
}

/** Every notice the shell may push to the window. */
export interface DesktopNotices {
  'server:state': ServerState
}

export type Channel = keyof DesktopCalls
export type Call<C extends Channel> = DesktopCalls[C]
export type NoticeChannel = keyof DesktopNotices

/** `window.superstep`: there only in the desktop app. */
export interface SuperstepBridge {
  readonly platform: NodeJS.Platform
  /** Asks for a folder, and whether it is trusted. The window then moves on to that project; null when the person declined. */
  readonly pickFolder: Call<'project:pick-folder'>
  readonly openRecent: Call<'project:open-recent'>
  readonly openDemo: Call<'project:open-demo'>
  readonly recents: Call<'project:recents'>
  readonly connection: Call<'server:connection'>
  readonly saveConnection: Call<'connections:save'>
  readonly loadKey: Call<'connections:load-key'>
  readonly forgetKey: Call<'connections:forget-key'>
  /** Returns the way to stop listening. */
  readonly onServerState: (listener: (state: ServerState) => void) => () => void
}

declare global {
  interface Window {
    readonly superstep?: SuperstepBridge
  }
}
