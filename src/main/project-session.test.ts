import { expect, test } from 'vitest'
import type { ServerState } from '../preload/ipc-contract.ts'
import { createProjectSession } from './project-session.ts'
import { createServerProcess, RESTART_AFTER_MS } from './server-process.ts'
import { createFakeClock, createFakeLaunches } from './testing/fake-server-child.ts'
import { createMemoryFile } from './testing/memory-file.ts'

const DEMO = { name: 'demo', folder: '/app/demo', configPath: '/app/demo/langgraph.json', isDemo: true }
const AGENT = { name: 'agent', folder: '/projects/agent', configPath: '/projects/agent/langgraph.json', isDemo: false }

function setUp(port: unknown = null) {
  const { launch, latest, children } = createFakeLaunches()
  const clock = createFakeClock()
  const shown: string[] = []
  const notices: ServerState['status'][] = []
  const portFile = createMemoryFile(port)
  const session = createProjectSession({
    demo: DEMO, demoDataDir: '/data/demo', portFile,
    createServer: (onState) => createServerProcess({ launch, onState, after: clock.after }),
    show: (address) => void shown.push(address),
    notify: ({ status }) => void notices.push(status),
  })
  return { session, latest, children, clock, shown, notices, portFile, lastShown: () => decodeURIComponent(shown.at(-1) ?? '') }
}

test('the window says that it is starting, then shows the Studio', async () => {
  const { session, latest, shown, lastShown, notices } = setUp()
  session.open(AGENT)
  await expect.poll(() => shown.length).toBe(1)
  expect(lastShown()).toContain('Starting agent…')
  latest().becomeReady(4100)
  expect(shown.at(-1)).toBe('http://127.0.0.1:4100/studio/')
  expect(notices).toEqual(['starting', 'running'])
})

test('the address never holds the token', async () => {
  const { session, latest, children, shown } = setUp()
  session.open(AGENT)
  await expect.poll(() => children.length).toBe(1)
  latest().becomeReady(4100)
  expect(shown.join()).not.toContain(latest().launch.token)
})

test('the demo keeps its data with the app\'s own, a project in its folder', async () => {
  const { session, latest, children } = setUp()
  session.open(DEMO)
  await expect.poll(() => children.length).toBe(1)
  expect(latest().launch.args.join(' ')).toContain('--data-dir /data/demo')
  latest().becomeReady(4100)
  session.open(AGENT)
  latest().exit(0)
  await expect.poll(() => children.length).toBe(2)
  expect(latest().launch.args.join(' ')).not.toContain('--data-dir')
})

test('the port is remembered, so that the Studio finds its preferences again', async () => {
  const { session, latest, children, portFile } = setUp(4100)
  session.open(AGENT)
  await expect.poll(() => children.length).toBe(1)
  expect(latest().launch.args.join(' ')).toContain('--port 4100')
  latest().becomeReady(4100)
  expect(portFile.read()).toBe(4100)
})

test.each([['4100'], [-1], [70_000], [{}]])('a port that is none is not used: %j', async (port) => {
  const { session, latest, children } = setUp(port)
  session.open(AGENT)
  await expect.poll(() => children.length).toBe(1)
  expect(latest().launch.args.join(' ')).toContain('--port 0')
})

test('a Studio that is open stays open while its server restarts on the same port', async () => {
  const { session, latest, children, clock, shown, notices } = setUp()
  session.open(AGENT)
  await expect.poll(() => children.length).toBe(1)
  latest().becomeReady(4100)
  latest().exit(1)
  clock.advance(RESTART_AFTER_MS[0]!)
  latest().becomeReady(4100)
  expect(shown).toHaveLength(2)
  expect(notices).toEqual(['starting', 'running', 'restarting', 'running'])
})

test('it moves on when the server had to take another port', async () => {
  const { session, latest, children, clock, shown } = setUp()
  session.open(AGENT)
  await expect.poll(() => children.length).toBe(1)
  latest().becomeReady(4100)
  latest().exit(1)
  clock.advance(RESTART_AFTER_MS[0]!)
  latest().exit(1)
  latest().becomeReady(4200)
  expect(shown.at(-1)).toBe('http://127.0.0.1:4200/studio/')
})

test('a project that cannot be served says why, as text', async () => {
  const { session, latest, children, lastShown } = setUp()
  session.open(AGENT)
  await expect.poll(() => children.length).toBe(1)
  latest().complain('No graphs are named. <script>alert(1)</script>')
  latest().exit(1)
  expect(lastShown()).toContain('agent could not be served')
  expect(lastShown()).toContain('No graphs are named. &#60;script&#62;')
  expect(lastShown()).not.toContain('<script>')
})

test('a restart by hand shows the Studio afresh', async () => {
  const { session, latest, children, shown } = setUp()
  session.open(AGENT)
  await expect.poll(() => children.length).toBe(1)
  latest().becomeReady(4100)
  session.restart()
  latest().exit(0)
  await expect.poll(() => children.length).toBe(2)
  latest().becomeReady(4100)
  expect(shown.slice(-1)).toEqual(['http://127.0.0.1:4100/studio/'])
  expect(shown).toHaveLength(4)
})

test('the Studio may call the shell while its server restarts, and is not loaded anew from a port that may be anybody\'s', async () => {
  const { session, latest, children, shown, lastShown } = setUp()
  session.open(AGENT)
  await expect.poll(() => children.length).toBe(1)
  expect(session.studioOrigin()).toBeNull()
  latest().becomeReady(4100)
  latest().exit(1)
  expect(session.studioOrigin()).toBe('http://127.0.0.1:4100')
  session.reload()
  expect(lastShown()).toContain('Starting agent…')
  expect(session.studioOrigin()).toBeNull()
  expect(shown.slice(-1)).not.toContain('4100')
})

test('a running Studio is loaded anew', async () => {
  const { session, latest, children, shown } = setUp()
  session.open(AGENT)
  await expect.poll(() => children.length).toBe(1)
  latest().becomeReady(4100)
  session.reload()
  expect(shown.slice(-2)).toEqual(['http://127.0.0.1:4100/studio/', 'http://127.0.0.1:4100/studio/'])
})
