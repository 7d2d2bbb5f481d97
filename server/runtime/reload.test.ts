import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { RuntimeStatus } from '../engine/graph-worker.ts'
import { createProject, sayingGraph, startHarness, writeFiles, type Harness } from './testing/harness.ts'
import type { NodeRuntimeOptions } from './node-runtime.ts'

const open = async (files: Record<string, string>, graphs: Record<string, string>, options: Partial<NodeRuntimeOptions> = {}) => {
  const projectDir = await createProject(files)
  const harness = await startHarness(graphs, { projectDir, reload: true, ...options })
  onTestFinished(() => harness.runtime.stop(0))
  return { harness, projectDir, save: (changed: Record<string, string>) => writeFiles(projectDir, changed) }
}

/** Resolves with the first status that is as wanted. */
const until = (harness: Harness, isWanted: (status: RuntimeStatus) => boolean) => new Promise<RuntimeStatus>((resolve) => {
  const end = harness.runtime.onStatus((status) => {
    if (!isWanted(status)) return
    end()
    resolve(status)
  })
})

const say = async (harness: Harness, graphId = 'graph') => ((await harness.run(graphId)).named('values').at(-1) as { text: string }).text

describe('saving a file', () => {
  it('brings in good code, refuses bad code with its place, and takes it once it is mended', async () => {
    const { harness, projectDir, save } = await open({ 'graph.ts': `import { text } from './text'\n${sayingGraph('x').replace('"x"', 'text')}`, 'text.ts': `export const text = 'one'\n` }, { graph: './graph.ts:graph' })
    expect(await say(harness)).toBe('one')

    let next = until(harness, ({ generation }) => generation === 2)
    await save({ 'text.ts': `export const text = 'two'\n` })
    expect(await next).toMatchObject({ state: 'ready', error: null })
    expect(await say(harness)).toBe('two')

    next = until(harness, ({ error }) => error !== null)
    await save({ 'text.ts': `export const text = 'three\n` })
    expect(await next).toMatchObject({ state: 'ready', generation: 2, error: { file: join(projectDir, 'text.ts'), line: 1, message: 'Unterminated string literal' }, graphs: [{ error: null }] })
    expect(await say(harness)).toBe('two')

    next = until(harness, ({ error, state }) => error === null && state === 'ready')
    await save({ 'text.ts': `export const text = 'four'\n` })
    expect(await next).toMatchObject({ error: null })
    expect(await say(harness)).toBe('four')
    expect(harness.logged).toContainEqual(expect.objectContaining({ level: 'warn', line: 1 }))
  })

  it('waits for a file that is missing', async () => {
    const { harness, save } = await open({ 'graph.ts': `import { text } from './text.js'\n${sayingGraph('x').replace('"x"', 'text')}` }, { graph: './graph.ts:graph' })
    expect(harness.runtime.status()).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('./text.js') } })
    const ready = until(harness, ({ state }) => state === 'ready')
    await save({ 'text.ts': `export const text = 'there'\n` })
    await ready
    expect(await say(harness)).toBe('there')
  })

  it('lets the runs of the old code end, and the old process with them', async () => {
    const waiting = `import { setTimeout } from 'node:timers/promises'
import { Annotation, interrupt, START, StateGraph } from '@langchain/langgraph'
export const graph = new StateGraph(Annotation.Root({ text: Annotation<string> })).addNode('say', async (_state, config) => {
  config.writer!('begun')
  while (!(await config.store!.get(['gate'], 'open'))) await setTimeout(5)
  return { text: 'old' }
}).addEdge(START, 'say').compile()
`
    const { harness, save } = await open({ 'graph.ts': waiting }, { graph: './graph.ts:graph' })
    const { pid } = harness.runtime.status()
    const begun = Promise.withResolvers<void>()
    const oldRun = harness.run('graph', { stream_mode: ['custom', 'values'] }, { onEvent: ({ event }) => event === 'custom' && begun.resolve() })
    await begun.promise

    const next = until(harness, ({ generation }) => generation === 2)
    await save({ 'graph.ts': sayingGraph('new') })
    await next
    expect(await say(harness)).toBe('new')
    await harness.services.store([{ op: 'put', args: { namespace: ['gate'], key: 'open', value: {} } }])
    const { outcome, named } = await oldRun
    expect(outcome).toEqual({ status: 'success' })
    expect(named('values').at(-1)).toEqual({ text: 'old' })
    await vi.waitFor(() => expect(() => process.kill(pid!, 0)).toThrow('ESRCH'), { timeout: 5000 })
  })

  it('takes over though a graph fails that failed before, but not when one fails that worked', async () => {
    const { harness, save } = await open({ 'good.ts': sayingGraph('one'), 'bad.ts': 'export const graph = =\n' }, { good: './good.ts:graph', bad: './bad.ts:graph' })
    expect(harness.runtime.status()).toMatchObject({ state: 'ready', error: { line: 1 } })
    let next = until(harness, ({ generation }) => generation === 2)
    await save({ 'good.ts': sayingGraph('two') })
    expect(await next).toMatchObject({ state: 'ready', error: { line: 1 } })
    expect(await say(harness, 'good')).toBe('two')

    next = until(harness, ({ error }) => error?.message.includes('has no export') === true)
    await save({ 'good.ts': 'export const other = 1\n' })
    expect(await next).toMatchObject({ generation: 2, state: 'ready' })
    expect(await say(harness, 'good')).toBe('two')
  })

  it('of the configuration reads it again', async () => {
    const { projectDir, harness, save } = await open({ 'one.ts': sayingGraph('one'), 'two.ts': sayingGraph('two'), 'langgraph.json': '1' }, { graph: './one.ts:graph' })
    await harness.runtime.stop(0)
    const second = await startHarness({ graph: './one.ts:graph' }, {
      projectDir, reload: true, configFiles: [join(projectDir, 'langgraph.json')],
      readConfig: () => Promise.resolve({ graphs: { graph: { path: './two.ts:graph', description: 'now two' } }, env: process.env as Record<string, string> }),
    })
    onTestFinished(() => second.runtime.stop(0))
    const next = until(second, ({ generation }) => generation === 2)
    await save({ 'langgraph.json': '2' })
    expect((await next).graphs).toMatchObject([{ path: './two.ts:graph', description: 'now two' }])
    expect(await say(second)).toBe('two')
  })

  it('goes on after a file was deleted and came back', async () => {
    const { harness, projectDir, save } = await open({ 'graph.ts': sayingGraph('one') }, { graph: './graph.ts:graph' })
    let next = until(harness, ({ error }) => error !== null)
    await rm(join(projectDir, 'graph.ts'))
    expect((await next).error!.message).toContain('does not exist')
    expect(await say(harness)).toBe('one')
    next = until(harness, ({ generation, error }) => generation > 1 && error === null)
    await save({ 'graph.ts': sayingGraph('back') })
    await next
    expect(await say(harness)).toBe('back')
  })
})
