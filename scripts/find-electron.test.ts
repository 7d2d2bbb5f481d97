import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
// @ts-expect-error -- a script for plain Node, without types
import * as script from './find-electron.mjs'

const { findElectron } = script as { findElectron(place: { env: NodeJS.ProcessEnv, platform: NodeJS.Platform, folder: string }): string | null }

let folder: string
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'superstep-electron-')) })
afterEach(() => rmSync(folder, { recursive: true }))

function addProgram(place: string, name: string): string {
  mkdirSync(join(folder, place), { recursive: true })
  writeFileSync(join(folder, place, name), '')
  return join(folder, place, name)
}
const find = (env: NodeJS.ProcessEnv = {}) => findElectron({ env, platform: 'linux', folder })

test('a package without its runtime has none', () => {
  expect(find()).toBeNull()
})

test('the runtime is where the package says', () => {
  const program = addProgram('dist', 'electron')
  expect(find()).toBeNull()
  writeFileSync(join(folder, 'path.txt'), 'electron')
  expect(find()).toBe(program)
})

test('a runtime that was half removed is none', () => {
  writeFileSync(join(folder, 'path.txt'), 'electron')
  expect(find()).toBeNull()
})

test('another place may be named, and counts only when it is there', () => {
  const program = addProgram('elsewhere', 'electron')
  expect(find({ ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'elsewhere') })).toBe(program)
  expect(find({ ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'nowhere') })).toBeNull()
})
