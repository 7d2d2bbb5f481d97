import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron'
import { createBridge } from './bridge.ts'

contextBridge.exposeInMainWorld('superstep', createBridge({
  invoke: (channel, ...args) => ipcRenderer.invoke(channel, ...args),
  listen(channel, listener) {
    // The event holds the sender, so it stays on this side.
    const forward = (_event: IpcRendererEvent, payload: unknown) => listener(payload)
    ipcRenderer.on(channel, forward)
    return () => void ipcRenderer.off(channel, forward)
  },
}, process.platform))
