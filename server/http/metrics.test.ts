import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import type { ServerFigures } from '../contract/system.ts'

let server: TestServer
let client: Client
beforeEach(async () => {
  server = await startTestServer()
  client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
})
afterEach(() => server.stop(0))

const prometheus = async () => {
  const answer = await fetch(`${server.url}/metrics`)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
  return new Map((await answer.text()).split('\n').filter((line) => line && !line.startsWith('#')).map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))] as const))
}
const figures = async () => await (await fetch(`${server.url}/metrics?format=json`)).json() as ServerFigures

test('figures tell what waits, what runs and what ended how', async () => {
  const { thread_id } = await client.threads.create()
  const [running, waiting] = [await client.runs.create(thread_id, 'agent'), await client.runs.create(thread_id, 'agent')]
  const job = await server.runtime.nextJob()
  expect(await figures()).toMatchObject({ queue: { num_pending: 1, num_running: 1 }, workers: { max: 10, active: 1, available: 9, processes: 1 }, runs_ended: { success: 0, error: 0 } })

  await client.runs.cancel(thread_id, waiting.run_id)
  job.end({ status: 'error', error: { error: 'TypeError', message: 'no' } })
  await client.runs.join(thread_id, running.run_id)
  const done = client.runs.wait(null, 'agent')
  const last = await server.runtime.nextJob()
  last.emit('values', { said: 'hello' })
  last.end({ status: 'success' })
  await done

  expect(await figures()).toMatchObject({ queue: { num_pending: 0, num_running: 0 }, runs_ended: { success: 1, error: 1, interrupted: 1, timeout: 0 } })
  const now = await prometheus()
  expect(now.get('superstep_runs_ended_total{status="interrupted"}')).toBe(1)
  expect(now.get('superstep_run_duration_seconds_count{status="success"}')).toBe(1)
  // The cancelled one never began.
  expect(now.get('superstep_run_wait_seconds_count')).toBe(2)
  expect(now.get('superstep_run_slots')).toBe(10)
  expect(now.get('process_resident_memory_bytes')).toBeGreaterThan(1e6)
  expect(now.has('superstep_event_loop_delay_seconds{of="p99"}')).toBe(true)
})

test('a form that is none is refused by name', async () => {
  const answer = await fetch(`${server.url}/metrics?format=xml`)
  expect([answer.status, await answer.json()]).toMatchObject([422, { detail: expect.stringMatching(/format.*"prometheus", "json"/) as string }])
})
