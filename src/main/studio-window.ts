import { BrowserWindow, shell, type WebContents } from 'electron'
import { canOpenOutside, isPermissionAllowed, isStudioPage } from './window-policy.ts'

/**
 * The Studio is loaded from its own server's `/studio/`, not from files: page and API are one origin, so there is no CORS to
 * open and no protocol of our own to secure, and the strict policy comes as a header that the page cannot weaken. The
 * server's token never stands in the address; the page asks the bridge for it.
 */
export function createStudioWindow(preload: string, studioOrigin: () => string | null): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440, height: 900, minWidth: 900, minHeight: 600, show: false, backgroundColor: '#14161a', title: 'Superstep',
    webPreferences: { preload, contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true, webviewTag: false, spellcheck: false },
  })
  window.once('ready-to-show', () => window.show())
  confine(window.webContents, studioOrigin)
  return window
}

function confine(contents: WebContents, studioOrigin: () => string | null): void {
  const openOutside = (address: string) => {
    if (canOpenOutside(address)) void shell.openExternal(address)
  }
  contents.on('will-frame-navigate', (event) => {
    if (event.isMainFrame && isStudioPage(event.url, studioOrigin())) return
    event.preventDefault()
    if (event.isMainFrame) openOutside(event.url)
  })
  contents.on('will-redirect', (event) => {
    if (!isStudioPage(event.url, studioOrigin())) event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url)
    return { action: 'deny' }
  })
  contents.session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) => answer(isPermissionAllowed(permission, requestingUrl, studioOrigin())))
  contents.session.setPermissionCheckHandler((_contents, permission, origin) => isPermissionAllowed(permission, `${origin}/studio/`, studioOrigin()))
}
