import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { GraphLog } from '../contract/studio.ts'
import { startProjectServer, type ProjectServer } from './start-project-server.ts'

let server: ProjectServer
let client: Client
const printed: string[] = []
beforeAll(async () => {
  server = await startProjectServer({ onGraphOutput: ({ text }) => void printed.push(text) }, { graphs: { hostile: { path: './hostile.ts:hostile', description: null } } })
  client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
})
afterAll(() => server.stop(0))

const logs = async (query: Record<string, string>) => (await (await fetch(`${server.url}/studio/api/logs?${new URLSearchParams(query)}`)).json()) as { last: number, logs: GraphLog[] }

async function speak(how: string): Promise<string> {
  const { thread_id } = await client.threads.create()
  await client.runs.wait(thread_id, 'hostile', { input: { how } })
  return thread_id
}

it('what a node prints is kept with its run, thread, graph, node and level', async () => {
  const [thread_id, other] = await Promise.all([speak('speak'), speak('speak')])
  const [run] = await client.runs.list(thread_id)
  await vi.waitFor(async () => expect((await logs({ thread_id })).logs).toHaveLength(5))
  const { logs: lines, last } = await logs({ thread_id })
  expect(lines.map(({ level, text }) => [level, text])).toEqual(expect.arrayContaining([['debug', 'debugging'], ['info', 'two'], ['info', 'lines'], ['error', 'trouble'], ['info', 'in parts']]))
  for (const line of lines) expect(line).toMatchObject({ run_id: run!.run_id, thread_id, graph_id: 'hostile', node: 'harm' })
  expect(last).toBeGreaterThanOrEqual(10)
  expect((await logs({ thread_id, level: 'error' })).logs.map(({ text, stream }) => [stream, text])).toEqual([['stderr', 'trouble']])
  expect((await logs({ thread_id: other, node: 'begin' })).logs).toEqual([])
  const [first, second] = lines
  expect((await logs({ thread_id, after: String(first!.seq), limit: '1' })).logs).toEqual([second])
  expect(printed).toContain('debugging')
})

it('a graph that prints without end succeeds, and only its newest lines are kept', { timeout: 60_000 }, async () => {
  const thread_id = await speak('flood')
  await vi.waitFor(async () => expect((await logs({ thread_id })).logs.at(-1)?.text).toMatch(/^99999 x+$/), { timeout: 20_000 })
  expect((await logs({ thread_id, limit: '1000', after: '1' })).logs[0]!.seq).toBeGreaterThan(80_000)
  expect((await client.threads.getState<{ said: string[] }>(thread_id)).values.said).toEqual(['begun', 'survived'])
})

it('the feed says that there are new lines', async () => {
  const gone = new AbortController()
  const { body } = await fetch(`${server.url}/studio/api/events`, { signal: gone.signal })
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader()
  const told = (async () => {
    let text = ''
    while (!/event: logs\ndata: \{"last":\d+\}/.test(text)) text += (await reader.read()).value ?? ''
  })()
  await speak('speak')
  await told
  gone.abort()
})
