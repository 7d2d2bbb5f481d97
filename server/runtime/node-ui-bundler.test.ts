import { execFileSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { expect, onTestFinished, test } from 'vitest'
import { UI_SCRIPT, UI_STYLES, type UiBundle } from '../engine/ui-bundler.ts'
import { createNodeUiBundler, type NodeUiBundlerOptions } from './node-ui-bundler.ts'
import { createProject, writeFiles } from './testing/harness.ts'

async function start(files: Record<string, string>, change: Partial<NodeUiBundlerOptions> = {}) {
  const dir = await createProject(files)
  const warnings: string[] = []
  const bundler = createNodeUiBundler({ projectDir: dir, files: new Map([['my-ui', join(dir, 'ui.tsx')]]), shared: [], reload: true, log: ({ msg }) => void warnings.push(msg), ...change })
  onTestFinished(() => bundler.stop())
  return { dir, warnings, bundle: () => bundler.bundle('my-ui'), write: (changed: Record<string, string>) => writeFiles(dir, changed) }
}

const jsx = { jsx: (type: unknown, props: object) => ({ type, props }), jsxs: (type: unknown, props: object) => ({ type, props }), Fragment: 'fragment' }
const REACT = { 'react': { useState: (value: unknown) => [value], default: 'React itself' }, 'react/jsx-runtime': jsx }

/** Loads a bundle as a page does, with what the page provides, and renders one of its components, as often as told. */
function show(bundle: UiBundle, name: string, provided: Record<string, unknown> = REACT, times = 1): { component: (props: object) => unknown, places: unknown[] } {
  const places: unknown[] = []
  let component: ((props: object) => unknown) | null = null
  const shadowRoot = { appendChild: (element: unknown) => element }
  const page = createContext({
    document: { getElementById: (id: string) => id === 'root' ? { shadowRoot } : null, createElement: (tag: string) => ({ tag }) },
    [Symbol.for('LGUI_REQUIRE')]: (module: string) => {
      if (!(module in provided)) throw new Error(`Unknown module: ${module}`)
      return provided[module]
    },
    [Symbol.for('LGUI_EXT_STORE')]: {
      respond: (id: string, given: typeof component, place: unknown) => {
        expect(id).toBe('root')
        component = given
        places.push(place)
      },
    },
  })
  for (let i = 0; i < times; i++) runInContext(`${bundle.files.get(UI_SCRIPT)!.text}\n${bundle.global}.render(${JSON.stringify(name)}, 'root')`, page)
  return { component: component!, places }
}

test('components are built with what they import, and React comes from the page', async () => {
  const { bundle } = await start({
    'ui.tsx': 'import React, { useState } from "react"\nimport { shout } from "./lib.ts"\nexport default { card: ({ city }: { city: string }) => { const [text] = useState(shout(city)); return <b title={React as never}>{text}</b> } }',
    'lib.ts': 'export const shout = (text: string) => text.toUpperCase()',
  })
  const built = await bundle()
  expect([built.global, [...built.files.keys()]]).toEqual(['__LGUI_my_ui', [UI_SCRIPT]])
  expect(built.files.get(UI_SCRIPT)!.text).toContain('globalThis[Symbol.for("LGUI_REQUIRE")]')
  const { component } = show(built, 'card')
  expect(component({ city: 'oslo' })).toEqual({ type: 'b', props: { title: 'React itself', children: 'OSLO' } })
})

test('a component that is loaded twice for one root has one place in it', async () => {
  const { bundle } = await start({ 'ui.tsx': 'export default { card: () => null }' })
  const [first, second] = show(await bundle(), 'card', REACT, 2).places
  expect(first).toEqual({ tag: 'div' })
  expect(second).toBe(first)
})

test('what the project shares comes from the page too: named and default exports, in modules and in CommonJS packages', async () => {
  const files = {
    'package.json': '{"type": "module"}',
    'ui.tsx': 'import Theme, { tone } from "@acme/theme"\nimport * as plain from "plain.js"\nimport { old } from "old"\nexport default { card: () => [Theme, tone, plain.default.a, plain.a, old] }',
    'node_modules/old/package.json': '{"name": "old", "main": "index.js"}',
    'node_modules/old/index.js': 'var theme = require("@acme/theme"); exports.old = [theme.tone, theme.default]',
  }
  const { bundle } = await start(files, { shared: ['@acme/theme', 'plain.js'] })
  const built = await bundle()
  const provided = { ...REACT, '@acme/theme': { default: 'dark', tone: 'warm' }, 'plain.js': { a: 1 } }
  const { component } = show(built, 'card', provided)
  expect(JSON.parse(JSON.stringify(component({})))).toEqual(['dark', 'warm', 1, 1, ['warm', 'dark']])
  expect(() => show(built, 'card', REACT)).toThrow('Unknown module: @acme/theme')
})

test.each(['react-jsx', 'react-jsxdev', 'preserve'])('a tsconfig that says %s changes nothing', async (setting) => {
  const { bundle } = await start({ 'tsconfig.json': JSON.stringify({ compilerOptions: { jsx: setting } }), 'ui.tsx': 'export default { card: () => <i>x</i> }' })
  const { component } = show(await bundle(), 'card')
  expect(component({})).toEqual({ type: 'i', props: { children: 'x' } })
})

test('styles of all modules become one file, pictures are inside', async () => {
  const { bundle, warnings } = await start({
    'ui.tsx': 'import "./plain.css"\nimport styles from "./card.module.css"\nexport default { card: () => styles["box"] }',
    'plain.css': 'b { background: url(./dot.png) }', 'card.module.css': '.box { color: teal }', 'dot.png': 'PNG',
  })
  const built = await bundle()
  expect(built.files.get(UI_STYLES)).toMatchObject({ type: 'text/css; charset=utf-8', text: expect.stringMatching(/url\("?data:image\/png.*color: teal/s) as string })
  const { component } = show(built, 'card')
  expect(built.files.get(UI_STYLES)!.text).toContain(`.${String(component({}))} {`)
  expect(warnings).toEqual([])
})

test('styles that Tailwind would have to build are served with a warning', async () => {
  const { bundle, warnings } = await start({ 'ui.tsx': 'import "./a.css"\nexport default {}', 'a.css': '@tailwind utilities;' })
  await Promise.all([bundle(), bundle()])
  await bundle()
  expect(warnings).toEqual([expect.stringContaining('ui.my-ui have directives of Tailwind') as string])
})

test('a name that is not in the map is an error in the page that tells which are', async () => {
  const { bundle } = await start({ 'ui.tsx': 'export default Object.assign(Object.create({ c: 1 }), { a: 1, b: 2 })' })
  const built = await bundle()
  for (const name of ['c', 'toString', '__proto__']) expect(() => show(built, name)).toThrow(`ui.my-ui has no component "${name}"; it has: a, b`)
})

test.each([
  ['ui.tsx:2:7: Expected identifier but found "}"', { 'ui.tsx': 'export default {}\n  var }' }],
  ['ui.tsx:1:8: Could not resolve "./nowhere" (and 1 more)', { 'ui.tsx': 'import "./nowhere"\nimport "./there"\nexport default {}' }],
  ['src/lib.ts:1:8: Could not resolve "fs"', { 'ui.tsx': 'import "./src/lib"\nexport default {}', 'src/lib.ts': 'import "fs"' }],
  ['ui.tsx: No matching export in "ui.tsx" for import "default" It has to export the map of its components as its default.', { 'ui.tsx': 'export const a = 1' }],
  ['ui.tsx: Could not resolve', {}],
])('what can\'t be built says why: %s', async (problem, files) => {
  const { bundle } = await start(files)
  await expect(bundle()).rejects.toMatchObject({ name: 'PlatformError', code: 'ui_build_failed', message: expect.stringContaining(`ui.my-ui of langgraph.json can't be built: ${problem}`) as string })
})

test('each question is answered by the sources as they are: changed, broken, mended, replaced by a new file', async () => {
  const { dir, bundle, write } = await start({ 'ui.tsx': 'import b from "./b"\nexport default { a: b }', 'b.js': 'export default "one"' })
  const first = await bundle()
  expect(await bundle()).toBe(first)
  await write({ 'b.js': 'export default "two"' })
  const second = await bundle()
  expect([second.files.get(UI_SCRIPT)!.text.includes('"two"'), second.files.get(UI_SCRIPT)!.hash === first.files.get(UI_SCRIPT)!.hash]).toEqual([true, false])
  await write({ 'ui.tsx': 'import b from "./b"\nexport default { a: b' })
  await expect(bundle()).rejects.toThrow('ui.tsx:2')
  await write({ 'ui.tsx': 'import b from "./b"\nexport default { c: b }', 'b.ts': 'export default "three"' })
  expect(show(await bundle(), 'c').component).toBe('three')
  expect((await bundle()).files.get(UI_SCRIPT)!.text).toContain('"three"')
  await rm(join(dir, 'ui.tsx'))
  await expect(bundle()).rejects.toThrow('Could not resolve')
})

test('who asks while others are answered gets no older sources', async () => {
  const { bundle, write } = await start({ 'ui.tsx': 'export default { a: 1 }' })
  const early = [bundle(), bundle()]
  await write({ 'ui.tsx': 'export default { b: 1 }' })
  const late = await Promise.all([bundle(), bundle(), bundle()])
  await Promise.all(early)
  expect(late.map((built) => show(built, 'b').component)).toEqual([1, 1, 1])
})

test('when esbuild\'s process ends, who asks next gets another', async () => {
  const { bundle } = await start({ 'ui.tsx': 'export default { a: 1 }' })
  const before = await bundle()
  const builder = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)]).toString().split('\n').find((line) => line.includes('esbuild'))
  process.kill(Number(builder!.trim().split(' ')[0]), 'SIGKILL')
  let refused = 0
  await expect.poll(() => bundle().catch((error: { code: string }) => {
    expect(error.code).toBe('ui_build_failed')
    refused++
  }), { timeout: 10_000 }).toMatchObject({ files: before.files })
  expect(refused).toBeGreaterThan(0)
})

test('without reload the first bundle stays, and what failed is tried again', async () => {
  const { bundle, write } = await start({ 'ui.tsx': 'export default {' }, { reload: false })
  await expect(bundle()).rejects.toThrow('ui.tsx:1')
  await write({ 'ui.tsx': 'export default { a: 1 }' })
  const built = await bundle()
  await write({ 'ui.tsx': 'export default { b: 1 }' })
  expect(await bundle()).toBe(built)
})
