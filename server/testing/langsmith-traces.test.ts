import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startProjectServer, type ProjectServer } from './start-project-server.ts'

/** What LangSmith's own client sent to its service, as text. */
const told: string[] = []
let [langsmith, server]: [Server, ProjectServer] = [null!, null!]

beforeAll(async () => {
  langsmith = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.method !== 'GET') told.push(Buffer.concat(chunks).toString())
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((resolve) => langsmith.listen(0, '127.0.0.1', resolve))
  const env = { LANGSMITH_TRACING: 'true', LANGSMITH_API_KEY: 'none', LANGSMITH_PROJECT: 'usual', LANGSMITH_ENDPOINT: `http://127.0.0.1:${(langsmith.address() as AddressInfo).port}` }
  server = await startProjectServer({}, { env, graphs: { traced: { path: './traced.ts:traced', description: null } } })
})
afterAll(async () => {
  await server.stop(0)
  langsmith.closeAllConnections()
  await new Promise((resolve) => langsmith.close(resolve))
})

const client = (headers = {}) => new Client({ apiUrl: server.url, defaultHeaders: headers, callerOptions: { maxRetries: 0 } })
/** Everything that was told of a run by now, once its end was. */
const tracesOf = (runId: string) => vi.waitFor(() => {
  const text = told.filter((body) => body.includes(runId)).join('\n')
  expect(text).toContain('"end_time"')
  return text
}, 20_000)
const post = async (path: string, body: object) =>
  (await fetch(`${server.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json() as Promise<Record<string, unknown>>
async function run(more: object): Promise<string> {
  const { thread_id } = await client().threads.create()
  const { run_id } = await post(`/threads/${thread_id}/runs`, { assistant_id: 'traced', input: {}, ...more })
  return tracesOf(String(run_id))
}

const EXAMPLE = '0198f2f4-5b3a-7cc1-8a53-5d0f0d5cfe01'
const PARENT = '20260101T000000000001Z0198f2f4-5b3a-7cc1-8a53-5d0f0d5cfe02'

test('a run is traced in the project that the environment names, or in the one that it names itself, with its example', async () => {
  const usual = await run({})
  expect(usual).toContain('"session_name":"usual"')
  expect(usual).not.toContain('"reference_example_id":"')
  const trials = await run({ langsmith_tracer: { project_name: 'trials', example_id: EXAMPLE } })
  expect(trials).toContain('"session_name":"trials"')
  expect(trials).toContain(`"reference_example_id":"${EXAMPLE}"`)
  expect(trials).not.toContain('"session_name":"usual"')
})

test('over protocol v2 as well', async () => {
  const { thread_id } = await client().threads.create()
  const { result } = await post(`/threads/${thread_id}/commands`, { id: 1, method: 'run.start', params: { assistant_id: 'traced', input: {}, langsmith_tracer: { project_name: 'by command' } } })
  const { run_id } = result as { run_id: string }
  expect(await tracesOf(run_id)).toContain('"session_name":"by command"')
})

test('the trace that the caller is in reaches the graph, and what LangSmith is told', async () => {
  const baggage = 'langsmith-project=caller%27s,langsmith-tags=a%2Cb,langsmith-metadata=%7B%22team%22%3A%22tea%22%7D,langsmith-replicas=%5B%5D,langsmith-address=x,other=1'
  const inside = client({ 'langsmith-trace': PARENT, baggage })
  const { thread_id } = await inside.threads.create()
  const { run_id } = await inside.runs.create(thread_id, 'traced', { input: {} })
  expect(await inside.runs.join(thread_id, run_id)).toEqual({ trace: { 'langsmith-trace': PARENT, 'langsmith-project': 'caller\'s', 'langsmith-tags': ['a', 'b'], 'langsmith-metadata': { team: 'tea' } } })
  expect(await tracesOf(run_id)).toContain(`"langsmith-trace":"${PARENT}"`)
})

test('one that can\'t be read refuses no run', async () => {
  const inside = client({ baggage: 'langsmith-project=%E0%A4%A,langsmith-metadata=%5B1%5D,langsmith-metadata,langsmith-tags=,=,__proto__=1' })
  expect(await inside.runs.wait(null, 'traced', { input: {} })).toEqual({ trace: { 'langsmith-tags': [] } })
})
