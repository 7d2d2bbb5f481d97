import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { startReceiver } from '../testing/start-receiver.ts'
import { createFolder, REPOSITORY, spawnCli, startCli, type RunningCli } from './testing/start-cli.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const GRAPH = `
import { Annotation, END, interrupt, START, StateGraph } from '@langchain/langgraph'
const State = Annotation.Root({ n: Annotation<number>, log: Annotation<string[]>({ reducer: (a, b) => a.concat(b), default: () => [] }) })
export const graph = new StateGraph(State)
  .addNode('one', (state) => ({ n: state.n + 1, log: ['one'] }))
  .addNode('two', async (state) => {
    await new Promise((resolve) => setTimeout(resolve, Number(process.env.PACE_MS ?? 0)))
    return { n: state.n * 2, log: ['two'] }
  })
  .addEdge(START, 'one').addEdge('one', 'two').addEdge('two', END).compile()
`

function project(files: Record<string, string> = {}) {
  const made = createFolder({ 'langgraph.json': '{"graphs": {"agent": "./src/agent.ts:graph"}}', 'src/agent.ts': GRAPH, ...files })
  cleanups.push(made.remove)
  return made
}

async function start(folder: string, args: string[] = [], env: Record<string, string> = {}): Promise<RunningCli & { client: Client }> {
  const cli = await startCli(['--config', join(folder, 'langgraph.json'), '--port', '0', ...args], { env })
  cleanups.push(() => cli.child.exitCode === null && cli.child.signalCode === null ? cli.end('SIGKILL') : null)
  return { ...cli, client: new Client({ apiUrl: cli.url, callerOptions: { maxRetries: 0 } }) }
}

async function failure(folder: string, args: string[] = []): Promise<string> {
  const { exited, output } = spawnCli(['dev', '--no-browser', '--port', '0', '--config', join(folder, 'langgraph.json'), ...args])
  expect(await exited).toBe(1)
  expect(output()).not.toMatch(/\n\s+at /)
  return output()
}

const childrenOf = (pid: number) => execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)]).toString().trim().split(/\s+/).filter(Boolean).map(Number)
const isAlive = (pid: number) => existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')

describe('superstep dev', () => {
  test('runs a project of somebody else\'s shape: its own packages, tsconfig paths, .env', async () => {
    const { folder, link } = project({
      'langgraph.json': '{"graphs": {"agent": "./src/agent.ts:graph"}, "env": ".env", "dependencies": ["."], "unknown_key": 1, "checkpointer": {"ttl": {"strategy": "keep_latest", "default_ttl": 60, "sweep_interval_minutes": 5}}}',
      '.env': 'GREETING="hello from .env"\nFROM_SHELL=file\n',
      'tsconfig.json': '{"compilerOptions": {"baseUrl": ".", "paths": {"@lib/*": ["src/lib/*"]}, "strict": true}}',
      'package.json': '{"name": "somebody-else", "type": "module", "imports": {"#tools": "./src/lib/tools.ts"}}',
      'src/lib/greet.ts': 'export enum Tone { Warm = "warm" }\nexport const greet = (): string => `${process.env.GREETING} ${process.env.FROM_SHELL} ${Tone.Warm}`\n',
      'src/lib/tools.ts': 'import own from "own-package"\nexport const tool = () => own\n',
      'node_modules/own-package/package.json': '{"name": "own-package", "type": "module", "main": "index.js"}',
      'node_modules/own-package/index.js': 'export default "own package"\n',
      'src/agent.ts': `
        import { Annotation, END, START, StateGraph } from '@langchain/langgraph'
        import { greet } from '@lib/greet'
        import { tool } from '#tools'
        const State = Annotation.Root({ text: Annotation<string>, url: Annotation<string> })
        export const graph = new StateGraph(State).addNode('say', () => ({ text: greet() + ' ' + tool(), url: import.meta.url })).addEdge(START, 'say').addEdge('say', END).compile()
      `,
    })
    link('node_modules/@langchain', join(REPOSITORY, 'node_modules/@langchain'))
    link('node_modules/zod', join(REPOSITORY, 'node_modules/zod'))
    const { client } = await start(folder, [], { FROM_SHELL: 'shell' })
    const values = await client.runs.wait(null, 'agent', { input: {} }) as { text: string, url: string }
    const { thread_id } = await client.threads.create()
    expect(await client.threads.get(thread_id, { include: ['ttl'] })).toMatchObject({ ttl: { strategy: 'keep_latest', ttl_minutes: 60 } })
    expect(values.text).toBe('hello from .env shell warm own package')
    expect(values.url).toMatch(/src\/agent\.ts$/)
  })

  test('keeps everything it answered through kill -9, and finishes the run that was under way', async () => {
    const { folder } = project()
    const first = await start(folder, [], { PACE_MS: '60000' })
    const done = await first.client.threads.create({ metadata: { kept: true } })
    const running = await first.client.threads.create()
    const queued = await first.client.threads.create()
    const run = await first.client.runs.create(running.thread_id, 'agent', { input: { n: 1 }, streamMode: ['updates'], durability: 'sync' })
    for await (const { event } of first.client.runs.joinStream(running.thread_id, run.run_id, { lastEventId: '-1' })) if (event === 'updates') break
    const later = await first.client.runs.create(queued.thread_id, 'agent', { input: { n: 5 }, afterSeconds: 3600 })
    const worker = childrenOf(first.child.pid!)
    await first.end('SIGKILL')

    const second = await start(folder)
    expect(await second.client.threads.get(done.thread_id)).toMatchObject({ metadata: { kept: true }, status: 'idle' })
    expect(await second.client.runs.get(queued.thread_id, later.run_id)).toMatchObject({ status: 'pending' })
    await second.client.runs.join(running.thread_id, run.run_id)
    expect(await second.client.runs.get(running.thread_id, run.run_id)).toMatchObject({ status: 'success' })
    // The finished step was not done again.
    expect(await second.client.threads.get(running.thread_id)).toMatchObject({ status: 'idle', values: { n: 4, log: ['one', 'two'] } })
    await vi.waitFor(() => expect(worker.filter(isAlive)).toEqual([]))
  })

  test('tells a webhook through kill -9 what a run without a thread came to', async () => {
    const { folder } = project({ 'langgraph.json': '{"graphs": {"agent": "./src/agent.ts:graph"}, "webhooks": {"headers": {"authorization": "Bearer ${{ env.LG_WEBHOOK_TOKEN }}"}}}' })
    const receiver = await startReceiver()
    cleanups.push(receiver.stop)
    receiver.answer = () => {}
    const first = await start(folder, [], { LG_WEBHOOK_TOKEN: 's3cret' })
    const run = await first.client.runs.create(null, 'agent', { input: { n: 1 }, webhook: receiver.url })
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1), 10_000)
    await first.end('SIGKILL')
    receiver.answer = (response) => response.end()
    await start(folder, [], { LG_WEBHOOK_TOKEN: 's3cret' })
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2), 10_000)
    expect(receiver.received[1]).toMatchObject({ headers: { authorization: 'Bearer s3cret', 'webhook-id': receiver.received[0]!.headers['webhook-id'] }, body: { run_id: run.run_id, status: 'success', values: { n: 4, log: ['one', 'two'] } } })
  })

  test('shows what graphs print, as they print it', async () => {
    const { folder } = project({ 'src/agent.ts': GRAPH.replace("({ n: state.n + 1, log: ['one'] })", "{ console.log('printed in one:', state.n); return { n: state.n + 1, log: ['one'] } }") })
    const { client, output } = await start(folder)
    await client.runs.wait(null, 'agent', { input: { n: 41 } })
    await vi.waitFor(() => expect(output()).toMatch(/^printed in one: 41$/m))
  })

  test('shows components as their sources are, and ends what builds them', async () => {
    const { folder, write } = project({
      'langgraph.json': '{"graphs": {"agent": "./src/agent.ts:graph"}, "ui": {"agent": "./src/ui.tsx"}, "ui_config": {"shared": ["@acme/frames"]}}',
      'src/ui.tsx': 'import { Frame } from "@acme/frames"\nexport default { card: () => <Frame>first</Frame> }',
    })
    const { client, url, child, end } = await start(folder)
    const before = childrenOf(child.pid!)
    const html = await client['~ui'].getComponent('agent', 'card')
    expect(html).toBe(`<script src="${url}/ui/agent/entrypoint.js" onload='__LGUI_agent.render("card", "{{shadowRootId}}")'></script>`)
    const script = () => fetch(`${url}/ui/agent/entrypoint.js`).then((answer) => answer.text())
    expect(await script()).toContain('"first"')
    write('src/ui.tsx', 'export default { card: () => <b>second</b> }')
    expect(await script()).toContain('"second"')
    const builders = childrenOf(child.pid!).filter((pid) => !before.includes(pid))
    expect(builders).toHaveLength(1)
    expect(await end('SIGTERM')).toBe(0)
    await vi.waitFor(() => expect(builders.filter(isAlive)).toEqual([]))
  })

  test('stops in order in mid-run, and the run goes on at the next start where it was', async () => {
    const { folder } = project()
    const first = await start(folder, [], { PACE_MS: '60000', BG_JOB_SHUTDOWN_GRACE_PERIOD_SECS: '0' })
    const { thread_id } = await first.client.threads.create()
    const run = await first.client.runs.create(thread_id, 'agent', { input: { n: 1 }, streamMode: ['updates'], durability: 'sync' })
    for await (const { event } of first.client.runs.joinStream(thread_id, run.run_id, { lastEventId: '-1' })) if (event === 'updates') break
    expect(await first.end('SIGTERM')).toBe(0)
    const second = await start(folder)
    await second.client.runs.join(thread_id, run.run_id)
    expect(await second.client.threads.get(thread_id)).toMatchObject({ status: 'idle', values: { n: 4, log: ['one', 'two'] } })
  })

  test('stops on SIGTERM without leaving a process or a lock behind', async () => {
    const { folder } = project()
    const cli = await start(folder)
    const worker = childrenOf(cli.child.pid!)
    expect(worker.length).toBeGreaterThan(0)
    expect(await cli.end('SIGTERM')).toBe(0)
    await vi.waitFor(() => expect(worker.filter(isAlive)).toEqual([]))
    expect(existsSync(join(folder, '.superstep/server.json'))).toBe(false)
    expect(await (await start(folder)).end('SIGINT')).toBe(0)
  })

  test('refuses a second server on the same data, and says where the first one is', async () => {
    const { folder } = project()
    const { url } = await start(folder)
    expect(await failure(folder)).toContain(url)
    expect(statSync(join(folder, '.superstep')).mode & 0o077).toBe(0)
  })

  test('fails clearly on a port that was asked for and is taken', async () => {
    const { folder } = project()
    const taken = createTcpServer().listen(0, '127.0.0.1')
    cleanups.push(() => taken.close())
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as AddressInfo
    expect(await failure(folder, ['--port', String(port)])).toMatch(`Port ${port} on 127.0.0.1 is in use`)
  })

  test.each([
    ['a missing file', { 'langgraph.json': null }, /langgraph\.json: There is no such file\. .*--config/],
    ['broken JSON', { 'langgraph.json': '{\n  "graphs": {\n    "a": "x",\n  }\n}' }, /not valid JSON.*line 4/s],
    ['no graphs', { 'langgraph.json': '{}' }, /→ graphs: No graphs are named\. Add at least one/],
    ['a graph that is no path', { 'langgraph.json': '{"graphs": {"agent": 5}}' }, /→ graphs\.agent: This must be "path:export"/],
    ['a missing env file', { 'langgraph.json': '{"graphs": {"agent": "./src/agent.ts:graph"}, "env": ".env"}' }, /→ env: The env file .*\.env does not exist\. Create it/],
    ['a time to live that is none', { 'langgraph.json': '{"graphs": {"agent": "./src/agent.ts:graph"}, "checkpointer": {"ttl": {"default_ttl": "1h"}}}' }, /→ checkpointer\.ttl\.default_ttl: This must be a number of minutes above 0/],
    ['auth without its code', { 'langgraph.json': '{"graphs": {"agent": "./src/agent.ts:graph"}, "auth": {}}' }, /→ auth: This must be an object with the path of the auth code/],
    ['an unknown strategy', { 'langgraph.json': '{"graphs": {"agent": "./src/agent.ts:graph"}, "checkpointer": {"ttl": {"strategy": "burn"}}}' }, /→ checkpointer\.ttl\.strategy: There is no strategy "burn"\. Use one of delete, keep_latest/],
  ])('%s is one message with file, key and remedy', async (_name, files: Record<string, string | null>, message) => {
    const { folder, remove } = createFolder({ 'src/agent.ts': GRAPH, ...Object.fromEntries(Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== null)) })
    cleanups.push(remove)
    expect(await failure(folder)).toMatch(message)
  })

  test('a broken graph does not stop the others, and each says what to do', async () => {
    const { folder } = project({
      'langgraph.json': JSON.stringify({ graphs: { agent: './src/agent.ts:graph', missing: './src/nowhere.ts:graph', unnamed: './src/agent.ts:grpah', python: './agent.py:graph', syntax: './src/syntax.ts:graph', throws: './src/throws.ts:graph' } }),
      'src/syntax.ts': 'export const graph = (\n',
      'src/throws.ts': 'throw new Error("no key")\nexport const graph = 1\n',
      'agent.py': 'graph = None\n',
    })
    const { client, url } = await start(folder)
    const { graphs } = await (await fetch(`${url}/studio/api/project`)).json() as { graphs: { graph_id: string, error: { message: string, line?: number } | null }[] }
    const errorOf = (id: string) => graphs.find(({ graph_id }) => graph_id === id)!.error
    expect(errorOf('agent')).toBeNull()
    expect(errorOf('missing')?.message).toMatch(/nowhere\.ts/)
    expect(errorOf('unnamed')?.message).toMatch(/grpah.*graph/s)
    expect(errorOf('python')?.message).toMatch(/Python graphs run by connecting to their own server for now/)
    expect(errorOf('syntax')).toMatchObject({ line: expect.any(Number) as number })
    expect(errorOf('throws')?.message).toMatch(/no key/)
    expect(await client.runs.wait(null, 'agent', { input: { n: 1 } })).toMatchObject({ n: 4 })
    await expect(client.assistants.getSchemas('throws')).rejects.toThrow(/422.*no key/)
    expect(await client.runs.wait(null, 'throws', { input: {}, raiseError: false })).toHaveProperty('__error__')
  })

  test('takes changed code without losing a run, and keeps the last good code on a mistake', async () => {
    const { folder, write } = project()
    const { client, url } = await start(folder)
    const worker = async () => (await (await fetch(`${url}/studio/api/project`)).json() as { worker: { generation: number, state: string, error: { message: string, file?: string, line?: number } | null } }).worker
    const answer = async () => (await client.runs.wait(null, 'agent', { input: { n: 1 } }) as { n: number }).n
    expect(await answer()).toBe(4)
    write('src/agent.ts', `${GRAPH}\nexport const broken = (\n`)
    await vi.waitFor(async () => expect((await worker()).error).toMatchObject({ file: expect.stringContaining('agent.ts') as string }), { timeout: 10_000 })
    expect(await answer()).toBe(4)
    write('src/agent.ts', GRAPH.replace('state.n * 2', 'state.n * 100'))
    await vi.waitFor(async () => expect(await worker()).toMatchObject({ generation: expect.any(Number) as number, error: null, state: 'ready' }), { timeout: 10_000 })
    await vi.waitFor(async () => expect(await answer()).toBe(200), { timeout: 10_000 })
  })
})

test('superstep --help and dev --help tell what there is', async () => {
  const { exited, output } = spawnCli(['dev', '--help'])
  expect(await exited).toBe(0)
  for (const flag of ['--config', '--host', '--port', '--no-browser', '--no-reload', '--data-dir', '--n-jobs-per-worker', '--workers', '--inspect', '--log-level', '--allow-origin']) expect(output()).toContain(flag)
})
