import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import Database from 'better-sqlite3'
import { afterEach, expect, test, vi } from 'vitest'
import { createFolder, startCli, type RunningCli } from './testing/start-cli.ts'

const GRAPH = `
import { Annotation, END, START, StateGraph } from '@langchain/langgraph'
const State = Annotation.Root({ size: Annotation<number>, text: Annotation<string> })
export const graph = new StateGraph(State)
  .addNode('grow', (state) => ({ text: Array.from({ length: state.size }, (_, i) => Math.sin(i)).join(' ') }))
  .addEdge(START, 'grow').addEdge('grow', END).compile()
`
const MB = 1024 * 1024
const canLimit = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0

let cli: RunningCli | null = null
let remove = () => {}
afterEach(async () => {
  if (cli?.child.exitCode === null) await cli.end('SIGKILL')
  remove()
})

// A limit on the size of files stands for the disk: the system refuses a write in the same places, and raising it is freeing space.
test.skipIf(!canLimit)('on a full disk runs fail and requests are refused with the reason, reads go on, and space is all it takes to recover', async () => {
  const project = createFolder({ 'langgraph.json': '{"graphs": {"agent": "./src/agent.ts:graph"}}', 'src/agent.ts': GRAPH })
  remove = project.remove
  cli = await startCli(['--config', join(project.folder, 'langgraph.json'), '--port', '0'])
  const { url, child } = cli
  const limitFiles = (bytes: number | 'unlimited') => execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:unlimited`])
  const client = new Client({ apiUrl: url, callerOptions: { maxRetries: 0 } })
  const { thread_id } = await client.threads.create({ metadata: { kept: true } })
  const statusOf = async (runId: string) => (await client.runs.get(thread_id, runId)).status

  limitFiles(2 * MB)
  const run = await client.runs.create(thread_id, 'agent', { input: { size: 500_000 } })
  // Its end may fit while the state did not, or wait for space as well: then the log says so.
  await vi.waitFor(async () => expect(/superstep\.db can't (grow|be written)/.test(cli!.output()) || await statusOf(run.run_id) === 'error').toBe(true), { timeout: 20_000 })
  const refused = await fetch(`${url}/threads`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ metadata: { text: 'x'.repeat(4 * MB) } }) })
  expect([503, 507]).toContain(refused.status)
  expect((await refused.json() as { detail: string }).detail).toMatch(/superstep\.db can't (grow|be written).*nothing of this was stored/)
  expect(await client.threads.get(thread_id)).toMatchObject({ metadata: { kept: true } })

  limitFiles('unlimited')
  await vi.waitFor(async () => expect(await statusOf(run.run_id)).toBe('error'), { timeout: 20_000 })
  expect(await client.threads.get(thread_id)).toMatchObject({ status: 'error', error: expect.stringMatching(/StorageError.*superstep\.db can't/) as string })
  expect(await client.runs.wait(thread_id, 'agent', { input: { size: 500_000 } })).toMatchObject({ size: 500_000 })
  expect(await cli.end('SIGTERM')).toBe(0)
  const db = new Database(join(project.folder, '.superstep/superstep.db'), { readonly: true })
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  db.close()
}, 60_000)
