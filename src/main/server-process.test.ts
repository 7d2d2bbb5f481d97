import { describe, expect, test } from 'vitest'
import type { ServerState } from '../preload/ipc-contract.ts'
import { createServerProcess, GRACE_MS, READY_WITHIN_MS, RESTART_AFTER_MS, STEADY_AFTER_MS } from './server-process.ts'
import { createFakeClock, createFakeLaunches } from './testing/fake-server-child.ts'

const REQUEST = { configPath: '/projects/agent/langgraph.json', dataDir: null, port: 0 }

function setUp() {
  const launches = createFakeLaunches()
  const clock = createFakeClock()
  const states: ServerState[] = []
  const server = createServerProcess({ launch: launches.launch, after: clock.after, onState: (state) => void states.push(state) })
  return { ...launches, clock, server, states, statuses: () => states.map(({ status }) => status) }
}

/** A server that is running on port 4100. */
async function setUpRunning() {
  const setup = setUp()
  const starting = setup.server.start(REQUEST)
  setup.latest().becomeReady(4100)
  const connection = await starting
  return { ...setup, connection }
}

function option(args: readonly string[], name: string): string | undefined {
  return args.includes(name) ? args[args.indexOf(name) + 1] : undefined
}

describe('starting', () => {
  test('it runs the command line on a free port and hands back where it listens, with a 256-bit token', async () => {
    const { connection, children, server } = await setUpRunning()
    expect(children[0]!.launch.args).toEqual(['dev', '--config', REQUEST.configPath, '--no-browser', '--port', '0', '--json-ready'])
    expect(connection).toEqual({ url: 'http://127.0.0.1:4100', token: children[0]!.launch.token })
    expect(connection.token).toMatch(/^[0-9a-f]{64}$/)
    expect(server.connection()).toEqual(connection)
  })

  test('a data directory is passed on', () => {
    const { server, latest } = setUp()
    void server.start({ ...REQUEST, dataDir: '/data/demo' })
    expect(option(latest().launch.args, '--data-dir')).toBe('/data/demo')
  })

  test('there is no connection before the server is ready', () => {
    const { server, statuses } = setUp()
    void server.start(REQUEST)
    expect(server.connection()).toBeNull()
    expect(statuses()).toEqual(['starting'])
  })

  test.each([
    ['a foreign address', '{"ready":true,"url":"http://example.com:80"}'],
    ['a file', '{"ready":true,"url":"file:///etc/passwd"}'],
    ['broken JSON', '{"ready":true,'],
    ['what a graph prints', 'ready'],
  ])('the ready line is not taken from %s', (_name, line) => {
    const { server, latest } = setUp()
    void server.start(REQUEST)
    latest().print(line)
    expect(server.state().status).toBe('starting')
  })

  test('a server that ends before it was ready has failed, with its last words, and is not tried again', async () => {
    const { server, latest, children, clock } = setUp()
    const starting = server.start(REQUEST)
    latest().complain('superstep: langgraph.json → graphs: No graphs are named.')
    latest().exit(1)
    await expect(starting).rejects.toThrow('No graphs are named')
    clock.advance(60_000)
    expect(children).toHaveLength(1)
    expect(server.state()).toMatchObject({ status: 'failed', message: expect.stringContaining('No graphs') })
  })

  test('only the last lines of a talkative server are kept', async () => {
    const { server, latest } = setUp()
    const starting = server.start(REQUEST)
    for (let line = 1; line <= 50; line++) latest().complain(`line ${line}`)
    latest().exit(1)
    await expect(starting).rejects.toThrow(/^line 31\n[^]*line 50$/)
  })

  test('a server that never becomes ready is ended', async () => {
    const { server, latest, clock } = setUp()
    const starting = server.start(REQUEST)
    clock.advance(READY_WITHIN_MS)
    expect(latest().asked).toEqual(['kill'])
    latest().exit(null)
    await expect(starting).rejects.toThrow('not ready within 60 seconds')
  })

  test('when the remembered port is taken it takes any, once', async () => {
    const { server, latest, children } = setUp()
    const starting = server.start({ ...REQUEST, port: 4100 })
    latest().complain('superstep: Port 4100 on 127.0.0.1 is in use.')
    latest().exit(1)
    expect(children.map(({ launch }) => option(launch.args, '--port'))).toEqual(['4100', '0'])
    latest().exit(1)
    await expect(starting).rejects.toThrow('ended without a word')
    expect(children).toHaveLength(2)
  })
})

