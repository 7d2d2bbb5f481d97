import { expect, test } from 'vitest'
// @ts-expect-error -- a script for plain Node, without types
import * as script from './decide-start.mjs'

interface Start { kind: 'desktop' | 'fetch' | 'browser', reason: string | null, args: string[] }
interface Facts { hasRuntime: boolean, hasDisplay: boolean, flags: string[] }
const { decideStart, hasDisplay, serverArguments } = script as {
  decideStart(facts: Facts): Start
  hasDisplay(system: { platform: NodeJS.Platform, env: NodeJS.ProcessEnv }): boolean
  serverArguments(flags: string[], demo?: string): string[]
}

const DEMO = 'resources/demo/langgraph.json'
const decide = (facts: Partial<Facts>) => decideStart({ hasRuntime: true, hasDisplay: true, flags: [], ...facts })

test('with a runtime and a display the Studio has a window of its own', () => {
  expect(decide({ flags: ['./agent'] })).toEqual({ kind: 'desktop', reason: null, args: ['./agent'] })
})

test('asked for the browser, it is the browser', () => {
  expect(decide({ flags: ['--browser'] })).toMatchObject({ kind: 'browser', reason: expect.stringContaining('as asked'), args: ['dev', '--config', DEMO] })
})

test('without a display nothing is fetched that could not be shown', () => {
  expect(decide({ hasRuntime: false, hasDisplay: false })).toMatchObject({ kind: 'browser', reason: expect.stringContaining('no display') })
})

test('without its runtime the window may have it fetched, and otherwise says what is missing', () => {
  expect(decide({ hasRuntime: false })).toMatchObject({ kind: 'fetch', reason: expect.stringContaining('Electron') })
})

test.each([['--port', '3000'], ['--port=3000'], ['--no-browser'], ['--host', '0.0.0.0'], ['--help']])('options of the server are not lost in a window: %s', (...flags) => {
  expect(decide({ flags })).toMatchObject({ kind: 'browser', reason: expect.stringContaining('options'), args: ['dev', '--config', DEMO, ...flags] })
})

test('every reason is one line', () => {
  for (const facts of [{ flags: ['--browser'] }, { flags: ['--port=1'] }, { hasDisplay: false }, { hasRuntime: false }])
    expect(decide(facts).reason).toMatch(/^[^\n]+\.$/)
})

test.each([
  [['--browser', '--port', '3000', '--no-browser'], ['dev', '--config', DEMO, '--port', '3000', '--no-browser']],
  [['--browser', '--some-new-option'], ['dev', '--config', DEMO, '--some-new-option']],
  [['./agent', '--browser'], ['dev', '--config', './agent']],
  [['--browser', '--config', 'a.json'], ['dev', '--config', 'a.json']],
  [['--browser', '--config=a.json'], ['dev', '--config=a.json']],
  [['--browser', '-c', 'a.json'], ['dev', '-c', 'a.json']],
])('%j becomes the command line %j', (flags, args) => {
  expect(serverArguments(flags)).toEqual(args)
})

test.each([
  ['linux', {}, false],
  ['linux', { DISPLAY: ':0' }, true],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, true],
  ['linux', { DISPLAY: '' }, false],
  ['darwin', {}, true],
  ['win32', {}, true],
] as const)('%s with %j has a display: %s', (platform, env, expected) => {
  expect(hasDisplay({ platform, env })).toBe(expected)
})
