import type { ProjectInfo, ServerState } from '../preload/ipc-contract.ts'
import type { JsonFile } from './json-file.ts'
import type { ServerProcess } from './server-process.ts'
import { nextView, type View } from './studio-view.ts'

export interface ProjectSessionOptions {
  readonly demo: ProjectInfo
  /** The demo is part of the app, whose folder may be read-only: its data is kept with the app's own. */
  readonly demoDataDir: string
  readonly portFile: JsonFile
  createServer(onState: (state: ServerState) => void): ServerProcess
  show(address: string): void
  notify(state: ServerState): void
}

export interface ProjectSession {
  /** The project must be trusted by now: its code runs. A failure is shown in the window. */
  open(project: ProjectInfo): void
  restart(): void
  /** Loads the page anew; while no server is running, a page that says so: the port may be anybody's by now. */
  reload(): void
  /** Where the page in the window came from, also while its server restarts; null for a status page. */
  studioOrigin(): string | null
  stop(): Promise<void>
  readonly server: ServerProcess
}

const NOTHING: View = { address: 'about:blank', origin: null }

/** The one project that is open, its server, and the window's page that follows from them. */
export function createProjectSession({ demo, demoDataDir, portFile, createServer, show, notify }: ProjectSessionOptions): ProjectSession {
  let current = demo
  let shown = NOTHING
  const server = createServer(changed)

  function changed(state: ServerState): void {
    if (state.status === 'running') portFile.write(Number(new URL(state.url).port))
    notify(state)
    moveTo(nextView(shown, state, current.name))
  }

  function moveTo(view: View | null): void {
    if (!view) return
    shown = view
    show(view.address)
  }

  function open(project: ProjectInfo): void {
    current = project
    const dataDir = project.isDemo ? demoDataDir : null
    // A failure has become a state, and the state a page.
    server.start({ configPath: project.configPath, dataDir, port: portFrom(portFile.read()) }).catch(() => {})
  }

  return {
    open, server,
    restart: () => open(current),
    reload: () => moveTo(nextView(NOTHING, server.state(), current.name)),
    studioOrigin: () => shown.origin,
    stop: () => server.stop(),
  }
}

const portFrom = (stored: unknown): number => Number.isInteger(stored) && Number(stored) > 0 && Number(stored) < 65536 ? Number(stored) : 0
