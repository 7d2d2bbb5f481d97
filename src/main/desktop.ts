import { join } from 'node:path'
import { ipcMain, Menu, safeStorage, type BrowserWindow, type IpcMainInvokeEvent } from 'electron'
import type { ProjectInfo, ServerState } from '../preload/ipc-contract.ts'
import { appMenu } from './app-menu.ts'
import { setupDesktopCalls } from './desktop-calls.ts'
import { createHandle } from './handle.ts'
import { createJsonFile } from './json-file.ts'
import { createKeyStore } from './key-store.ts'
import { launchServer } from './launch-server.ts'
import { findProject, openProject, projectAtStart, ProjectProblem } from './open-project.ts'
import { askForFolder, askForTrust, tellProblem } from './project-dialogs.ts'
import { createProjectSession } from './project-session.ts'
import { createRecentProjects } from './recent-projects.ts'
import { createServerProcess } from './server-process.ts'
import { createStudioWindow } from './studio-window.ts'
import { createTrustedFolders } from './trusted-folders.ts'
import { isTrustedSender } from './window-policy.ts'

export interface DesktopPlaces {
  /** The package's root. */
  readonly appDir: string
  readonly userData: string
  readonly preload: string
  readonly serverHost: string
}

export interface Desktop {
  /** Opens the project named on the command line, or what was open last. */
  openAtStart(named: string | null): void
  /** Somebody started the app again. */
  comeForward(named: string | null): void
  stop(): Promise<void>
}

/** Puts the shell together; runs once, when the app is ready. */
export function createDesktop({ appDir, userData, preload, serverHost }: DesktopPlaces): Desktop {
  const remembered = (name: string) => createJsonFile(join(userData, name))
  const trusted = createTrustedFolders(remembered('trusted-folders.json'))
  const recents = createRecentProjects(remembered('recent-projects.json'))
  const keys = createKeyStore(remembered('connection-keys.json'), safeStorage)
  const demo: ProjectInfo = { ...findProject(join(appDir, 'resources', 'demo')), isDemo: true }

  const window: BrowserWindow = createStudioWindow(preload, () => session.server.connection()?.url ?? null)
  const program = { execPath: process.execPath, hostEntry: serverHost, serverEntry: join(appDir, 'out', 'server', 'cli.js'), env: process.env }
  const session = createProjectSession({
    demo, demoDataDir: join(userData, 'demo'), portFile: remembered('server-port.json'),
    createServer: (onState) => createServerProcess({ launch: (launch) => launchServer(program, launch), onState }),
    show: (address) => void window.loadURL(address).catch(ignoreSuperseded),
    notify(state: ServerState) {
      if (!window.isDestroyed()) window.webContents.send('server:state', state)
    },
  })

  async function open(path: string): Promise<ProjectInfo | null> {
    try {
      const project = await openProject(path, { trusted, recents, ask: (question) => askForTrust(window, question) })
      if (!project) return null
      session.open(project)
      showMenu()
      return project
    } catch (error) {
      if (!(error instanceof ProjectProblem)) throw error
      await tellProblem(window, error.message)
      return null
    }
  }

  async function pickAndOpen(): Promise<ProjectInfo | null> {
    const folder = await askForFolder(window)
    return folder === null ? null : open(folder)
  }

  function openDemo(): ProjectInfo {
    session.open(demo)
    return demo
  }

  function showMenu(): void {
    Menu.setApplicationMenu(Menu.buildFromTemplate(appMenu({ platform: process.platform, recents: recents.list() }, {
      openFolder: () => void pickAndOpen(), openRecent: (folder) => void open(folder), openDemo, restartServer: session.restart, reloadWindow: session.reload,
    })))
  }

  const isTrusted = ({ senderFrame, sender }: IpcMainInvokeEvent) => sender === window.webContents
    && isTrustedSender(senderFrame && { url: senderFrame.url, isTop: senderFrame === sender.mainFrame }, session.studioOrigin())
  setupDesktopCalls(createHandle(ipcMain, isTrusted), { server: session.server, keys, recents, pickAndOpen, open, openDemo })
  showMenu()

  return {
    openAtStart(named) {
      const openLast = () => session.open(projectAtStart({ trusted, recents }, demo))
      if (named === null) return openLast()
      // The question about trust needs a window to stand on.
      window.show()
      void open(named).then((project) => project ?? openLast())
    },
    comeForward(named) {
      if (window.isMinimized()) window.restore()
      window.focus()
      if (named !== null) void open(named)
    },
    stop: session.stop,
  }
}

/** Electron rejects a load that another one overtook. */
function ignoreSuperseded(error: { code?: string }): void {
  if (error.code !== 'ERR_ABORTED') console.error(error)
}
