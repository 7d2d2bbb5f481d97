import { resolve } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { NodeLatency, Trace } from '../contract/studio.ts'
import { startProjectServer, type ProjectServer } from './start-project-server.ts'

const GRAPHS = { nested: './clients.ts:nested', chat: './clients.ts:chat', talking: './talking.ts:talking', failing: './graph.ts:failing', approval: './graph.ts:approval' }
const graphs = Object.fromEntries(Object.entries(GRAPHS).map(([id, path]) => [id, { path, description: null }]))

let [server, client]: [ProjectServer, Client] = [null!, null!]
beforeAll(async () => {
  server = await startProjectServer({}, { graphs, projectDir: resolve(import.meta.dirname, 'project') })
  client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
})
afterAll(() => server.stop(0))

const read = async <T>(path: string): Promise<T> => (await fetch(server.url + path)).json() as Promise<T>

/** Spans come beside the run, and may be there a moment after its end. */
async function traceOf(graph: string, input: Record<string, unknown>, hasAll: (trace: Trace) => boolean = ({ spans }) => spans.some(({ kind }) => kind === 'graph')): Promise<Trace> {
  const { thread_id } = await client.threads.create()
  const run = await client.runs.create(thread_id, graph, { input })
  await client.runs.join(thread_id, run.run_id).catch(() => null)
  return vi.waitFor(async () => {
    const trace = await read<Trace>(`/studio/api/runs/${run.run_id}/trace`)
    expect(hasAll(trace)).toBe(true)
    return trace
  }, { timeout: 10_000 })
}

test('a run has its nodes, those of subgraphs inside of theirs, each in its time', async () => {
  const { run, spans } = await traceOf('nested', { topic: 'sun' })
  const root = spans.find(({ kind }) => kind === 'graph')!
  expect([root.span_id, root.parent_id, run.graph_id, run.status]).toEqual([run.run_id, null, 'nested', 'success'])
  const nodes = spans.filter(({ kind }) => kind === 'node')
  const research = nodes.find(({ name }) => name === 'research')!
  expect(nodes.map(({ name }) => name)).toEqual(expect.arrayContaining(['research', 'look', 'write']))
  expect(research).toMatchObject({ parent_id: root.span_id, node: 'research', step: 1, error: null, input_tokens: null })
  const look = nodes.find(({ name }) => name === 'look')!
  const parents = new Map(spans.map((span) => [span.span_id, span.parent_id]))
  let above = look.parent_id
  while (above !== null && above !== research.span_id) above = parents.get(above) ?? null
  expect(above).toBe(research.span_id)
  for (const span of spans) expect(span.started_at >= root.started_at && span.ended_at <= root.ended_at && span.ended_at >= span.started_at).toBe(true)
  expect(new Set(spans.map(({ span_id }) => span_id)).size).toBe(spans.length)
})

test('a model call has its request and answer as they were', async () => {
  const { run, spans } = await traceOf('chat', { messages: [{ type: 'human', content: 'hello' }] })
  const call = spans.find(({ kind }) => kind === 'model')!
  expect(call).toMatchObject({ node: 'answer', error: null })
  const payload = await read<{ input: { messages: unknown[] }, output: { content: string } }>(`/studio/api/runs/${run.run_id}/trace/${call.span_id}`)
  expect(payload.input.messages).toMatchObject([{ type: 'human', content: expect.stringContaining('hello') as string }])
  expect(payload.output).toMatchObject({ type: 'ai', content: 'You said: hello' })
})

test('a failure is at the node that failed, a question is none', async () => {
  const failed = await traceOf('failing', { topic: 'x' })
  expect(failed.spans.find(({ name }) => name === 'break')).toMatchObject({ kind: 'node', error: 'TypeError: This node always fails.' })
  const asked = await traceOf('approval', { topic: 'x' })
  expect(asked.spans.find(({ name }) => name === 'approve')).toMatchObject({ kind: 'node', error: null })
})

test('how long nodes take is told over the newest runs', async () => {
  const latency = await read<NodeLatency[]>('/studio/api/graphs/nested/latency')
  expect(latency.map(({ node }) => node).toSorted()).toEqual(expect.arrayContaining(['look', 'research', 'write']))
  for (const { count, p50, p95, p99 } of latency) expect(count >= 1 && p50 <= p95 && p95 <= p99).toBe(true)
  expect(await read('/studio/api/graphs/nobody/latency')).toEqual([])
})

test('what is not there is said, and spans go with their thread', async () => {
  const nobody = '11111111-1111-4111-8111-111111111111'
  expect((await fetch(`${server.url}/studio/api/runs/${nobody}/trace`)).status).toBe(404)
  expect((await fetch(`${server.url}/studio/api/runs/x/trace`)).status).toBe(422)
  const { run, spans } = await traceOf('chat', { messages: [{ type: 'human', content: 'bye' }] })
  expect(await (await fetch(`${server.url}/studio/api/runs/${run.run_id}/trace/none`)).json()).toMatchObject({ code: 'not_found', detail: expect.stringContaining('span none') as string })
  const call = spans.find(({ kind }) => kind === 'model')!
  await client.threads.delete(run.thread_id)
  expect((await fetch(`${server.url}/studio/api/runs/${run.run_id}/trace/${call.span_id}`)).status).toBe(404)
})
