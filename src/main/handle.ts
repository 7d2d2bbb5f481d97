import type { Call, Channel } from '../preload/ipc-contract.ts'

/** The part of Electron's `ipcMain` that answers calls. */
export interface CallReceiver<Event> {
  handle(channel: string, listener: (event: Event, ...args: unknown[]) => unknown): void
}

/** Registers a handler whose arguments and result must match the contract. */
export type Handle = <C extends Channel>(channel: C, handler: (...args: Parameters<Call<C>>) => ReturnType<Call<C>>) => void

/** Every call's sender is checked before its handler runs. */
export function createHandle<Event>(receiver: CallReceiver<Event>, isTrusted: (event: Event) => boolean): Handle {
  return (channel, handler) => {
    receiver.handle(channel, (event: Event, ...args: unknown[]) => {
      if (!isTrusted(event)) throw new Error(`Untrusted sender for ${channel}`)
      return handler(...(args as Parameters<typeof handler>))
    })
  }
}
