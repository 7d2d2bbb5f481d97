import { SendMessageRequest, TaskState, type StreamResponse, type Task } from '@a2a-js/sdk'
import { ClientFactory, ClientFactoryOptions, DefaultAgentCardResolver, JsonRpcTransportFactory, type Client } from '@a2a-js/sdk/client'
import { Client as Platform } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { proofsOf } from './clients/proofs.ts'
import { BY_TEST, startProjectServer, type ProjectServer } from './start-project-server.ts'

const graphs = {
  chat: { path: './clients.ts:chat', description: 'Repeats what it hears.' }, talking: { path: './talking.ts:talking', description: null }, greeter: { path: './greeter.ts:greeter', description: null },
  approval: { path: './graph.ts:approval', description: null }, slow: { path: './graph.ts:slow', description: null }, failing: { path: './graph.ts:failing', description: null },
}
let [server, platform]: [ProjectServer, Platform] = [null!, null!]
beforeAll(async () => {
  server = await startProjectServer({}, { graphs })
  platform = new Platform({ apiUrl: server.url, defaultHeaders: BY_TEST })
})
afterAll(() => server.stop(0))

const { areAsTold } = proofsOf('a2a', () => server)

const legacyCompat = { enabled: true }
const factory = new ClientFactory(ClientFactoryOptions.createFrom(ClientFactoryOptions.default, { transports: [new JsonRpcTransportFactory({ legacyCompat })], cardResolver: new DefaultAgentCardResolver({ legacyCompat }) }))

/** The client of one line of the protocol, which finds the agent by its card. */
const LINES = {
  '1.0': (graph: string) => factory.createFromUrl(server.url, `/.well-known/agent-card.json?assistant_id=${graph}`),
  // What a client reads that is older than `supportedInterfaces`.
  '0.3': async (graph: string) => {
    const { supportedInterfaces: _, ...card } = await (await fetch(`${server.url}/a2a/${graph}/.well-known/agent-card.json`)).json() as Record<string, unknown>
    return factory.createFromAgentCard(new DefaultAgentCardResolver({ legacyCompat }).normalizeAgentCard(card))
  },
} as const

const message = (parts: object[], more: object = {}, configuration: object = {}) =>
  SendMessageRequest.fromJSON({ message: { messageId: crypto.randomUUID(), role: 'ROLE_USER', parts, ...more }, configuration })
const say = (text: string, more?: object, configuration?: object) => message([{ text }], more, configuration)

async function taskOf(client: Client, request: SendMessageRequest): Promise<Task> {
  const answer = await client.sendMessage(request)
  if (!('status' in answer)) throw new Error('This is a message, and no task.')
  return answer
}
const contentsOf = (parts: Task['history'][number]['parts'] | undefined) => parts?.map(({ content }) => content?.value as unknown)
const saidIn = (task: Task) => task.history.map(({ parts }) => contentsOf(parts)?.join(''))
const answersOf = (task: Task) => task.artifacts.flatMap(({ parts }) => contentsOf(parts))

async function allOf(stream: AsyncGenerator<StreamResponse>): Promise<NonNullable<StreamResponse['payload']>[]> {
  const events: NonNullable<StreamResponse['payload']>[] = []
  for await (const { payload } of stream) events.push(payload!)
  return events
}

