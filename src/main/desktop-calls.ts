import type { ProjectInfo } from '../preload/ipc-contract.ts'
import type { Handle } from './handle.ts'
import type { KeyStore } from './key-store.ts'
import type { RecentProjects } from './recent-projects.ts'
import type { ServerProcess } from './server-process.ts'

export interface DesktopCallTargets {
  readonly server: Pick<ServerProcess, 'connection'>
  readonly keys: KeyStore
  readonly recents: RecentProjects
  /** Null when the person declined, or was told why it cannot be opened. */
  pickAndOpen(): Promise<ProjectInfo | null>
  open(folder: string): Promise<ProjectInfo | null>
  openDemo(): ProjectInfo
}

/** Registers what the window may ask of the shell. What comes from the page is checked before it is used. */
export function setupDesktopCalls(handle: Handle, { server, keys, recents, pickAndOpen, open, openDemo }: DesktopCallTargets): void {
  handle('project:pick-folder', pickAndOpen)
  // Only what a person has opened before: the page cannot name any other folder.
  handle('project:open-recent', async (folder) => recents.list().some((recent) => recent.folder === folder) ? open(folder) : null)
  handle('project:open-demo', async () => openDemo())
  handle('project:recents', async () => recents.list())
  handle('server:connection', async () => server.connection())
  handle('connections:save', async ({ url, apiKey }) => keys.save({ url: text(url), apiKey: text(apiKey) }))
  handle('connections:load-key', async (url) => keys.load(text(url)))
  handle('connections:forget-key', async (url) => keys.forget(text(url)))
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('A text was expected.')
  return value
}
