import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { APP_DIR, createProject, FIXTURES, sayingGraph, startHarness, writeFiles } from './testing/harness.ts'
import type { NodeRuntimeOptions } from './node-runtime.ts'

const open = async (graphs: Record<string, string>, options: Partial<NodeRuntimeOptions> = {}) => {
  const harness = await startHarness(graphs, options)
  onTestFinished(() => harness.runtime.stop(0))
  return harness
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

it('a run is lost when its worker dies, and its next attempt goes on from the last checkpoint', async () => {
  const harness = await open({ crashing: './flow.ts:crashing' })
  const job = { thread_id: 'crash', run_id: '33333333-3333-4333-8333-333333333333', durability: 'sync' as const }
  const first = await harness.run('crashing', job)
  expect(first.outcome).toEqual({ status: 'lost', error: { error: 'WorkerLostError', message: 'The worker process ended with exit code 3.' }, blame: 'own' })
  await vi.waitFor(() => expect(harness.runtime.hasRoom()).toBe(true), { timeout: 10_000 })
  expect(harness.runtime.status()).toMatchObject({ state: 'ready', error: null })
  const second = await harness.run('crashing', { ...job, attempt: 2 })
  expect(second.outcome).toEqual({ status: 'success' })
  expect(second.named('values').at(-1)).toEqual({ count: 1, lines: ['one', 'survived'] })
})

const PROJECT = resolve(import.meta.dirname, '../testing/project')

it.each([
  ['abort', 'The worker process was ended by SIGABRT.'],
  ['kill', 'The worker process was ended by SIGKILL.'],
  // Node ends a process that nothing holds: on a busy machine its end is noticed first.
  ['close the pipe', expect.stringMatching(/descriptor 3\) broke: the worker closed its end\.$|^The worker process ended with exit code 0\.$/)],
  ['write to the pipe', expect.stringContaining('(file descriptor 3) broke: what came over it was not the worker\'s')],
  ['buffers', expect.stringContaining('ran out of memory: the limit is 300 MB')],
])('a graph that does "%s" is told so, and the worker is replaced', { timeout: 20_000 }, async (how, message) => {
  const harness = await open({ hostile: './hostile.ts:hostile' }, { projectDir: PROJECT, maxWorkerMemoryMb: 300 })
  expect((await harness.run('hostile', { input: { how } })).outcome).toEqual({ status: 'lost', error: { error: expect.any(String), message }, blame: 'own' })
  await vi.waitFor(() => expect(harness.runtime.hasRoom()).toBe(true), { timeout: 10_000 })
  expect((await harness.run('hostile', { input: { how: 'keep a timer' } })).outcome).toEqual({ status: 'success' })
})

it('who asks for a graph while its worker is replaced waits for the next one', async () => {
  const harness = await open({ innocent: './hostile.ts:innocent' }, { projectDir: PROJECT })
  process.kill(harness.runtime.status().pid!, 'SIGKILL')
  await vi.waitFor(() => expect(harness.runtime.hasRoom()).toBe(false), { timeout: 5000 })
  expect(await harness.runtime.drawGraph('innocent', { xray: false, config: null })).toHaveProperty('nodes')
})

it('an error that nobody catches ends the run it belongs to, and the worker goes on', async () => {
  const harness = await open({ hostile: './hostile.ts:hostile', innocent: './hostile.ts:innocent' }, { projectDir: PROJECT })
  const { pid } = harness.runtime.status()
  const beside = harness.run('innocent')
  const failed = { status: 'error', error: { error: 'RangeError', message: 'thrown by a timer', stack: expect.any(String) } }
  expect((await harness.run('hostile', { input: { how: 'throw later' } })).outcome).toEqual(failed)
  expect((await harness.run('hostile', { input: { how: 'throw after the run' } })).outcome).toEqual({ status: 'success' })
  await vi.waitFor(() => expect(harness.services.lines.some(({ text }) => text.includes('thrown too late'))).toBe(true), { timeout: 5000 })
  expect((await beside).outcome).toEqual({ status: 'success' })
  expect((await harness.run('innocent')).outcome).toEqual({ status: 'success' })
  expect(harness.runtime.status().pid).toBe(pid)
})