describe.each(['1.0', '0.3'] as const)('the client of %s', (line) => {
  test('finds the agent by its card, and speaks its line', async () => {
    const client = await LINES[line]('chat')
    expect(client.protocolVersion).toMatch(line)
    const card = await client.getAgentCard()
    expect(card).toMatchObject({ name: 'chat', description: 'Repeats what it hears.', capabilities: { streaming: true }, skills: [{ name: 'chat' }] })
    expect(card.supportedInterfaces[0]?.url).toBe(`${server.url}/a2a/chat`)
  })

  test('gets an answer, and goes on in its context', async () => {
    const client = await LINES[line]('chat')
    const first = await taskOf(client, say('hello'))
    expect(first.status?.state).toBe(TaskState.TASK_STATE_COMPLETED)
    expect(answersOf(first)).toEqual(['You said: hello'])
    const second = await taskOf(client, say('again', { contextId: first.contextId }))
    expect(second.contextId).toBe(first.contextId)
    expect(second.id).not.toBe(first.id)
    expect(saidIn(second)).toEqual(['hello', 'You said: hello', 'again', 'You said: again'])
    expect(saidIn(await taskOf(client, say('third', { contextId: first.contextId }, { historyLength: 1 })))).toEqual(['You said: third'])
    expect((await platform.threads.getState<{ messages: unknown[] }>(first.contextId)).values.messages).toHaveLength(6)
    expect((await platform.runs.get(first.contextId, first.id)).status).toBe('success')
  })

  test('answers a question by the id of the task', async () => {
    const client = await LINES[line]('chat')
    const asking = await taskOf(client, say('may I sing'))
    expect(asking.status?.state).toBe(TaskState.TASK_STATE_INPUT_REQUIRED)
    expect(contentsOf(asking.status?.message?.parts)).toEqual([{ question: 'May they?' }])
    expect(asking.artifacts).toEqual([])
    const done = await taskOf(client, say('yes', { taskId: asking.id, contextId: asking.contextId }))
    expect([done.id, done.status?.state]).toEqual([asking.id, TaskState.TASK_STATE_COMPLETED])
    expect(answersOf(done)).toEqual(['You said: may I sing'])
    expect(await client.getTask({ tenant: '', id: asking.id })).toEqual(done)
    await expect(client.sendMessage(say('no', { taskId: asking.id }))).rejects.toThrow('is completed')
    await expect(client.sendMessage(say('no', { taskId: crypto.randomUUID() }))).rejects.toThrow('There is no task')
  })

  test('hears the answer as it is given', async () => {
    const client = await LINES[line]('talking')
    const events = await allOf(client.sendMessageStream(say('weather?')))
    const [task] = events
    const said = events.flatMap((event) => event.$case === 'statusUpdate' ? contentsOf(event.value.status?.message?.parts) ?? [] : []).join('')
    expect(task).toMatchObject({ $case: 'task', value: { artifacts: [] } })
    expect(said).toBe('Let me look.It is raining.')
    expect(events.slice(-2)).toMatchObject([
      { $case: 'artifactUpdate', value: { lastChunk: true, artifact: { parts: [{ content: { value: 'It is raining.' } }] } } },
      { $case: 'statusUpdate', value: { status: { state: TaskState.TASK_STATE_COMPLETED } } },
    ])
    if (task?.$case !== 'task') throw new Error('The first that is told is the task.')
  const { id, contextId } = task.value
    expect(events.slice(1).every(({ value }) => 'taskId' in value && value.taskId === id && value.contextId === contextId)).toBe(true)
    // Neither the call of the tool nor its result is for others.
    expect(saidIn(await client.getTask({ tenant: '', id }))).toEqual(['weather?', 'Let me look.', 'It is raining.'])
  })

  test('stops what it does not want any more', async () => {
    const client = await LINES[line]('slow')
    const begun = await taskOf(client, message([{ data: { steps: 100_000 } }], {}, { returnImmediately: true }))
    expect([TaskState.TASK_STATE_SUBMITTED, TaskState.TASK_STATE_WORKING]).toContain(begun.status?.state)
    expect((await client.cancelTask({ tenant: '', id: begun.id, metadata: undefined })).status?.state).toBe(TaskState.TASK_STATE_CANCELED)
    expect((await client.getTask({ tenant: '', id: begun.id })).status?.state).toBe(TaskState.TASK_STATE_CANCELED)
    await expect(client.cancelTask({ tenant: '', id: begun.id, metadata: undefined })).rejects.toThrow('is canceled')
    await expect(client.cancelTask({ tenant: '', id: 'nothing', metadata: undefined })).rejects.toThrow('There is no task nothing')
  })
})

