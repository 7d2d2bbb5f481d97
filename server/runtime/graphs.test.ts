import { cp, mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { APP_DIR, createProject, FIXTURES, sayingGraph, startHarness, type Harness } from './testing/harness.ts'

const textOf = async (harness: Harness, graphId: string, job = {}) => {
  const result = await harness.run(graphId, job)
  expect(result.outcome).toEqual({ status: 'success' })
  return (result.named('values').at(-1) as { text: string }).text
}

/** Starts a runtime on a project, for one test. */
const open = async (projectDir: string, graphs: Record<string, string>) => {
  const harness = await startHarness(graphs, { projectDir })
  onTestFinished(() => harness.runtime.stop(0))
  return harness
}

const errorOf = (harness: Harness, graphId: string) => harness.runtime.status().graphs.find(({ graph_id }) => graph_id === graphId)!.error

describe('a project', () => {
  let harness: Harness
  beforeAll(async () => {
    harness = await startHarness({
      builder: './kinds.ts:builder', factory: './kinds.ts:factory', agentLike: './kinds.ts:agentLike', place: './kinds.ts', plain: './plain.js:graph', common: './common.cjs:graph', subgraph: './subgraph.ts:graph',
      zod: './schemas.ts:zod', zod3: './schemas.ts:zod3', stateSchema: './schemas.ts:stateSchema', annotation: './schemas.ts:annotation', functional: './functional.ts:workflow',
    })
  })
  afterAll(() => harness.runtime.stop(0))

  it('may export a builder, a factory, an agent, a default, from TypeScript or JavaScript', async () => {
    expect(harness.runtime.status()).toMatchObject({ state: 'ready', error: null, generation: 1, node_version: process.versions.node, langgraph_version: expect.stringMatching(/^\d+\.\d+\.\d+/) })
    expect(await textOf(harness, 'builder')).toBe('good day')
    expect(await textOf(harness, 'agentLike')).toBe('good day')
    expect(await textOf(harness, 'factory', { config: { configurable: { word: 'made' }, metadata: {} } })).toBe('made')
    expect(await textOf(harness, 'plain')).toBe('plain')
  })

  it('may be CommonJS, with the same classes', async () => {
    const result = await harness.run('common')
    expect(result.named('values').at(-1)).toEqual({ text: 'common.cjs', same: 'true' })
  })

  it('knows the place of its sources', async () => {
    const file = join(FIXTURES, 'kinds.ts')
    expect(await textOf(harness, 'place')).toBe(`${pathToFileURL(file).href} ${FIXTURES} ${file}`)
  })

  it('is drawn, with the inside of subgraphs on request', async () => {
    const drawn = await harness.runtime.drawGraph('subgraph', { xray: false, config: null })
    expect(drawn.nodes.map(({ id }) => id)).toEqual(['__start__', 'first', 'nested', '__end__'])
    expect(drawn.edges).toContainEqual({ source: 'first', target: 'nested', conditional: false })
    const xray = await harness.runtime.drawGraph('subgraph', { xray: true, config: null })
    expect(xray.nodes.map(({ id }) => id)).toContain('nested:deep')
    await expect(harness.runtime.drawGraph('nothing', { xray: false, config: null })).rejects.toMatchObject({ code: 'graph_load_failed', message: 'There is no graph "nothing" in this project.' })
  })

  it('tells its subgraphs', async () => {
    const subgraphs = await harness.runtime.subgraphs('subgraph', { namespace: null, recurse: true })
    expect(Object.keys(subgraphs)).toEqual(['nested'])
    expect(subgraphs['nested']).toMatchObject({ state_schema: { properties: { path: {} } } })
    expect(await harness.runtime.subgraphs('subgraph', { namespace: 'other', recurse: false })).toEqual({})
  })

  it.each(['zod', 'zod3', 'stateSchema', 'annotation'])('tells the schemas of a %s graph', async (graphId) => {
    const schemas = await harness.runtime.schemas(graphId)
    for (const name of ['input_schema', 'state_schema', 'output_schema'] as const) {
      expect(schemas[name], name).toMatchObject({ type: 'object', properties: { messages: { type: 'array', langgraph_type: 'messages', items: { type: 'object', properties: { content: {}, type: {} } } }, topic: { type: 'string' } } })
    }
    if (graphId === 'zod') {
      expect(schemas.context_schema).toMatchObject({ properties: { model: { type: 'string', default: 'small' } } })
      expect(schemas.state_schema).toMatchObject({ properties: { topic: { description: 'What to talk about' } } })
    } else expect(schemas.context_schema).toBe(null)
  })

  it('tells what a function that is a graph takes, and no more than its type does', async () => {
    expect(await harness.runtime.schemas('functional')).toEqual({ input_schema: { $schema: expect.any(String), type: 'object', properties: { n: { type: 'number' } }, required: ['n'] }, output_schema: null, state_schema: null, config_schema: null, context_schema: null })
  })
})

describe('a graph that fails to load', () => {
  const files = {
    'good.ts': sayingGraph('fine'),
    'syntax.ts': 'export const a = 1\nexport const graph = = 2\n',
    'throws.ts': `const reason: string = 'no key'\n\nexport const graph = fail()\n\nfunction fail(): never {\n  throw new RangeError(reason)\n}\n`,
    'other.ts': 'export const one = 1\nexport const two = 2\n',
    'number.ts': 'export const graph = 42\n',
    'package.ts': `import { nothing } from 'no-such-package'\nexport const graph = nothing\n`,
    'relative.ts': `import { nothing } from './nothing.ts'\nexport const graph = nothing\n`,
    'agent.py': 'graph = None\n',
  }
  const graphs = Object.fromEntries(['good', 'syntax', 'throws', 'other', 'number', 'package', 'relative'].map((name) => [name, `./${name}.ts:graph`]))

  it('says where and why, and leaves the others alone', async () => {
    const projectDir = await createProject(files)
    const harness = await open(projectDir, { ...graphs, python: './agent.py:graph', missing: './missing.ts:graph' })
    expect(harness.runtime.status().state).toBe('ready')
    expect(await textOf(harness, 'good')).toBe('fine')
    expect(errorOf(harness, 'good')).toBe(null)
    expect(errorOf(harness, 'syntax')).toEqual({ message: 'Unexpected "="', file: join(projectDir, 'syntax.ts'), line: 2, column: 22 })
    expect(errorOf(harness, 'throws')).toMatchObject({ message: 'RangeError: no key', file: join(projectDir, 'throws.ts'), line: 6, column: 9, stack: expect.stringContaining('throws.ts:3') })
    expect(errorOf(harness, 'other')).toEqual({ message: `Graph "other": ${join(projectDir, 'other.ts')} has no export 'graph'; it exports: one, two.`, file: join(projectDir, 'other.ts') })
    expect(errorOf(harness, 'number')!.message).toContain("export 'graph' of")
    expect(errorOf(harness, 'package')).toEqual({ message: `Cannot find package 'no-such-package' imported from ${join(projectDir, 'package.ts')}; run npm install in ${projectDir}.`, file: join(projectDir, 'package.ts'), line: 1, column: 25 })
    expect(errorOf(harness, 'relative')).toMatchObject({ message: expect.stringContaining('./nothing.ts'), line: 1 })
    expect(errorOf(harness, 'python')!.message).toContain('Python graphs run by connecting to their own server')
    expect(errorOf(harness, 'missing')!.message).toContain('does not exist')
    expect((await harness.run('syntax')).outcome).toEqual({ status: 'error', error: expect.objectContaining({ error: 'GraphLoadError', message: 'Unexpected "="' }) })
  })

  it('fails the runtime when there is no other', async () => {
    const harness = await open(await createProject({ 'syntax.ts': 'export default = ' }), { only: './syntax.ts' })
    expect(harness.runtime.status()).toMatchObject({ state: 'failed', error: { line: 1 } })
    await expect(harness.runtime.schemas('only')).rejects.toMatchObject({ code: 'graph_load_failed' })
  })
})

describe('a project of its own shape', () => {
  it('may use tsconfig paths, decorators, JSON, require and a workspace', async () => {
    const projectDir = await createProject({
      'tsconfig.json': JSON.stringify({ compilerOptions: { baseUrl: '.', paths: { '@app/*': ['./src/app/*'] }, experimentalDecorators: true } }),
      'src/app/word.ts': 'export enum Word { Hello = "hello" }\n',
      'src/data.json': '{ "number": 7 }',
      'packages/shared/package.json': '{ "name": "@mono/shared", "type": "module", "exports": "./index.ts" }',
      'packages/shared/index.ts': 'export const shared: string = "shared"\n',
      'src/graph.cts': `import { Annotation, START, StateGraph } from '@langchain/langgraph'
const { sep } = require('node:path') as typeof import('node:path')
export const graph = new StateGraph(Annotation.Root({ text: Annotation<string> })).addNode('say', () => ({ text: sep })).addEdge(START, 'say').compile()
`,
      'src/graph.ts': `import { createRequire } from 'node:module'
import { Annotation, START, StateGraph } from '@langchain/langgraph'
import { Word } from '@app/word'
import { shared } from '@mono/shared'
import data from './data.json'
const require = createRequire(import.meta.url)
const seen: string[] = []
function note(_target: unknown, key: string) { seen.push(key) }
class Noted { @note method() {} }
export const graph = new StateGraph(Annotation.Root({ text: Annotation<string> }))
  .addNode('say', () => ({ text: [Word.Hello, shared, data.number, seen, require('./data.json').number, Noted.name].join(' ') })).addEdge(START, 'say').compile()
`,
    })
    await mkdir(join(projectDir, 'node_modules/@mono'), { recursive: true })
    await symlink(join(projectDir, 'packages/shared'), join(projectDir, 'node_modules/@mono/shared'))
    const harness = await open(projectDir, { graph: './src/graph.ts:graph', common: './src/graph.cts:graph' })
    expect(harness.runtime.status().error).toBe(null)
    expect(await textOf(harness, 'graph')).toBe('hello shared 7 method 7 Noted')
    expect(await textOf(harness, 'common')).toBe('/')
  })

  it('gets its own copy of LangGraph, and so does the worker', async () => {
    const projectDir = await createProject({
      'package.json': '{ "type": "module" }',
      'graph.ts': `import { Annotation, BaseCheckpointSaver, BaseStore, START, StateGraph } from '@langchain/langgraph'
import { BaseMessage, HumanMessage } from '@langchain/core/messages'
import { helper } from 'old-helper'
export const graph = new StateGraph(Annotation.Root({ text: Annotation<string>, messages: Annotation<BaseMessage[]> }))
  .addNode('make', () => ({ messages: [new HumanMessage('hi')] }))
  .addNode('say', (state, config) => ({ text: [
    import.meta.resolve('@langchain/langgraph').includes('superstep-project-'),
    config.configurable!.__pregel_checkpointer instanceof BaseCheckpointSaver,
    config.store!.store instanceof BaseStore,
    helper.BaseMessage === BaseMessage,
    state.messages[0] instanceof HumanMessage,
  ].join(' ') })).addEdge(START, 'make').addEdge('make', 'say').compile({ interruptBefore: ['say'] })
`,
      'node_modules/old-helper/package.json': '{ "name": "old-helper", "main": "index.js" }',
      'node_modules/old-helper/index.js': `exports.helper = require('@langchain/core/messages')\n`,
    })
    await cp(join(APP_DIR, 'node_modules/@langchain'), join(projectDir, 'node_modules/@langchain'), { recursive: true, dereference: true })
    for (const name of ['zod', 'zod-to-json-schema', 'uuid', 'p-queue', 'p-retry', 'eventemitter3', 'langsmith', 'mustache', 'ansi-styles', 'camelcase', 'decamelize', 'js-tiktoken', 'base64-js', '@cfworker', '@standard-schema', 'is-network-error', 'p-timeout', 'p-finally'])
      await symlink(join(APP_DIR, 'node_modules', name), join(projectDir, 'node_modules', name)).catch(() => undefined)
    const harness = await open(projectDir, { graph: './graph.ts:graph' })
    expect(harness.runtime.status().error).toBe(null)
    await harness.run('graph', { thread_id: 'own' })
    expect(await textOf(harness, 'graph', { thread_id: 'own', input: null })).toBe('true true true true true')
  })
})
