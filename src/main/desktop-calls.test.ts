import { expect, test, vi } from 'vitest'
import { createBridge } from '../preload/bridge.ts'
import { setupDesktopCalls, type DesktopCallTargets } from './desktop-calls.ts'
import { createHandle } from './handle.ts'

const AGENT = { name: 'agent', folder: '/projects/agent', configPath: '/projects/agent/langgraph.json', isDemo: false }
const CONNECTION = { url: 'http://127.0.0.1:4100', token: 't' }

interface Sender { readonly isStudio: boolean }

/** The page's bridge, wired to the shell's handlers as Electron would. */
function setUp(overrides: Partial<DesktopCallTargets> = {}) {
  const handlers = new Map<string, (sender: Sender, ...args: unknown[]) => unknown>()
  const handle = createHandle<Sender>({ handle: (channel, listener) => void handlers.set(channel, listener) }, ({ isStudio }) => isStudio)
  const targets: DesktopCallTargets = {
    server: { connection: () => CONNECTION },
    keys: { save: vi.fn(() => 'encrypted' as const), load: vi.fn(() => 'secret'), forget: vi.fn() },
    recents: { list: () => [{ name: 'agent', folder: '/projects/agent', openedAt: '2026-01-02T03:04:05.000Z' }], add: vi.fn() },
    pickAndOpen: vi.fn(async () => AGENT), open: vi.fn(async () => AGENT), openDemo: vi.fn(() => ({ ...AGENT, isDemo: true })),
    ...overrides,
  }
  setupDesktopCalls(handle, targets)
  const pageOf = (sender: Sender) => createBridge({ invoke: async (channel, ...args) => handlers.get(channel)!(sender, ...args), listen: () => () => {} }, 'linux')
  return { targets, studio: pageOf({ isStudio: true }), stranger: pageOf({ isStudio: false }) }
}

test('every call crosses the bridge', async () => {
  const { studio, targets } = setUp()
  expect(studio.platform).toBe('linux')
  expect(await studio.pickFolder()).toEqual(AGENT)
  expect(await studio.openRecent('/projects/agent')).toEqual(AGENT)
  expect((await studio.openDemo()).isDemo).toBe(true)
  expect(await studio.recents()).toHaveLength(1)
  expect(await studio.connection()).toEqual(CONNECTION)
  expect(await studio.saveConnection({ url: 'https://a.example', apiKey: 'k' })).toBe('encrypted')
  expect(await studio.loadKey('https://a.example')).toBe('secret')
  await studio.forgetKey('https://a.example')
  expect(targets.keys.forget).toHaveBeenCalledExactlyOnceWith('https://a.example')
})

test('a stranger is refused every call, above all the token and the keys', async () => {
  const { stranger, targets } = setUp()
  const calls = [
    stranger.pickFolder(), stranger.openRecent('/projects/agent'), stranger.openDemo(), stranger.recents(), stranger.connection(),
    stranger.saveConnection({ url: 'https://a.example', apiKey: 'k' }), stranger.loadKey('https://a.example'), stranger.forgetKey('https://a.example'),
  ]
  for (const call of calls) await expect(call).rejects.toThrow('Untrusted sender')
  expect(targets.open).not.toHaveBeenCalled()
  expect(targets.keys.load).not.toHaveBeenCalled()
})

test('the page cannot open a folder that no person has opened before', async () => {
  const { studio, targets } = setUp()
  expect(await studio.openRecent('/etc')).toBeNull()
  expect(targets.open).not.toHaveBeenCalled()
})

test('what is not text is refused', async () => {
  const { studio } = setUp()
  await expect(studio.loadKey({} as string)).rejects.toThrow('text')
  await expect(studio.saveConnection({ url: 'https://a.example', apiKey: 7 as unknown as string })).rejects.toThrow('text')
})