describe('restarting', () => {
  test('a server that crashes comes back on the same port with the same token', async () => {
    const { latest, children, clock, server, connection, statuses } = await setUpRunning()
    latest().complain('out of memory')
    latest().exit(null)
    expect(server.state()).toEqual({ status: 'restarting', attempt: 1, message: 'out of memory' })
    expect(server.connection()).toBeNull()
    clock.advance(RESTART_AFTER_MS[0]!)
    expect(option(latest().launch.args, '--port')).toBe('4100')
    latest().becomeReady(4100)
    expect(server.connection()).toEqual(connection)
    expect(children).toHaveLength(2)
    expect(statuses()).toEqual(['starting', 'running', 'restarting', 'running'])
  })

  test('it waits longer each time and gives up in the end', async () => {
    const { latest, children, clock, server } = await setUpRunning()
    for (const [crashes, delay] of RESTART_AFTER_MS.entries()) {
      latest().exit(1)
      clock.advance(delay - 1)
      expect(children).toHaveLength(crashes + 1)
      clock.advance(1)
      expect(children).toHaveLength(crashes + 2)
      latest().becomeReady(4100)
    }
    latest().exit(1)
    expect(server.state().status).toBe('failed')
    expect(clock.pending()).toBe(0)
  })

  test('a server that ran steadily has all its restarts again', async () => {
    const { latest, clock, server } = await setUpRunning()
    latest().exit(1)
    clock.advance(RESTART_AFTER_MS[0]!)
    latest().becomeReady(4100)
    clock.advance(STEADY_AFTER_MS)
    latest().exit(1)
    expect(server.state()).toMatchObject({ status: 'restarting', attempt: 1 })
  })

  test('a failed restart is followed by the next', async () => {
    const { latest, clock, server } = await setUpRunning()
    latest().exit(1)
    clock.advance(RESTART_AFTER_MS[0]!)
    latest().exit(1)
    latest().exit(1)
    expect(server.state()).toMatchObject({ status: 'restarting', attempt: 2 })
  })
})

describe('stopping', () => {
  test('it asks, waits for the end and starts nothing anew', async () => {
    const { latest, children, clock, server } = await setUpRunning()
    const stopping = server.stop()
    expect(latest().asked).toEqual(['end'])
    latest().exit(0)
    await stopping
    clock.advance(60_000)
    expect(children).toHaveLength(1)
    expect(server.state()).toEqual({ status: 'stopped' })
    expect(clock.pending()).toBe(0)
  })

  test('a server that does not listen is killed after its time of grace', async () => {
    const { latest, clock, server } = await setUpRunning()
    const stopping = server.stop()
    clock.advance(GRACE_MS)
    expect(latest().asked).toEqual(['end', 'kill'])
    latest().exit(null)
    await stopping
  })

  test('a restart that is due is called off', async () => {
    const { latest, children, clock, server } = await setUpRunning()
    latest().exit(1)
    await server.stop()
    clock.advance(60_000)
    expect(children).toHaveLength(1)
  })

  test('one that is still starting is told too, and whoever waits for it hears', async () => {
    const { server, latest } = setUp()
    const starting = server.start(REQUEST)
    const stopping = server.stop()
    latest().exit(0)
    await stopping
    await expect(starting).rejects.toThrow('stopped')
  })

  test('the next project starts only when the server before it has ended, for both may want the same data', async () => {
    const { latest, children, server } = await setUpRunning()
    const next = server.start({ ...REQUEST, configPath: '/projects/other/langgraph.json' })
    expect(children).toHaveLength(1)
    latest().exit(0)
    await Promise.resolve()
    await expect.poll(() => children.length).toBe(2)
    latest().becomeReady(4200)
    expect((await next).url).toBe('http://127.0.0.1:4200')
    expect(children[1]!.launch.token).not.toBe(children[0]!.launch.token)
  })

  test('of two projects asked for at once the last wins, and none is left running unseen', async () => {
    const { children, server } = await setUpRunning()
    const [first, second] = ['first', 'second'].map((name) => server.start({ ...REQUEST, configPath: `/${name}/langgraph.json` }))
    children[0]!.exit(0)
    await expect.poll(() => children.length).toBe(2)
    await expect.poll(() => children[1]!.asked).toEqual(['end'])
    children[1]!.exit(0)
    await expect(first).rejects.toThrow('stopped')
    await expect.poll(() => children.length).toBe(3)
    children[2]!.becomeReady(4300)
    await second
    expect(option(children[2]!.launch.args, '--config')).toBe('/second/langgraph.json')
  })
})
