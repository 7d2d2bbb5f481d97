/**
 * Stands in for `electron` under vitest, where importing the real package would try to download the runtime. Decisions are
 * tested through what is handed to them; whatever asks Electron itself belongs to `e2e/desktop.spec.ts`.
 */
const absent: unknown = new Proxy(() => {}, {
  get: (_target, name) => { throw new Error(`electron.${String(name)} is not there under vitest: hand the module what it needs.`) },
})

export { absent as app, absent as BrowserWindow, absent as contextBridge, absent as dialog, absent as ipcMain, absent as ipcRenderer, absent as Menu, absent as safeStorage, absent as shell }
