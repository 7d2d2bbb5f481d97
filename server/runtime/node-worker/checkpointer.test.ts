import { duplexPair } from 'node:stream'
import * as documents from '@langchain/core/documents'
import * as messages from '@langchain/core/messages'
import * as langgraph from '@langchain/langgraph'
import { Annotation, END, interrupt, MemorySaver, START, StateGraph, type BaseCheckpointSaver } from '@langchain/langgraph'
import { describe, expect, it } from 'vitest'
import { connect } from '../connection.ts'
import { serveWorkerRequests } from '../worker-services.ts'
import { createMemoryServices } from '../testing/memory-services.ts'
import { CheckpointClient } from './checkpoint-client.ts'
import { createCheckpointer } from './checkpointer.ts'
import { createLiveReader } from './live-values.ts'
import { createSentPieces } from './sent-pieces.ts'
import type { UserLangGraph } from './user-langgraph.ts'

const copy = { ...langgraph, version: null, messageReducers: [], messages, documents, schemaReaders: {}, toJsonSchema: undefined } as unknown as UserLangGraph

const open = () => {
  const services = createMemoryServices()
  const [here, there] = duplexPair()
  connect(there, { requests: serveWorkerRequests(services) })
  const sent = createSentPieces()
  const client = new CheckpointClient({ connection: connect(here, {}), sent, read: createLiveReader(copy, sent.encodings), runId: null, sync: true, onPut: () => undefined })
  return { services, client, checkpointer: createCheckpointer(copy, client) }
}

const gather = async <T>(items: AsyncIterable<T>) => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

const State = Annotation.Root({ items: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }), last: Annotation<string> })

const build = (checkpointer: BaseCheckpointSaver) => new StateGraph(State)
  .addNode('one', () => ({ items: ['one'], last: 'one' }))
  .addNode('ask', () => ({ items: [String(interrupt('question'))] }))
  .addEdge(START, 'one').addEdge('one', 'ask').addEdge('ask', END)
  .compile({ checkpointer })

/** The same things done to the same graph. */
const live = async (checkpointer: BaseCheckpointSaver) => {
  const graph = build(checkpointer)
  const config = { configurable: { thread_id: 'thread' } }
  await graph.invoke({ items: ['in'] }, config)
  await graph.invoke(new langgraph.Command({ resume: 'answer' }), config)
  await graph.updateState(config, { items: ['updated'] }, 'one')
  const history = []
  for await (const state of graph.getStateHistory(config)) history.push(state)
  await graph.invoke(null, history.at(-2)!.config)
  return { graph, config }
}

const toldBy = async (checkpointer: BaseCheckpointSaver) => {
  const { graph, config } = await live(checkpointer)
  const told = []
  for await (const { values, next, tasks, metadata } of graph.getStateHistory(config)) {
    told.push({ values, next, step: metadata?.step, source: metadata?.source, tasks: tasks.map(({ name, interrupts, path, result }) => ({ name, path, result, questions: interrupts.map(({ value }) => value as unknown) })) })
  }
  return told
}

