import { Client } from '@langchain/langgraph-sdk'
import { Annotation, Command, END, MemorySaver, START, StateGraph } from '@langchain/langgraph'
import { RemoteGraph } from '@langchain/langgraph/remote'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BY_TEST, startProjectServer, type ProjectServer } from '../start-project-server.ts'
import { proofsOf } from './proofs.ts'

let server: ProjectServer
/** For what surrounds the graph; what it asks proves nothing of RemoteGraph. */
let client: Client
beforeAll(async () => {
  server = await startProjectServer()
  client = new Client({ apiUrl: server.url, defaultHeaders: BY_TEST })
})
afterAll(() => server.stop(0))

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of stream) all.push(item)
  return all
}

describe('RemoteGraph', () => {
  const proofs = proofsOf('js-remote', () => server)

  test('invokes, streams and reads state like a local graph', async () => {
    const graph = new RemoteGraph({ graphId: 'approval', url: server.url })
    const { thread_id } = await client.threads.create()
    const config = { configurable: { thread_id } }
    // Inside a parent graph an interrupt must travel up, so RemoteGraph throws it.
    await expect(graph.invoke({ topic: 'remote' }, config)).rejects.toThrow(/Publish\?/)
    expect(await graph.getState(config)).toMatchObject({ next: ['approve'], values: { draft: 'On remote' } })
    const chunks = await collect(await graph.stream(new Command({ resume: true }), { ...config, streamMode: 'updates' }))
    expect(chunks.map((chunk) => Object.keys(chunk as object))).toEqual([['approve'], ['publish']])
    expect(await collect(graph.getStateHistory(config))).toHaveLength(5)
    expect((await graph.getGraphAsync()).nodes).toHaveProperty('write')
  })

  test('changes the state, and goes on from there', async () => {
    const graph = new RemoteGraph({ graphId: 'counter', url: server.url })
    const config = { configurable: { thread_id: (await client.threads.create()).thread_id } }
    await graph.invoke({}, config)
    await graph.updateState(config, { count: 10 }, 'add')
    expect(await graph.getState(config)).toMatchObject({ next: ['tell'], values: { count: 11 } })
    expect(await graph.invoke(null, config)).toMatchObject({ count: 11, log: ['added 1', 'now 1', 'now 11'] })
  })

  test('tells of the graphs inside, and streams what they do', async () => {
    const graph = new RemoteGraph({ graphId: 'nested', url: server.url })
    const inside = await collect(graph.getSubgraphsAsync())
    expect(inside.map(([namespace]) => namespace)).toEqual(['research'])
    const config = { configurable: { thread_id: (await client.threads.create()).thread_id } }
    const chunks = await collect(await graph.stream({ topic: 'tides' }, { ...config, streamMode: 'updates', subgraphs: true })) as [string[], object][]
    expect(chunks.map(([namespace, update]) => [namespace.length, ...Object.keys(update)])).toEqual([[1, 'look'], [1, 'doubt'], [0, 'research'], [0, 'write']])
    const state = await graph.getState(config, { subgraphs: true })
    expect(state).toMatchObject({ next: [], values: { report: 'looked at tides' } })
  })

  test('is a node of a graph that runs here: its question goes up, and the answer comes down', async () => {
    const { thread_id } = await client.threads.create()
    const remote = new RemoteGraph({ graphId: 'approval', url: server.url })
    const there = { configurable: { thread_id } }
    const graph = new StateGraph(Annotation.Root({ topic: Annotation<string>, draft: Annotation<string>, approved: Annotation<boolean> }))
      .addNode('remote', async (state, config) => {
        const { next } = await remote.getState(there)
        return remote.invoke(next.length > 0 ? new Command({ resume: true }) : { topic: state.topic }, { ...config, ...there })
      })
      .addEdge(START, 'remote')
      .addEdge('remote', END)
      .compile({ checkpointer: new MemorySaver() })
    const here = { configurable: { thread_id: 'here' } }
    expect(await graph.invoke({ topic: 'tides' }, here)).toMatchObject({ __interrupt__: [{ value: { question: 'Publish?', draft: 'On tides' } }] })
    expect((await remote.getState(there)).next).toEqual(['approve'])
    expect(await graph.invoke(new Command({ resume: true }), here)).toMatchObject({ draft: 'On tides', approved: true })
  })

  proofs.areAsTold()
})
