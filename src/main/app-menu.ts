import type { RecentProject } from '../preload/ipc-contract.ts'

/** The parts of Electron's menu template used here, as data, so that it can be tested without Electron. */
export interface MenuItem {
  readonly label?: string
  readonly role?: 'quit' | 'close' | 'undo' | 'redo' | 'cut' | 'copy' | 'paste' | 'selectAll' | 'zoomIn' | 'zoomOut' | 'resetZoom' | 'togglefullscreen' | 'toggleDevTools' | 'minimize' | 'appMenu' | 'windowMenu'
  readonly type?: 'separator'
  readonly accelerator?: string
  readonly enabled?: boolean
  readonly click?: () => void
  readonly submenu?: MenuItem[]
}

export interface MenuActions {
  openFolder(): void
  openRecent(folder: string): void
  openDemo(): void
  restartServer(): void
  reloadWindow(): void
}

export interface MenuFacts {
  readonly platform: NodeJS.Platform
  readonly recents: readonly RecentProject[]
}

const SEPARATOR: MenuItem = { type: 'separator' }

export function appMenu({ platform, recents }: MenuFacts, actions: MenuActions): MenuItem[] {
  const isMac = platform === 'darwin'
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { label: 'File', submenu: fileMenu(recents, actions, isMac) },
    { label: 'Edit', submenu: [{ role: 'undo' }, { role: 'redo' }, SEPARATOR, { role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'selectAll' }] },
    {
      label: 'View',
      submenu: [
        // Plain Ctrl+R and Ctrl+Shift+R stay with the Studio.
        { label: 'Reload Window', click: actions.reloadWindow },
        { role: 'toggleDevTools' }, SEPARATOR, { role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, SEPARATOR, { role: 'togglefullscreen' },
      ],
    },
    { label: 'Server', submenu: [{ label: 'Restart Server', click: actions.restartServer }] },
    ...(isMac ? [{ role: 'windowMenu' } as const] : []),
  ]
}

const fileMenu = (recents: readonly RecentProject[], actions: MenuActions, isMac: boolean): MenuItem[] => [
  { label: 'Open Folder…', accelerator: 'CmdOrCtrl+O', click: actions.openFolder },
  { label: 'Open Recent', enabled: recents.length > 0, submenu: recents.map(({ folder }) => ({ label: folder, click: () => actions.openRecent(folder) })) },
  { label: 'Open Demo Project', click: actions.openDemo },
  SEPARATOR,
  { role: isMac ? 'close' : 'quit' },
]