describe('the checkpointer', () => {
  it('tells the same history as LangGraph\'s own', async () => {
    expect(await toldBy(open().checkpointer)).toEqual(await toldBy(new MemorySaver()))
  })

  it('lists newest first, before one, up to a limit, by metadata and by id', async () => {
    const { checkpointer } = open()
    const { config } = await live(checkpointer)
    const all = await gather(checkpointer.list(config))
    const ids = all.map(({ checkpoint }) => checkpoint.id)
    expect(ids).toEqual(ids.toSorted().toReversed())
    expect((await gather(checkpointer.list(config, { limit: 2 }))).map(({ checkpoint }) => checkpoint.id)).toEqual(ids.slice(0, 2))
    expect((await gather(checkpointer.list(config, { before: all[2]!.config }))).map(({ checkpoint }) => checkpoint.id)).toEqual(ids.slice(3))
    expect((await gather(checkpointer.list(config, { filter: { source: 'update' } }))).map(({ metadata }) => metadata!.source)).toEqual(['update'])
    expect(await gather(checkpointer.list(all[1]!.config))).toEqual([all[1]])
  })

  it('gives nothing for what is not there, and nothing after a thread is deleted', async () => {
    const { checkpointer } = open()
    const config = { configurable: { thread_id: 'thread' } }
    expect(await checkpointer.getTuple(config)).toBe(undefined)
    await live(checkpointer)
    expect(await checkpointer.getTuple(config)).toBeDefined()
    await checkpointer.deleteThread('thread')
    expect(await checkpointer.getTuple(config)).toBe(undefined)
    expect(await checkpointer.getTuple({ configurable: {} })).toBe(undefined)
  })

  it('keeps writes behind their checkpoint, and drops those whose checkpoint never comes', async () => {
    const { checkpointer, services } = open()
    const at = (checkpointId: string, config = {}) => ({ configurable: { thread_id: 't', checkpoint_ns: '', ...config, checkpoint_id: checkpointId } })
    await checkpointer.putWrites(at('never'), [['a', 1]], 'task')
    expect(services.received).toEqual([])
    const first = { ...langgraph.emptyCheckpoint(), id: '1' }
    const put = checkpointer.put({ configurable: { thread_id: 't', checkpoint_ns: '' } }, first, { source: 'input', step: -1, parents: {} }, {})
    const chained = put.then(() => checkpointer.put(at('1'), { ...first, id: '2' }, { source: 'loop', step: 0, parents: {} }, {}))
    const writes = checkpointer.putWrites(at('2'), [['a', 1], ['__interrupt__', 2]], 'task')
    await Promise.all([put, chained, writes])
    expect(services.received.map(({ method }) => method)).toEqual(['put', 'put', 'writes'])
    expect(services.history('t')[0]!.writes).toEqual([{ idx: 0, channel: 'a', value: '1', task_id: 'task' }, { idx: -3, channel: '__interrupt__', value: '2', task_id: 'task' }])
  })

  it('gives the sends of an old checkpoint as themselves, to old and new versions', async () => {
    const { checkpointer, client } = open()
    const config = { configurable: { thread_id: 't', checkpoint_ns: '' } }
    const sends = ['b', 'a'].map((node) => ({ node, args: { messages: [new messages.HumanMessage(node)] } }))
    const old = { ...langgraph.emptyCheckpoint(), v: 1, id: '1', channel_values: { text: 'x' }, channel_versions: { text: 7 }, pending_sends: sends }
    await checkpointer.put(config, old, { source: 'loop', step: 0, parents: {} }, {})
    const forNew = (await checkpointer.getTuple(config))!.checkpoint
    expect(forNew).toMatchObject({ channel_values: { text: 'x', __pregel_tasks: sends }, channel_versions: { text: 7, __pregel_tasks: 7 } })
    const oldCopy = createCheckpointer({ ...copy, emptyCheckpoint: () => ({ ...langgraph.emptyCheckpoint(), pending_sends: [] }) }, client)
    expect((await oldCopy.getTuple(config))!.checkpoint).toEqual(old)
  })

  it('writes nothing once its run has ended', async () => {
    const { checkpointer, client } = open()
    client.close()
    await expect(checkpointer.put({ configurable: { thread_id: 't' } }, langgraph.emptyCheckpoint(), { source: 'input', step: -1, parents: {} }, {})).rejects.toThrow('has ended')
    await expect(checkpointer.putWrites({ configurable: { thread_id: 't', checkpoint_id: '1' } }, [], 'task')).rejects.toThrow('has ended')
  })

  it('encodes a value again when it changed without a new version', async () => {
    const { checkpointer, services } = open()
    const put = (parent: string | undefined, id: string, value: unknown) => checkpointer.put({ configurable: { thread_id: 't', checkpoint_ns: '', ...(parent ? { checkpoint_id: parent } : {}) } }, { ...langgraph.emptyCheckpoint(), id, channel_values: { a: value }, channel_versions: { a: 1 } }, { source: 'loop', step: 0, parents: {} }, {})
    await put(undefined, '1', ['x'])
    await put('1', '2', ['y'])
    expect(services.history('t').map(({ put: { channels } }) => channels['a'])).toEqual(['["y"]', '["x"]'])
  })
})

describe('stored LangChain objects', () => {
  const readLive = createLiveReader(copy, createSentPieces().encodings)
  const read = (json: string) => readLive(json, () => { throw new Error('no piece expected') })
  it('are instances of the user\'s classes when the class is one of the known', () => {
    const message = read('{"$":"lc","id":["langchain_core","messages","HumanMessage"],"v":{"content":"hi","id":"1"}}')
    expect(message).toBeInstanceOf(messages.HumanMessage)
    expect(read('{"$":"lc","id":["langchain_core","documents","Document"],"v":{"page_content":"text","metadata":{"a":1}}}')).toMatchObject({ pageContent: 'text', metadata: { a: 1 } })
  })
  it.each(['["langchain_core","messages","BaseMessage"]', '["langchain_core","messages","constructor"]', '["langchain","llms","OpenAI"]', '["messages","__proto__"]'])('are inert data when it is %s', (id) => {
    expect(read(`{"$":"lc","id":${id},"v":{"content":"hi"}}`)).toEqual({ lc: 1, type: 'constructor', id: JSON.parse(id) as string[], kwargs: { content: 'hi' } })
  })
})
