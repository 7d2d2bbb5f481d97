import { join, resolve } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, expect, test, vi } from 'vitest'
import { createFolder, REPOSITORY, spawnCli, startCli } from './testing/start-cli.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function start(args: string[], env: Record<string, string>) {
  const cli = await startCli(['--port', '0', ...args], { env })
  cleanups.push(() => cli.child.exitCode === null && cli.child.signalCode === null ? cli.end('SIGKILL') : null)
  return { ...cli, client: new Client({ apiUrl: cli.url, callerOptions: { maxRetries: 0 } }) }
}

function folder(files: Record<string, string>) {
  const made = createFolder(files)
  cleanups.push(made.remove)
  return made.folder
}

const GRAPH = `
import { Annotation, START, StateGraph } from '@langchain/langgraph'
const State = Annotation.Root({ mood: Annotation<'calm' | 'cross'>, model: Annotation<string> })
export const graph = new StateGraph(State).addNode('one', (_state, config) => {
  console.log('printed by the graph')
  return { model: config.configurable?.model }
}).addEdge(START, 'one').compile()
`

test('variables serve a project without a langgraph.json', async () => {
  const project = folder({ 'agent.ts': GRAPH })
  const { client, output, url } = await start(['--config', project], {
    LANGSERVE_GRAPHS: '{"agent": "./agent.ts:graph"}', LANGGRAPH_CONFIG: '{"agent": {"configurable": {"model": "small"}}}', HTTP_MAX_REQUEST_BODY_BYTES: '2000', LOG_JSON: 'true', MOUNT_PREFIX: '/agents',
  })
  expect(await client.runs.wait(null, 'agent', { input: { mood: 'calm' } })).toEqual({ mood: 'calm', model: 'small' })
  expect(await client.assistants.getSchemas('agent')).toMatchObject({ input_schema: { properties: { mood: { type: 'string', enum: ['calm', 'cross'] }, model: { type: 'string' } } } })
  expect((await fetch(`${url}/threads`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ metadata: { text: 'x'.repeat(2000) } }) })).status).toBe(413)
  expect((await fetch(`${url}/agents/ok`)).status).toBe(200)
  await vi.waitFor(() => expect(output()).toContain('printed by the graph'))
  const line = output().split('\n').find((text) => text.includes('printed by the graph'))!
  expect(JSON.parse(line)).toMatchObject({ from: 'graph', graph_id: 'agent', node: 'one', msg: 'printed by the graph' })
})

test('a wrong one ends the start with its name and what to do', async () => {
  const project = folder({ 'agent.ts': GRAPH, 'langgraph.json': '{"graphs": {"agent": "./agent.ts:graph"}}' })
  const failure = async (env: Record<string, string>) => {
    const { exited, output } = spawnCli(['dev', '--no-browser', '--port', '0', '--config', project], { env })
    expect(await exited).toBe(1)
    return output()
  }
  expect(await failure({ N_JOBS_PER_WORKER: 'many' })).toBe('superstep: N_JOBS_PER_WORKER: "many" is not a whole number from 1 to 10000. Correct the variable, or unset it: the default is 10.\n')
  expect(await failure({ LANGGRAPH_STORE: '{"ttl": {"default_ttl": -1}}' })).toContain('superstep: LANGGRAPH_STORE → store.ttl.default_ttl: This must be')
})

test('types are read through aliases of a tsconfig, and their problems told, over HTTP', async () => {
  const { client } = await start(['--config', resolve(REPOSITORY, 'server/runtime/testing/fixtures/typed'), '--no-reload', '--data-dir', join(folder({}), 'data')], {})
  const schemas = await client.assistants.getSchemas('tickets')
  expect(schemas).toMatchObject({ graph_id: 'tickets', input_schema: { properties: { ticket: { properties: { assignee: { anyOf: [{ $ref: '#/definitions/Person' }, { type: 'null' }] } } }, tone: { enum: ['formal', 'friendly'] } }, definitions: { Person: {} } } })
  expect(schemas).not.toHaveProperty('schema_problem')
  expect(await client.assistants.getSchemas('untold')).toMatchObject({ input_schema: { properties: { topic: {} } }, schema_problem: 'The graph\'s type says nothing of what it holds.' })
})
