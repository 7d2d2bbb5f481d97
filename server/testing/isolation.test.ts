import { Client } from '@langchain/langgraph-sdk'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { ServerOptions } from '../create-server.ts'
import type { NodeRuntimeOptions } from '../runtime/node-runtime.ts'
import { startProjectServer } from './start-project-server.ts'

const GRAPHS = { hostile: { path: './hostile.ts:hostile', description: null }, innocent: { path: './hostile.ts:innocent', description: null } }

async function open(runtime: Partial<NodeRuntimeOptions> = {}, change: Partial<ServerOptions> = {}) {
  const server = await startProjectServer({ onGraphOutput: () => {}, ...change }, { graphs: GRAPHS, ...runtime })
  onTestFinished(() => server.stop(0))
  const client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })

  /** Starts a run and resolves when its node is on a worker. */
  async function begin(graphId: string, how: string, ms = 500) {
    const { thread_id } = await client.threads.create()
    const stream = client.runs.stream(thread_id, graphId, { input: { how }, streamMode: ['custom'], config: { configurable: { ms } } })
    let run_id = ''
    const begun = Promise.withResolvers<void>()
    const ended = (async () => {
      for await (const { event, data } of stream) {
        if (event === 'metadata') run_id = (data as { run_id: string }).run_id
        if (event === 'custom') begun.resolve()
      }
    })()
    await begun.promise
    return {
      run_id, thread_id, ended,
      status: async () => (await client.runs.get(thread_id, run_id)).status,
      error: async () => (await client.threads.get(thread_id) as unknown as { error: string | null }).error,
      said: async () => (await client.threads.getState<{ said: string[] }>(thread_id)).values.said,
    }
  }
  return { server, client, begin }
}

it('a graph that ends its process fails with the reason after three attempts of its own, and no run beside it does', { timeout: 60_000 }, async () => {
  const { begin, client } = await open()
  const innocent = await begin('innocent', '', 1500)
  const harmful = await begin('hostile', 'exit')
  await Promise.all([innocent.ended, harmful.ended])
  expect(await innocent.status()).toBe('success')
  expect(await harmful.status()).toBe('error')
  expect(await harmful.error()).toContain('ended with exit code 7')
  expect(await client.runs.wait(null, 'innocent', { input: { how: '' }, config: { configurable: { ms: 1 } } })).toMatchObject({ said: ['done'] })
})

it('a run is tried as often as is said', { timeout: 60_000 }, async () => {
  const { begin, server } = await open({}, { mostAttempts: 1 })
  const harmful = await begin('hostile', 'exit')
  await harmful.ended
  expect(await harmful.status()).toBe('error')
  expect(server.logged.filter(({ msg }) => String(msg).includes('exit code 7'))).toHaveLength(1)
})

it('a graph that fills its memory fails with the limit, and no run beside it does', { timeout: 90_000 }, async () => {
  const { begin } = await open({ maxWorkerMemoryMb: 300 })
  const innocent = await begin('innocent', '', 1500)
  const harmful = await begin('hostile', 'heap')
  await Promise.all([innocent.ended, harmful.ended])
  expect(await innocent.status()).toBe('success')
  expect(await harmful.status()).toBe('error')
  expect(await harmful.error()).toContain('ran out of memory: the limit is 300 MB. Raise it with --max-worker-memory')
})

it('a graph that blocks its worker keeps no other run waiting, and ends when its time is over', { timeout: 60_000 }, async () => {
  const { begin, server } = await open({ blockedAfterMs: 400, patienceMs: 300 }, { runTimeoutMs: 12_000 })
  const beside = await begin('innocent', '', 1000)
  const blocking = await begin('hostile', 'block for ever')
  await vi.waitFor(() => expect(server.logged.some(({ msg }) => String(msg).includes('a graph blocks its event loop. Another one takes new runs'))).toBe(true), { timeout: 10_000 })
  const after = await begin('innocent', '', 1)
  await after.ended
  expect(await after.status()).toBe('success')
  await beside.ended
  expect(await beside.status()).toBe('success')
  await blocking.ended
  expect(await blocking.status()).toBe('timeout')
})

it('a worker that turns again after a while ends its runs in peace', { timeout: 60_000 }, async () => {
  const { begin, server } = await open({ blockedAfterMs: 1000 })
  const slow = await begin('hostile', 'block a while')
  const { pid } = server.runtime.status()
  await slow.ended
  expect(await slow.status()).toBe('success')
  expect(await slow.said()).toEqual(['begun', 'survived'])
  await vi.waitFor(() => expect(() => process.kill(pid!, 0)).toThrow(), { timeout: 10_000 })
})

it('cancelling a run that blocks its worker costs no other run its success', { timeout: 60_000 }, async () => {
  const { begin, client } = await open({ patienceMs: 300 })
  const beside = await begin('innocent', '', 1000)
  const blocking = await begin('hostile', 'block for ever')
  await client.runs.cancel(blocking.thread_id, blocking.run_id)
  await Promise.all([beside.ended, blocking.ended])
  expect(await blocking.status()).toBe('interrupted')
  expect(await beside.status()).toBe('success')
})
