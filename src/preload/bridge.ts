import type { Call, Channel, DesktopNotices, NoticeChannel, SuperstepBridge } from './ipc-contract.ts'

/** The two things the bridge needs of Electron's `ipcRenderer`. */
export interface Ipc {
  invoke(channel: string, ...args: unknown[]): Promise<unknown>
  /** Returns the way to stop listening. */
  listen(channel: string, listener: (payload: unknown) => void): () => void
}

/** One typed method per channel; `ipcRenderer` itself and its events never reach the page. */
export function createBridge(ipc: Ipc, platform: NodeJS.Platform): SuperstepBridge {
  const call = <C extends Channel>(channel: C) =>
    (...args: Parameters<Call<C>>) => ipc.invoke(channel, ...args) as ReturnType<Call<C>>
  const notice = <N extends NoticeChannel>(channel: N) =>
    (listener: (payload: DesktopNotices[N]) => void) => ipc.listen(channel, (payload) => listener(payload as DesktopNotices[N]))
  return {
    platform,
    pickFolder: call('project:pick-folder'),
    openRecent: call('project:open-recent'),
    openDemo: call('project:open-demo'),
    recents: call('project:recents'),
    connection: call('server:connection'),
    saveConnection: call('connections:save'),
    loadKey: call('connections:load-key'),
    forgetKey: call('connections:forget-key'),
    onServerState: notice('server:state'),
  }
}
