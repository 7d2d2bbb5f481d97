import { expect, test } from 'vitest'
import { APP_DIR, createProject } from '../testing/harness.ts'
import { loadTypeScript } from './load-typescript.ts'

const installed = (text: string) => createProject({ 'node_modules/typescript/package.json': '{ "name": "typescript", "main": "index.js" }', 'node_modules/typescript/index.js': text })

test('a project\'s own TypeScript is used, unless it is too old, too new or broken', async () => {
  const versionFor = async (text: string) => loadTypeScript(await installed(text), APP_DIR).version
  expect(await versionFor('module.exports = { version: "5.4.0", createProgram() {} }')).toBe('5.4.0')
  expect(await versionFor('module.exports = { version: "4.9.5", createProgram() {} }')).toMatch(/^6\./)
  expect(await versionFor('module.exports = { version: "7.0.0" }')).toMatch(/^6\./)
  expect(await versionFor('throw new Error("broken")')).toMatch(/^6\./)
})

test('without any it is said what to do', async () => {
  const empty = await createProject({})
  expect(() => loadTypeScript(empty, empty)).toThrow('run npm install typescript')
})
