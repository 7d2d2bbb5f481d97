import { deepStrictEqual as same, ok } from 'node:assert'

/** @param {AsyncIterable<unknown>} stream */
async function collect(stream) {
  const all = []
  for await (const item of stream) all.push(item)
  return all
}

const newThread = async (client) => (await client.threads.create()).thread_id
const notesOf = (state) => state.values.notes

async function streamed(client, streamMode, graph = 'approval') {
  const events = await collect(client.runs.stream(await newThread(client), graph, { input: { topic: 'a' }, streamMode }))
  const error = events.find(({ event }) => event === 'error')
  ok(!error, JSON.stringify(error?.data))
  return events
}

async function paused(client, graph = 'approval') {
  const thread = await newThread(client)
  await client.runs.wait(thread, graph, { input: { topic: 'a' } })
  return thread
}

/** Streams of each mode must tell of themselves: by their own event, or as part of another. */
const streamOf = (mode, event = mode) => [`stream ${mode}`, async ({ client }) => {
  const events = await streamed(client, [mode])
  ok(events.some((seen) => seen.event === event || seen.event.startsWith(`${event}/`)), `only ${events.map((seen) => seen.event)}`)
}]

/**
 * What a version must do: `[name, check]`. A check gets `{ client, restart, has }`, throws
 * when it is not so and gives 'none' where the version has no such thing.
 */
