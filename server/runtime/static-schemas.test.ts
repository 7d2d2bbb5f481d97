import { resolve } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createProject, sayingGraph, startHarness, writeFiles, type Harness } from './testing/harness.ts'

const PROJECT = resolve(import.meta.dirname, 'testing/fixtures/typed')

const PERSON = { type: 'object', properties: { name: { type: 'string' }, deputy: { $ref: '#/definitions/Person', description: 'Whom to ask when this person is away.' } }, required: ['name'] }

const TICKET = {
  type: 'object', description: 'The ticket that is worked on.',
  properties: {
    id: { type: 'string' }, opened: { type: 'string', format: 'date-time' }, priority: { type: 'number', enum: [1, 2] },
    assignee: { anyOf: [{ $ref: '#/definitions/Person' }, { type: 'null' }] },
    tags: { type: 'object', additionalProperties: { anyOf: [{ type: 'string' }, { type: 'number' }] } },
  },
  required: ['id', 'opened', 'priority', 'assignee', 'tags'],
}

const STEP = { type: 'object', properties: { title: { type: 'string' }, done: { type: 'boolean' } }, required: ['title', 'done'] }
const TONE = { type: 'string', enum: ['formal', 'friendly'] }

describe('a graph whose state is types alone', () => {
  let harness: Harness
  beforeAll(async () => {
    harness = await startHarness({
      tickets: './src/tickets.ts:graph', builder: './src/tickets.ts:builder', made: './src/tickets.ts:makeGraph', inside: './src/tickets.ts',
      agent: './src/agent.ts:agent', documented: './src/documented.js:graph', untold: './src/untold.ts:graph', hidden: './src/untold.ts:hidden',
    }, { projectDir: PROJECT })
  })
  afterAll(() => harness.runtime.stop(0))

  it('tells what its types say: through aliases, packages beside it, and of what is not exported', async () => {
    expect(harness.runtime.status().error).toBe(null)
    const { input_schema: input, output_schema: output, state_schema: state, context_schema: context, ...rest } = await harness.runtime.schemas('tickets')
    expect(input).toEqual({ $schema: expect.stringContaining('draft-07'), type: 'object', properties: { ticket: TICKET, tone: TONE }, definitions: { Person: PERSON } })
    expect(output).toEqual({ $schema: expect.stringContaining('draft-07'), type: 'object', properties: { steps: { type: 'array', items: STEP } }, required: ['steps'] })
    expect(state).toMatchObject({
      properties: {
        messages: { type: 'array', langgraph_type: 'messages', items: { type: 'object', title: 'Message' } }, ticket: TICKET, steps: { items: STEP }, tone: TONE, anything: {},
        notes: { type: 'array', items: { type: 'object', properties: { text: { type: 'string' }, mood: { type: 'string', enum: ['calm', 'cross'] } }, required: ['text'] } },
      },
      required: ['ticket', 'steps', 'notes', 'messages'],
    })
    expect(context).toMatchObject({ type: 'object', properties: { limit: { type: 'number', description: 'How many steps at most.' }, model: { type: 'string', enum: ['small', 'large'] } } })
    expect(rest).toEqual({ config_schema: context })
  })

  it('tells JSON Schemas, which hold what the graph takes and refuse what it does not', async () => {
    const { input_schema: input } = await harness.runtime.schemas('tickets')
    const ajv = new Ajv({ strict: false })
    ;(addFormats as unknown as (ajv: Ajv) => void)(ajv)
    const isValid = ajv.compile(input as object)
    const ticket = { id: 'a', opened: '2026-01-01T00:00:00Z', priority: 2, assignee: { name: 'Ann', deputy: { name: 'Bob' } }, tags: { a: 1 } }
    expect([isValid({ ticket, tone: 'formal' }), isValid({}), isValid({ ticket: { ...ticket, assignee: null } })]).toEqual([true, true, true])
    expect([isValid({ ticket: { ...ticket, priority: 3 } }), isValid({ ticket: { ...ticket, assignee: { name: 'Ann', deputy: {} } } }), isValid({ tone: 'rude' })]).toEqual([false, false, false])
  })

  it.each(['builder', 'made', 'inside'])('is found in what is exported: %s', async (graphId) => {
    expect(await harness.runtime.schemas(graphId)).toEqual(await harness.runtime.schemas('tickets'))
  })

  it('may be a prebuilt agent', async () => {
    expect(await harness.runtime.schemas('agent')).toMatchObject({ input_schema: { properties: { messages: { langgraph_type: 'messages' } } }, output_schema: { properties: { messages: { langgraph_type: 'messages' }, structuredResponse: {} } } })
  })

  it('may be JavaScript with types in comments', async () => {
    const { state_schema: state } = await harness.runtime.schemas('documented')
    expect(state).toMatchObject({ properties: { guests: { type: 'array', description: 'Who comes.', items: { type: 'object', properties: { name: { type: 'string' }, age: { type: 'number' } }, required: ['name'] } }, room: { type: 'string' } } })
  })

  it.each([['untold', /type says nothing/], ['hidden', /The type of export 'hidden' of .*untold\.ts is not a graph's/]])('has the names of its channels and the reason where its type does not tell: %s', async (graphId, reason) => {
    expect(await harness.runtime.schemas(graphId)).toMatchObject({ input_schema: { properties: { topic: {} } }, state_schema: { properties: { topic: {} } }, context_schema: null, schema_problem: expect.stringMatching(reason) })
  })
})

describe('types', () => {
  const open = async (projectDir: string, options: object = {}) => {
    const harness = await startHarness({ graph: './graph.ts:graph' }, { projectDir, ...options })
    onTestFinished(() => harness.runtime.stop(0))
    return harness
  }

  it('are read where nothing is installed, and anew when a file of types alone has changed', async () => {
    const projectDir = await createProject({
      'graph.ts': `import type { Text } from './text.ts'\n${sayingGraph('fine').replace('Annotation<string>', 'Annotation<Text>').replace('"fine"', '"fine" as Text')}`,
      'text.ts': 'export type Text = "fine" | "good"\n',
    })
    const { runtime } = await open(projectDir)
    expect(await runtime.schemas('graph')).toMatchObject({ input_schema: { properties: { text: { type: 'string', enum: ['fine', 'good'] } } } })
    await writeFiles(projectDir, { 'text.ts': 'export type Text = "fine" | "bad" | "worse"\n' })
    expect(await runtime.schemas('graph')).toMatchObject({ input_schema: { properties: { text: { enum: ['fine', 'bad', 'worse'] } } } })
  })

  it('are told even of code that would not pass a type check', async () => {
    const projectDir = await createProject({ 'graph.ts': `import { nothing } from 'no-such-package'\n${sayingGraph('fine')}const wrong: number = 'text'\n`, 'node_modules/no-such-package/package.json': '{ "type": "module", "exports": "./index.js" }', 'node_modules/no-such-package/index.js': 'export const nothing = 1\n' })
    expect(await (await open(projectDir)).runtime.schemas('graph')).toMatchObject({ output_schema: { properties: { text: { type: 'string' } } } })
  })

  it('keep nobody waiting longer than is said, nor the worker from its runs', async () => {
    const harness = await open(await createProject({ 'graph.ts': sayingGraph('fine') }), { typesTimeoutMs: 1 })
    const [schemas, run] = await Promise.all([harness.runtime.schemas('graph'), harness.run('graph')])
    expect(schemas).toMatchObject({ input_schema: { properties: { text: {} } }, schema_problem: expect.stringContaining('were not read within 0.001 s (LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS)') })
    expect(run.outcome).toEqual({ status: 'success' })
  })

  it('are not read at all with a time of 0', async () => {
    const harness = await open(await createProject({ 'graph.ts': sayingGraph('fine') }), { typesTimeoutMs: 0 })
    expect(await harness.runtime.schemas('graph')).toMatchObject({ schema_problem: expect.stringContaining('Types are not read') })
  })
})
