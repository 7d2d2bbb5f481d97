import { Client as Platform } from '@langchain/langgraph-sdk'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { proofsOf } from './clients/proofs.ts'
import { BY_TEST, startProjectServer, type ProjectServer } from './start-project-server.ts'

const graphs = {
  greeter: { path: './greeter.ts:greeter', description: 'Greets a person.' },
  failing: { path: './graph.ts:failing', description: null }, slow: { path: './graph.ts:slow', description: null }, approval: { path: './graph.ts:approval', description: null },
}
let [server, client, platform]: [ProjectServer, Client, Platform] = [null!, null!, null!]
beforeAll(async () => {
  server = await startProjectServer({}, { graphs })
  platform = new Platform({ apiUrl: server.url, defaultHeaders: BY_TEST })
  client = new Client({ name: 'test', version: '1' })
  // The library's types predate exactOptionalPropertyTypes.
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`)) as Parameters<Client['connect']>[0])
})
afterAll(async () => {
  await client.close()
  await server.stop(0)
})

const { areAsTold } = proofsOf('mcp', () => server)

const textOf = (result: Awaited<ReturnType<Client['callTool']>>) => (result.content as { text: string }[])[0]!.text
const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/mcp/`, { method: 'POST', headers: { 'content-type': 'application/json', 'accept': 'application/json, text/event-stream', ...BY_TEST, ...headers }, body: JSON.stringify(body) })

test('every assistant is a tool that takes the input of its graph, and its context', async () => {
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name).toSorted()).toEqual(['approval', 'failing', 'greeter', 'slow'])
  expect(tools.find(({ name }) => name === 'greeter')).toMatchObject({
    description: 'Greets a person.',
    inputSchema: { type: 'object', properties: { name: { type: 'string', description: 'Who is greeted' }, context: { type: 'object', properties: { tone: { enum: ['warm', 'dry'] } } } } },
  })
})

test('a call answers with the final state', async () => {
  expect(JSON.parse(textOf(await client.callTool({ name: 'greeter', arguments: { name: 'Ada' } })))).toEqual({ name: 'Ada', greeting: 'Hello Ada.' })
  expect(JSON.parse(textOf(await client.callTool({ name: 'greeter', arguments: { name: 'Ada', context: { tone: 'warm' } } })))).toMatchObject({ greeting: 'So good to see you, Ada!' })
})

test('an assistant with a configuration of its own, and a name that is no tool\'s, is one too', async () => {
  const names = ['Greet warmly, please!', 'Greet warmly, please?']
  const made = await Promise.all(names.map((name) => platform.assistants.create({ graphId: 'greeter', name, context: { tone: 'warm' } })))
  const tools = (await client.listTools()).tools.map(({ name }) => name).filter((name) => name.startsWith('Greet'))
  expect(tools).toHaveLength(2)
  expect(tools).toContain('Greet_warmly_please')
  for (const name of tools) expect(JSON.parse(textOf(await client.callTool({ name, arguments: { name: 'Bob' } })))).toMatchObject({ greeting: 'So good to see you, Bob!' })
  for (const { assistant_id } of made) await platform.assistants.delete(assistant_id)
})

test('a run that fails is a result that says why, and an unknown tool is refused', async () => {
  const failed = await client.callTool({ name: 'failing', arguments: {} })
  expect([failed.isError, textOf(failed)]).toEqual([true, 'TypeError: This node always fails.'])
  await expect(client.callTool({ name: 'nobody', arguments: {} })).rejects.toThrow('There is no tool "nobody"')
})

test('what waits for a person says so', async () => {
  expect(JSON.parse(textOf(await client.callTool({ name: 'approval', arguments: { topic: 'tea' } })))).toMatchObject({ draft: 'On tea', __interrupt__: [{ value: { question: 'Publish?' } }] })
})

test('a call that nobody waits for any more ends its run', async () => {
  const controller = new AbortController()
  const call = fetch(`${server.url}/mcp`, {
    method: 'POST', signal: controller.signal, headers: { 'content-type': 'application/json', 'accept': 'application/json, text/event-stream', ...BY_TEST },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'slow', arguments: { steps: 100_000 } } }),
  }).then((answer) => answer.text())
  const busy = async () => (await (await fetch(`${server.url}/studio/api/project`, { headers: BY_TEST })).json() as { queue: { running: number } }).queue.running
  await vi.waitFor(async () => expect(await busy()).toBe(1), { timeout: 10_000 })
  controller.abort()
  await expect(call).rejects.toThrow()
  await vi.waitFor(async () => expect(await busy()).toBe(0), { timeout: 10_000 })
})

test('what is no request of the protocol is refused', async () => {
  expect((await post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { accept: 'application/json' })).status).toBe(400)
  expect((await post({ hello: 1 })).status).toBe(400)
  expect((await post(null)).status).toBe(400)
  expect((await post({ jsonrpc: '2.0', method: 'notifications/initialized' })).status).toBe(202)
  expect(await (await post({ jsonrpc: '2.0', id: 7, method: 'ping' })).json()).toEqual({ jsonrpc: '2.0', id: 7, result: {} })
  expect((await fetch(`${server.url}/mcp`, { headers: BY_TEST })).status).toBe(405)
  expect((await fetch(`${server.url}/mcp`, { method: 'DELETE' })).status).toBe(404)
  expect((await post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { origin: 'https://evil.example' })).status).toBe(403)
})

areAsTold()