export const CHECKS = [
  ['invoke', async ({ client }) => {
    const values = await client.runs.wait(null, 'fanOut', { input: { topic: 'a,b' } })
    same(values.notes, ['a true', 'b true'])
  }],
  streamOf('values'), streamOf('updates'), streamOf('messages'), streamOf('messages-tuple', 'messages'), streamOf('custom'), streamOf('debug'), streamOf('events'),
  ['stream tasks', async ({ client, has }) => {
    if (!has.tasks) return 'none'
    ok((await streamed(client, ['tasks'])).some(({ event }) => event === 'tasks'))
  }],
  ['stream checkpoints', async ({ client, has }) => {
    if (!has.tasks) return 'none'
    ok((await streamed(client, ['checkpoints'])).some(({ event }) => event === 'checkpoints'))
  }],
  ['interrupt, resume', async ({ client }) => {
    const thread = await paused(client)
    const state = await client.threads.getState(thread)
    same(state.next, ['approve'])
    same(state.tasks[0].interrupts[0].value, { question: 'Publish?' })
    same((await client.threads.get(thread)).status, 'interrupted')
    const values = await client.runs.wait(thread, 'approval', { command: { resume: 'yes' } })
    same(values.notes, ['written', 'answered yes', 'live', 'published'])
    same((await client.threads.get(thread)).status, 'idle')
  }],
  ['resume false', async ({ client }) => {
    const thread = await paused(client)
    same((await client.runs.wait(thread, 'approval', { command: { resume: false } })).notes, ['written', 'answered false', 'live', 'published'])
  }],
  ['resume elsewhere', async ({ client, restart }) => {
    const thread = await paused(client)
    await restart()
    same((await client.runs.wait(thread, 'approval', { command: { resume: 'yes' } })).notes, ['written', 'answered yes', 'live', 'published'])
  }],
  ['sends elsewhere', async ({ client, restart, has }) => {
    if (!has.pausesBeforeSends) return 'none'
    const thread = await newThread(client)
    await client.runs.wait(thread, 'fanOut', { input: { topic: 'b,a,c' }, interruptBefore: ['work'] })
    same((await client.threads.getState(thread)).next, ['work', 'work', 'work'])
    await restart()
    same((await client.runs.wait(thread, 'fanOut', { input: null })).notes, ['b true', 'a true', 'c true'])
  }],
  ['update state', async ({ client }) => {
    const thread = await paused(client)
    await client.threads.updateState(thread, { values: { notes: ['mine'] } })
    same(notesOf(await client.threads.getState(thread)), ['written', 'mine'])
    await client.threads.updateState(thread, { values: { notes: ['approved by hand'] }, asNode: 'approve' })
    same((await client.runs.wait(thread, 'approval', { input: null })).notes, ['written', 'mine', 'approved by hand', 'published'])
  }],
  ['history', async ({ client }) => {
    const thread = await paused(client)
    await client.runs.wait(thread, 'approval', { command: { resume: 'yes' } })
    const history = await client.threads.getHistory(thread)
    same(history.map(({ next }) => next), [[], ['publish'], ['approve'], ['write'], ['__start__']])
    same(history.map(({ metadata }) => metadata.step), [3, 2, 1, 0, -1])
  }],
  ['fork', async ({ client }) => {
    const thread = await paused(client)
    await client.runs.wait(thread, 'approval', { command: { resume: 'yes' } })
    const before = (await client.threads.getHistory(thread)).find(({ next }) => next[0] === 'approve')
    const fork = await client.threads.updateState(thread, { values: { notes: ['forked'] }, asNode: 'approve', checkpoint: before.checkpoint })
    same((await client.runs.wait(thread, 'approval', { input: null, checkpoint: fork.checkpoint ?? fork.configurable })).notes, ['written', 'forked', 'published'])
  }],
  ['replay', async ({ client }) => {
    const thread = await paused(client)
    await client.runs.wait(thread, 'approval', { command: { resume: 'yes' } })
    const before = (await client.threads.getHistory(thread)).find(({ next }) => next[0] === 'publish')
    same((await client.runs.wait(thread, 'approval', { input: null, checkpoint: before.checkpoint })).notes, ['written', 'answered yes', 'live', 'published'])
  }],
  ['subgraph', async ({ client }) => {
    const thread = await newThread(client)
    const events = await collect(client.runs.stream(thread, 'nested', { input: { topic: 'a' }, streamMode: ['updates'], streamSubgraphs: true }))
    ok(events.some(({ event }) => event.startsWith('updates|nested:')), `only ${events.map(({ event }) => event)}`)
    const state = await client.threads.getState(thread, undefined, { subgraphs: true })
    same(state.tasks[0].state.values.notes, ['inner first'])
    same((await client.runs.wait(thread, 'nested', { command: { resume: 'yes' } })).notes, ['inner first', 'inner yes', 'jumped', 'last'])
  }],
  ['store', async ({ client }) => {
    await client.runs.wait(null, 'remembering', { input: { topic: 'a' } })
    same((await client.runs.wait(null, 'remembering', { input: { topic: 'a' } })).notes, ['run 2'])
    same((await client.store.getItem(['runs'], 'count')).value, { count: 2 })
  }],
  ['functional API', async ({ client, has }) => {
    if (!has.functional) return 'none'
    const thread = await newThread(client)
    await client.runs.wait(thread, 'functional', { input: { n: 2 } })
    same(await client.runs.wait(thread, 'functional', { command: { resume: 10 } }), { total: 14 })
    await client.runs.wait(thread, 'functional', { input: { n: 1 } })
    same(await client.runs.wait(thread, 'functional', { command: { resume: 1 } }), { total: 17 })
  }],
  ['cancel', async ({ client }) => {
    const thread = await newThread(client)
    let runId
    for await (const { event, data } of client.runs.stream(thread, 'slow', { input: { topic: 'a' }, streamMode: ['updates'], onDisconnect: 'continue' })) {
      if (event === 'metadata') runId = data.run_id
      if (event === 'updates') break
    }
    await client.runs.cancel(thread, runId, true)
    same((await client.runs.get(thread, runId)).status, 'interrupted')
    same(notesOf(await client.threads.getState(thread)), ['begun'])
  }],
  ['schemas, drawing', async ({ client }) => {
    const [{ assistant_id: assistant }] = await client.assistants.search({ graphId: 'approval' })
    ok((await client.assistants.getSchemas(assistant)).graph_id === 'approval')
    const { nodes } = await client.assistants.getGraph(assistant)
    same(nodes.map(({ id }) => id).sort(), ['__end__', '__start__', 'approve', 'publish', 'write'])
  }],
]