it('a worker that dies at start is tried again, ever more slowly, and then no more', async () => {
  const projectDir = await createProject({ 'graph.ts': `${sayingGraph('never')}\nprocess.exit(7)\n` })
  const harness = await open({ graph: './graph.ts:graph' }, { projectDir, reload: true })
  expect(harness.runtime.status()).toMatchObject({ state: 'failed', error: { message: 'The worker process ended with exit code 7.' } })
  expect(harness.runtime.hasRoom()).toBe(false)
  await expect(harness.runtime.schemas('graph')).rejects.toMatchObject({ code: 'worker_unavailable', message: expect.stringContaining('exit code 7') })
  expect((await harness.run('graph')).outcome).toMatchObject({ status: 'lost' })
  const deaths = () => harness.logged.filter(({ msg }) => String(msg).includes('exit code 7'))
  await vi.waitFor(() => expect(harness.logged.some(({ msg }) => String(msg).includes('not tried again'))).toBe(true), { timeout: 20_000 })
  expect(deaths()).toHaveLength(5)

  await writeFiles(projectDir, { 'graph.ts': sayingGraph('at last') })
  await vi.waitFor(() => expect(harness.runtime.status()).toMatchObject({ state: 'ready', error: null }), { timeout: 10_000 })
  expect((await harness.run('graph')).named('values').at(-1)).toEqual({ text: 'at last' })
})

it('a worker whose code was broken meanwhile takes nobody\'s place', { timeout: 30_000 }, async () => {
  const projectDir = await createProject({ 'graph.ts': sayingGraph('well') })
  const harness = await open({ graph: './graph.ts:graph' }, { projectDir })
  await writeFiles(projectDir, { 'graph.ts': 'export const graph = (' })
  process.kill(harness.runtime.status().pid!, 'SIGKILL')
  await vi.waitFor(() => expect(harness.runtime.status().error?.message).toContain('the code of "graph" is broken now'), { timeout: 10_000 })
  expect(harness.runtime.hasRoom()).toBe(false)
  await writeFiles(projectDir, { 'graph.ts': sayingGraph('mended') })
  await vi.waitFor(() => expect(harness.runtime.hasRoom()).toBe(true), { timeout: 10_000 })
  expect((await harness.run('graph')).named('values').at(-1)).toEqual({ text: 'mended' })
})

it('each worker shows the debugger at a port of its own, also the one that takes the place of another', { timeout: 30_000 }, async () => {
  const first = await freePorts()
  const harness = await open({ steps: './flow.ts:steps' }, { workers: 2, inspectPort: first })
  const inspected = (port: number) => fetch(`http://127.0.0.1:${port}/json/version`).then((response) => response.ok, () => false)
  await vi.waitFor(async () => expect([await inspected(first), await inspected(first + 1)]).toEqual([true, true]), { timeout: 10_000 })
  process.kill(harness.runtime.status().pid!, 'SIGKILL')
  await vi.waitFor(async () => expect(await inspected(first)).toBe(false), { timeout: 10_000 })
  await vi.waitFor(async () => expect(await inspected(first)).toBe(true), { timeout: 10_000 })
})

/** The first of two free ports side by side. */
async function freePorts(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const next = createServer().listen(port + 1, '127.0.0.1')
  const isFree = await once(next, 'listening').then(() => true, () => false)
  next.close()
  server.close()
  return isFree ? port : freePorts()
}

it('a process that can not be started says so', async () => {
  const harness = await open({ graph: './flow.ts:steps' }, { nodePath: '/no/such/node' })
  expect(harness.runtime.status()).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('could not be started') } })
})

