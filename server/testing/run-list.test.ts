import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunPage } from '../contract/studio.ts'
import { startTestServer, type TestServer } from './start-test-server.ts'

let [server, client]: [TestServer, Client] = [null!, null!]
beforeEach(async () => {
  server = await startTestServer()
  client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
})
afterEach(() => server.stop(0))

const list = async (query = ''): Promise<RunPage> => (await fetch(`${server.url}/studio/api/runs${query}`)).json() as Promise<RunPage>

test('runs of all threads, newest first, page by page, with the queue they stand in', async () => {
  const { thread_id } = await client.threads.create()
  await fetch(`${server.url}/studio/api/threads/${thread_id}`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{"title":"Heat"}' })
  const first = await client.runs.create(thread_id, 'agent', { input: { n: 1 } })
  const job = await server.runtime.nextJob()
  const second = await client.runs.create(thread_id, 'agent', { input: { n: 2 }, multitaskStrategy: 'enqueue' })
  const [stateless] = await client.runs.createBatch([{ assistantId: 'agent', input: {}, afterSeconds: 1000 }])
  const { runs, queue, next } = await list()
  expect(runs.map(({ run_id }) => run_id)).toEqual([stateless!.run_id, second.run_id, first.run_id])
  expect(runs[2]).toMatchObject({ thread_id, thread_title: 'Heat', graph_id: 'agent', status: 'running', attempt: 1, started_at: expect.any(String) as string, ended_at: null, error: null, stateless: false, due_at: null })
  expect(runs[0]).toMatchObject({ status: 'pending', attempt: 0, stateless: true, due_at: expect.any(String) as string })
  expect(runs[0]).not.toHaveProperty('kwargs')
  expect([queue, next]).toEqual([{ pending: 2, running: 1, workers: expect.any(Number) as number, slots: expect.any(Number) as number, oldest_pending: second.created_at }, null])

  const page = await list('?limit=2')
  expect((await list(`?limit=2&before=${page.next}`)).runs.map(({ run_id }) => run_id)).toEqual([first.run_id])
  job.end({ status: 'error', error: { error: 'TypeError', message: 'no' } })
  await client.runs.join(thread_id, first.run_id).catch(() => null)
  expect((await list('?status=error')).runs).toMatchObject([{ run_id: first.run_id, error: { error: 'TypeError', message: 'no' } }])
  expect((await list('?graph_id=nobody')).runs).toEqual([])
  await client.threads.delete(thread_id)
  expect((await list()).runs.map(({ run_id }) => run_id)).toEqual([stateless!.run_id])
})

test.each(['?limit=0', '?limit=9999', '?status=odd', '?before=x'])('%s is refused by name', async (query) => {
  const answer = await fetch(`${server.url}/studio/api/runs${query}`)
  expect([answer.status, await answer.json()]).toEqual([422, { code: 'invalid_request', detail: expect.stringContaining(query.slice(1).split('=')[0]!) as string }])
})

test('runs of a cron are found by it', async () => {
  const { thread_id } = await client.threads.create()
  const run = await client.runs.create(thread_id, 'agent', { input: {}, metadata: { cron_id: 'c1' } })
  expect((await list('?cron_id=c1')).runs).toMatchObject([{ run_id: run.run_id, cron_id: 'c1' }])
})
