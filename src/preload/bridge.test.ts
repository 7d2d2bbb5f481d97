import { expect, test, vi } from 'vitest'
import type { ServerState } from './ipc-contract.ts'
import { createBridge } from './bridge.ts'

test('the page sees these names and nothing of Electron', () => {
  const bridge = createBridge({ invoke: async () => null, listen: () => () => {} }, 'darwin')
  expect(Object.keys(bridge).sort()).toEqual([
    'connection', 'forgetKey', 'loadKey', 'onServerState', 'openDemo', 'openRecent', 'pickFolder', 'platform', 'recents', 'saveConnection',
  ])
})

test('notices reach the listener until it lets go', () => {
  const listeners = new Set<(payload: unknown) => void>()
  const bridge = createBridge({
    invoke: async () => null,
    listen: (channel, listener) => {
      expect(channel).toBe('server:state')
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }, 'linux')
  const seen = vi.fn<(state: ServerState) => void>()
  const letGo = bridge.onServerState(seen)
  for (const listener of listeners) listener({ status: 'restarting', attempt: 1, message: 'out of memory' })
  letGo()
  for (const listener of listeners) listener({ status: 'stopped' })
  expect(seen.mock.calls).toEqual([[{ status: 'restarting', attempt: 1, message: 'out of memory' }]])
})
