/// <reference types="electron-vite/node" />
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { app } from 'electron'
import { createDesktop } from './desktop.ts'
import { projectArgument } from './open-project.ts'
// oxlint-disable-next-line import/default -- the build makes this the path of the built module
import serverHost from './server-host?modulePath'

const appDir = app.getAppPath()
const here = dirname(fileURLToPath(import.meta.url))

// Set ahead of the lock, which is one per user data folder.
const userData = app.commandLine.getSwitchValue('user-data-dir')
if (userData) app.setPath('userData', resolve(userData))

const argument = projectArgument(ownArguments(process.argv))
const named = argument === null ? null : resolve(argument)

// A second start hands its project to the first. Chromium reorders the arguments it passes on, so the project goes as data.
if (app.requestSingleInstanceLock({ named })) void start()
else app.quit()

async function start(): Promise<void> {
  await app.whenReady()
  const desktop = createDesktop({ appDir, userData: app.getPath('userData'), preload: join(here, '../preload/index.cjs'), serverHost })
  app.on('second-instance', (_event, _argv, _cwd, data) => desktop.comeForward((data as { named: string | null }).named))
  // One window, and closing it ends the app on macOS too: without it there is nothing to come back to.
  app.on('window-all-closed', () => app.quit())
  let hasStopped = false
  app.on('will-quit', (event) => {
    if (hasStopped) return
    event.preventDefault()
    void desktop.stop().finally(() => {
      hasStopped = true
      app.quit()
    })
  })
  desktop.openAtStart(named)
}

/** What follows the program, and when it is not packaged also the app's folder with any switches ahead of it. */
function ownArguments(argv: readonly string[]): string[] {
  if (app.isPackaged) return argv.slice(1)
  return argv.slice(argv.findIndex((arg, index) => index > 0 && resolve(arg) === resolve(appDir)) + 1)
}