test('a graph without messages is given data, answers with its state, and says so where it is given text', async () => {
  const client = await LINES['1.0']('approval')
  await expect(client.sendMessage(say('tea'))).rejects.toThrow('"approval" holds no conversation: its state has no messages. Send a data part with its input (topic, notes, draft, approved)')
  const asking = await taskOf(client, message([{ data: { topic: 'tea' } }]))
  expect(contentsOf(asking.status?.message?.parts)).toEqual([{ question: 'Publish?', draft: 'On tea' }])
  const done = await taskOf(client, message([{ data: true }], { taskId: asking.id }))
  expect(answersOf(done)).toEqual([{ topic: 'tea', draft: 'On tea', approved: true, notes: ['written', 'answered true', 'published'] }])
})

test('a message brings the context of the run along', async () => {
  const client = await LINES['1.0']('greeter')
  expect(answersOf(await taskOf(client, message([{ data: { name: 'Ada' } }], { metadata: { context: { tone: 'warm' } } })))).toEqual([{ name: 'Ada', greeting: 'So good to see you, Ada!' }])
  expect(answersOf(await taskOf(client, message([{ data: { name: 'Ada' } }])))).toEqual([{ name: 'Ada', greeting: 'Hello Ada.' }])
})

test('a question that is cancelled is asked nobody any more', async () => {
  const client = await LINES['1.0']('chat')
  const { id, contextId } = await taskOf(client, say('may I wait'))
  expect((await platform.threads.get(contextId)).status).toBe('interrupted')
  expect((await client.cancelTask({ tenant: '', id, metadata: undefined })).status?.state).toBe(TaskState.TASK_STATE_CANCELED)
  expect((await platform.threads.get(contextId)).status).toBe('idle')
  expect(answersOf(await taskOf(client, say('hello', { contextId })))).toEqual(['You said: hello'])
})

test('a run that fails is a task that has failed, and says why', async () => {
  const failed = await taskOf(await LINES['1.0']('failing'), message([{ data: {} }]))
  expect([failed.status?.state, contentsOf(failed.status?.message?.parts)]).toEqual([TaskState.TASK_STATE_FAILED, ['TypeError: This node always fails.']])
})

test('the tasks of a context are listed, newest first', async () => {
  const client = await LINES['1.0']('chat')
  const { contextId, id: first } = await taskOf(client, say('one'))
  const { id: asking } = await taskOf(client, say('may I', { contextId }))
  const { id: third } = await taskOf(client, say('three', { contextId }))
  const list = { tenant: '', contextId, status: TaskState.TASK_STATE_UNSPECIFIED, pageToken: '', statusTimestampAfter: undefined }
  const page = await client.listTasks({ ...list, pageSize: 2 })
  expect([page.tasks.map(({ id }) => id), page.totalSize]).toEqual([[third, asking], 3])
  expect((await client.listTasks({ ...list, pageSize: 2, pageToken: page.nextPageToken })).tasks.map(({ id }) => id)).toEqual([first])
  // Its question was passed over.
  const passedOver = await client.listTasks({ ...list, status: TaskState.TASK_STATE_CANCELED, historyLength: 0 })
  expect(passedOver.tasks.map(({ id, history }) => [id, history])).toEqual([[asking, []]])
  await expect(client.sendMessage(say('yes', { taskId: asking, contextId }))).rejects.toThrow('is canceled')
})

test('a person at the Studio may answer what another agent was asked', async () => {
  const client = await LINES['1.0']('chat')
  const { id, contextId } = await taskOf(client, say('may I dance'))
  await platform.runs.wait(contextId, 'chat', { command: { resume: 'yes' } })
  expect(answersOf(await client.getTask({ tenant: '', id }))).toEqual(['You said: may I dance'])
})

test('a task goes on when its client has left the stream', async () => {
  const client = await LINES['1.0']('slow')
  const gone = new AbortController()
  const stream = client.sendMessageStream(message([{ data: { steps: 5 } }]), { signal: gone.signal })
  const { value: first } = await stream.next()
  if (first?.payload?.$case !== 'task') throw new Error('The first that is told is the task.')
  const { id } = first.payload.value
  gone.abort()
  await expect(stream.next()).rejects.toThrow()
  await vi.waitFor(async () => expect((await client.getTask({ tenant: '', id })).status?.state).toBe(TaskState.TASK_STATE_COMPLETED), { timeout: 10_000 })
})

areAsTold()
