import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { APP_DIR, createProject, sayingGraph } from './testing/harness.ts'
import { createTypeProcess } from './type-process.ts'

const children = () => execFileSync('ps', ['-o', 'args=', '--ppid', String(process.pid)]).toString().split('\n').filter((args) => args.endsWith('main.ts types'))

async function start(options: { memoryLimitMb?: number, patienceMs?: number } = {}) {
  const projectDir = await createProject({ 'graph.ts': sayingGraph('fine') })
  const types = createTypeProcess({ projectDir, env: process.env as Record<string, string>, workerEntry: join(APP_DIR, 'server/runtime/node-worker/main.ts'), nodePath: process.execPath, memoryLimitMb: 1024, patienceMs: 60_000, ...options })
  onTestFinished(() => types.stop())
  return { ask: () => types.ask({ project_dir: projectDir, app_dir: APP_DIR, path: './graph.ts:graph' }), stop: types.stop }
}

test('there is a process while something is asked, and soon none', async () => {
  const { ask } = await start()
  expect(children()).toEqual([])
  const answers = Promise.all([ask(), ask()])
  expect(children()).toHaveLength(1)
  expect(await answers).toMatchObject([{ problem: null }, { problem: null }])
  expect(children()).toHaveLength(1)
  await vi.waitFor(() => expect(children()).toEqual([]), 10_000)
  expect(await ask()).toMatchObject({ problem: null })
})

test('one that takes too long is ended', async () => {
  const { ask } = await start({ patienceMs: 50 })
  await expect(ask()).rejects.toThrow('it took more than 0.05 s.')
  expect(children()).toEqual([])
})

test('one that takes too much memory ends by itself, with a reason', async () => {
  const { ask } = await start({ memoryLimitMb: 40 })
  await expect(ask()).rejects.toThrow('ran out of memory: the limit is 40 MB')
})

test('stopping ends it at once, and those that asked are told', async () => {
  const { ask, stop } = await start()
  const answer = ask()
  const told = expect(answer).rejects.toThrow()
  await stop()
  await told
  expect(children()).toEqual([])
})