it('room is what the workers have left, and is announced when it comes back', async () => {
  const harness = await open({ waiting: './flow.ts:waiting', steps: './flow.ts:steps' }, { workers: 2, jobsPerWorker: 1 })
  const controller = new AbortController()
  const begin = () => {
    const begun = Promise.withResolvers<void>()
    const run = harness.run('waiting', { stream_mode: ['custom'] }, { signal: controller.signal, onEvent: () => begun.resolve() })
    return begun.promise.then(() => ({ run }))
  }
  const first = await begin()
  await vi.waitFor(() => expect(harness.runtime.hasRoom()).toBe(true), { timeout: 10_000 })
  const second = await begin()
  expect(harness.runtime.hasRoom()).toBe(false)
  const room = new Promise<void>((resolve) => harness.runtime.onRoom(resolve))
  controller.abort('interrupt')
  await room
  expect(harness.runtime.hasRoom()).toBe(true)
  expect([(await first.run).outcome, (await second.run).outcome]).toEqual([{ status: 'cancelled' }, { status: 'cancelled' }])
})

it('a run that blocks its worker is given up when it is cancelled, and the worker replaced', async () => {
  const harness = await open({ blocking: './flow.ts:blocking', steps: './flow.ts:steps' }, { patienceMs: 300 })
  const { pid } = harness.runtime.status()
  const controller = new AbortController()
  const result = await harness.run('blocking', { stream_mode: ['custom'] }, { signal: controller.signal, onEvent: () => setTimeout(() => controller.abort('interrupt'), 1000) })
  expect(result.outcome).toEqual({ status: 'cancelled' })
  await vi.waitFor(() => expect(isAlive(pid!)).toBe(false), { timeout: 10_000 })
  await vi.waitFor(() => expect(harness.runtime.hasRoom()).toBe(true), { timeout: 10_000 })
  expect((await harness.run('steps')).outcome).toEqual({ status: 'success' })
})

it('stopping waits for runs, then ends them', async () => {
  const harness = await open({ waiting: './flow.ts:waiting', remembering: './flow.ts:remembering' })
  const { pid } = harness.runtime.status()
  const begun = Promise.withResolvers<void>()
  const run = harness.run('waiting', { stream_mode: ['custom'] }, { onEvent: () => begun.resolve() })
  const short = harness.run('remembering')
  await begun.promise
  await harness.runtime.stop(200)
  expect((await short).outcome).toEqual({ status: 'success' })
  expect((await run).outcome).toMatchObject({ status: 'lost' })
  expect(isAlive(pid!)).toBe(false)
  expect(harness.runtime.status().state).toBe('stopped')
  expect(harness.runtime.hasRoom()).toBe(false)
})

it.each(['waiting', 'blocking'])('workers die with a server that is killed, though their graph is %s', async (graphId) => {
  const script = `
    import { startHarness } from ${JSON.stringify(join(import.meta.dirname, 'testing/harness.ts'))}
    const harness = await startHarness({ graph: './flow.ts:${graphId}' })
    await harness.run('graph', { stream_mode: ['custom'] }, { onEvent: () => setTimeout(() => console.log(harness.runtime.status().pid), 100) })
  `
  const server = spawn(process.execPath, ['--input-type=module-typescript', '--import', 'data:text/javascript,import { registerHooks } from "node:module"; registerHooks({ resolve: (s, c, n) => s === "vitest" ? { url: "data:text/javascript,export const onTestFinished = () => undefined", shortCircuit: true } : n(s, c) })', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'], cwd: APP_DIR })
  const [line] = await once(server.stdout, 'data') as [Buffer]
  const pid = Number(String(line))
  expect(isAlive(pid)).toBe(true)
  server.kill('SIGKILL')
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 })
})

it('the project is the working directory, and its environment is what was given', async () => {
  const projectDir = await createProject({ 'graph.ts': sayingGraph('x').replace('"x"', '[process.cwd(), process.env.WORD, process.env.SUPERSTEP_FD].join(" ")') })
  const harness = await open({ graph: './graph.ts:graph' }, { projectDir, env: { PATH: process.env['PATH']!, WORD: 'from .env' } })
  expect((await harness.run('graph')).named('values').at(-1)).toEqual({ text: `${projectDir} from .env ` })
  expect(FIXTURES).toContain('fixtures')
})
