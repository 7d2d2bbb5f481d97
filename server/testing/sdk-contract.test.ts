import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { proofsOf } from './clients/proofs.ts'
import { startReceiver } from './start-receiver.ts'
import { BY_TEST, startProjectServer, type ProjectServer } from './start-project-server.ts'

let server: ProjectServer
let client: Client
beforeAll(async () => {
  server = await startProjectServer()
  client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
})
afterAll(() => server.stop(0))

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of stream) all.push(item)
  return all
}

interface Draft { topic: string, notes: string[], draft: string, approved?: boolean }

describe('the official JavaScript SDK', () => {
  const proofs = proofsOf('js', () => server)

  test('a copy that is pruned to its latest checkpoint goes on where its source waits, and the source keeps its history', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'approval', { input: { topic: 'tides' } })
    const copy = await client.threads.copy(thread_id) as unknown as { thread_id: string }
    expect(await client.threads.prune([copy.thread_id], { strategy: 'keep_latest' })).toEqual({ pruned_count: 1 })
    expect(await client.threads.getHistory(copy.thread_id)).toHaveLength(1)
    const stored = await fetch(`${server.url}/threads/${copy.thread_id}/storage`, { headers: BY_TEST }).then((response) => response.json() as Promise<{ thread_id: string, checkpoints: { count: number }, total_bytes: number }>)
    expect(stored).toMatchObject({ thread_id: copy.thread_id, checkpoints: { count: 1 } })
    expect(stored.total_bytes).toBeGreaterThan(0)
    expect(await client.runs.wait(copy.thread_id, 'approval', { command: { resume: true } })).toMatchObject({ approved: true })
    expect(await client.threads.getState(thread_id)).toMatchObject({ next: ['approve'] })
    expect(await client.threads.getHistory(thread_id)).toHaveLength(3)
    expect(await client.threads.prune([thread_id, copy.thread_id])).toEqual({ pruned_count: 2 })
    await expect(client.threads.get(thread_id)).rejects.toThrow(/404/)
  })

  test('creates, streams, is interrupted, resumes, looks back and forks', async () => {
    const { thread_id } = await client.threads.create({ metadata: { owner: 'ada' } })
    const events = await collect(client.runs.stream(thread_id, 'approval', { input: { topic: 'batteries' }, streamMode: ['values', 'updates', 'custom'] }))
    expect(events.map(({ event }) => event)).toEqual(expect.arrayContaining(['metadata', 'values', 'updates', 'custom']))
    expect(events.find(({ event }) => event === 'custom')?.data).toEqual({ progress: 'writing' })

    const paused = await client.threads.getState<Draft>(thread_id)
    expect(paused).toMatchObject({ next: ['approve'], values: { draft: 'On batteries' } })
    expect(paused.tasks[0]!.interrupts[0]).toMatchObject({ value: { question: 'Publish?', draft: 'On batteries' } })
    expect(await client.threads.get(thread_id)).toMatchObject({ status: 'interrupted', metadata: { owner: 'ada', graph_id: 'approval' } })
    expect(await client.threads.search({ status: 'interrupted', metadata: { owner: 'ada' } })).toHaveLength(1)

    expect(await client.runs.wait(thread_id, 'approval', { command: { resume: true } })).toMatchObject({ approved: true, notes: ['written', 'answered true', 'published'] })
    expect((await client.threads.get(thread_id)).status).toBe('idle')

    const history = await client.threads.getHistory<Draft>(thread_id)
    expect(history.map((state) => state.next)).toEqual([[], ['publish'], ['approve'], ['write'], ['__start__']])
    const asked = history[2]!

    const forked = await client.threads.updateState(thread_id, { values: { draft: 'Changed' }, asNode: 'write', checkpointId: asked.checkpoint.checkpoint_id! })
    const again = await client.runs.wait(thread_id, 'approval', { input: null, checkpointId: (forked as unknown as { checkpoint: { checkpoint_id: string } }).checkpoint.checkpoint_id })
    expect(again).toMatchObject({ draft: 'Changed', __interrupt__: [{ value: { draft: 'Changed' } }] })
    expect(await client.runs.wait(thread_id, 'approval', { command: { resume: false } })).toMatchObject({ approved: false, draft: 'Changed' })
    // The first branch is still there.
    const all = await client.threads.getHistory<Draft>(thread_id, { limit: 100 })
    expect(all.filter((state) => state.values.notes?.includes('published'))).toHaveLength(1)
    expect(all.filter((state) => state.values.notes?.includes('dropped'))).toHaveLength(1)
  })

  test('has its webhook told of each run on the way: that it waits for an answer, that it ended, that it failed', async () => {
    const receiver = await startReceiver()
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'approval', { input: { topic: 'hooks' }, webhook: receiver.url })
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1))
    await client.runs.wait(thread_id, 'approval', { command: { resume: true }, webhook: receiver.url })
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2))
    await client.runs.wait(null, 'failing', { input: { topic: 'hooks' }, webhook: receiver.url, raiseError: false })
    await vi.waitFor(() => expect(receiver.received).toHaveLength(3))
    const [asked, answered, failed] = receiver.received.map(({ body }) => body)
    expect(asked).toMatchObject({ thread_id, values: { draft: 'On hooks', notes: ['written'] } })
    expect(Object.values(asked!['interrupts'] as Record<string, unknown[]>)).toEqual([[expect.objectContaining({ value: { question: 'Publish?', draft: 'On hooks' } })]])
    expect(answered).toMatchObject({ thread_id, status: 'success', interrupts: {}, values: (await client.threads.getState(thread_id)).values })
    expect(failed).toMatchObject({ status: 'error', error: { error: 'TypeError', message: 'This node always fails.' }, values: { topic: 'hooks' } })
    await receiver.stop()
  })

  test('makes many stateless runs in one request', async () => {
    const runs = await client.runs.createBatch(['a', 'b', 'c'].map((topic) => ({ assistantId: 'approval', input: { topic }, onCompletion: 'keep' as never, metadata: { topic } })))
    expect(runs.map((run) => run.metadata?.['topic'])).toEqual(['a', 'b', 'c'])
    const outputs = await Promise.all(runs.map((run) => client.runs.join(run.thread_id, run.run_id)))
    expect(outputs.map((output) => (output as unknown as Draft).draft)).toEqual(['On a', 'On b', 'On c'])
  })

  test('re-runs from a checkpoint without changing anything', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'approval', { input: { topic: 'x' } })
    await client.runs.wait(thread_id, 'approval', { command: { resume: true } })
    const [, beforePublish] = await client.threads.getHistory<Draft>(thread_id)
    const copy = await client.threads.updateState(thread_id, { values: null, asNode: '__copy__', checkpointId: beforePublish!.checkpoint.checkpoint_id! })
    const at = (copy as unknown as { checkpoint: { checkpoint_id: string } }).checkpoint.checkpoint_id
    expect((await client.threads.getState(thread_id)).next).toEqual(['publish'])
    expect(await client.runs.wait(thread_id, 'approval', { input: null, checkpointId: at })).toMatchObject({ notes: ['written', 'answered true', 'published'] })
  })

  test('a fork named in the config is that run\'s alone', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'approval', { input: { topic: 'x' } })
    const [asked] = await client.threads.getHistory(thread_id)
    await client.runs.wait(thread_id, 'approval', { input: null, config: { configurable: { checkpoint_id: asked!.checkpoint.checkpoint_id } } })
    expect(await client.runs.wait(thread_id, 'approval', { command: { resume: true } })).toMatchObject({ approved: true })
    await expect(client.runs.wait(thread_id, 'approval', { input: null, config: { configurable: { checkpoint_id: 'nope' } } })).rejects.toThrow(/404/)
  })

  test('answers several interrupts at once, by id', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'wide', { input: { items: ['a', 'b'] } })
    const { interrupts } = await client.threads.get(thread_id)
    const open = Object.values(interrupts).flat()
    expect(open).toHaveLength(2)
    const [first, second] = open as [{ id: string, value: { ask: string } }, { id: string, value: { ask: string } }]
    await client.runs.wait(thread_id, 'wide', { command: { resume: { [first.id]: 'one' } } })
    expect(Object.values((await client.threads.get(thread_id)).interrupts).flat()).toMatchObject([{ id: second.id }])
    const done = await client.runs.wait(thread_id, 'wide', { command: { resume: { [second.id]: 'two' } } })
    expect(done).toMatchObject({ answers: expect.arrayContaining([`${first.value.ask}: one`, `${second.value.ask}: two`]) as string[] })
  })

  test('stops before and after a node, and goes on with no input', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'approval', { input: { topic: 'x' }, interruptBefore: ['write'] })
    expect((await client.threads.getState(thread_id)).next).toEqual(['write'])
    await client.runs.wait(thread_id, 'approval', { input: null, interruptAfter: ['write'] })
    expect(await client.threads.getState(thread_id)).toMatchObject({ next: ['approve'], interrupts: [] })
  })

  test('reports a node\'s failure and the recursion limit by their class names', async () => {
    expect(await client.runs.wait(null, 'failing', { input: { topic: 'x' }, raiseError: false })).toMatchObject({ __error__: { error: 'TypeError', message: 'This node always fails.' } })
    expect(await client.runs.wait(null, 'slow', { input: { steps: 50 }, config: { recursion_limit: 2, configurable: { pace_ms: 0 } }, raiseError: false })).toMatchObject({ __error__: { error: 'GraphRecursionError' } })
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'failing', { input: { topic: 'x' }, raiseError: false })
    expect((await client.threads.getState(thread_id)).tasks[0]).toMatchObject({ name: 'break', error: expect.anything() as unknown })
  })

  test('cancels a running graph and keeps what it had done', async () => {
    const { thread_id } = await client.threads.create()
    const run = await client.runs.create(thread_id, 'slow', { input: { steps: 10_000 }, config: { recursion_limit: 20_000 }, streamMode: ['updates'] })
    for await (const { event } of client.runs.joinStream(thread_id, run.run_id, { lastEventId: '-1' })) if (event === 'updates') break
    await client.runs.cancel(thread_id, run.run_id, true)
    expect((await client.runs.get(thread_id, run.run_id)).status).toBe('interrupted')
    expect((await client.threads.getState<{ done: number }>(thread_id)).values.done).toBeGreaterThan(0)
    expect(await client.runs.list(thread_id)).toHaveLength(1)
  })

  test('keeps assistants with their versions', async () => {
    const system = await client.assistants.get('approval')
    expect(system).toMatchObject({ graph_id: 'approval', name: 'approval', version: 1, metadata: { created_by: 'system' } })
    const created = await client.assistants.create({ graphId: 'approval', name: 'Careful', config: { configurable: { tone: 'strict' } } })
    const second = await client.assistants.update(created.assistant_id, { config: { configurable: { tone: 'warm' } }, metadata: { note: 1 } })
    expect(second).toMatchObject({ version: 2, config: { configurable: { tone: 'warm' } } })
    expect((await client.assistants.getVersions(created.assistant_id)).map(({ version }) => version)).toEqual([2, 1])
    expect(await client.assistants.setLatest(created.assistant_id, 1)).toMatchObject({ version: 1, config: { configurable: { tone: 'strict' } } })
    expect(await client.assistants.update(created.assistant_id, { name: 'Careful again' })).toMatchObject({ version: 3 })
    expect(await client.assistants.search({ graphId: 'approval', name: 'careful' })).toHaveLength(1)
    await client.assistants.delete(created.assistant_id)
    await expect(client.assistants.get(created.assistant_id)).rejects.toThrow(/404.*Assistant not found/)
  })

  test('draws graphs and tells their schemas', async () => {
    const graph = await client.assistants.getGraph('approval', { xray: true })
    expect(graph.nodes.map(({ id }) => id)).toEqual(expect.arrayContaining(['__start__', 'write', 'approve', 'publish', '__end__']))
    expect(graph.edges).toContainEqual(expect.objectContaining({ source: 'approve', target: 'publish', conditional: true }))
    expect((await client.assistants.getSchemas('approval')).input_schema).toMatchObject({ properties: { topic: {}, notes: {} } })
    expect(await client.assistants.getSubgraphs('approval')).toEqual({})
  })

  test('copies threads with their history', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'approval', { input: { topic: 'x' } })
    const copy = await client.threads.copy(thread_id)
    expect((await client.threads.getHistory(copy.thread_id)).length).toBe((await client.threads.getHistory(thread_id)).length)
    await client.threads.delete(thread_id)
    expect(await client.runs.wait(copy.thread_id, 'approval', { command: { resume: true } })).toMatchObject({ approved: true })
  })

  test('stores items', async () => {
    await client.store.putItem(['memories', 'ada'], 'likes', { text: 'tea' })
    await client.store.putItem(['memories', 'bob'], 'likes', { text: 'coffee', level: 3 })
    expect(await client.store.getItem(['memories', 'ada'], 'likes')).toMatchObject({ value: { text: 'tea' }, namespace: ['memories', 'ada'] })
    expect((await client.store.searchItems(['memories'], { filter: { level: { $gte: 2 } } })).items).toHaveLength(1)
    expect(await client.store.listNamespaces({ prefix: ['memories'] })).toEqual({ namespaces: [['memories', 'ada'], ['memories', 'bob']] })
    await client.store.deleteItem(['memories', 'ada'], 'likes')
    expect(await client.store.getItem(['memories', 'ada'], 'likes')).toBeNull()
  })

  test('keeps crons, for a thread or for runs of their own', async () => {
    const { thread_id } = await client.threads.create()
    const daily = await client.crons.create('counter', { schedule: '0 9 * * *', timezone: 'Europe/Berlin', input: {} }) as unknown as { cron_id: string }
    await client.crons.createForThread(thread_id, 'counter', { schedule: '*/5 * * * *', input: {} })
    expect((await client.crons.search({ assistantId: 'counter', limit: 10 })).map((cron) => cron.thread_id).toSorted()).toEqual([thread_id, null].toSorted())
    expect(await client.crons.count({ threadId: thread_id })).toBe(1)
    expect(await client.crons.update(daily.cron_id, { enabled: false })).toMatchObject({ enabled: false, next_run_date: null })
    await client.crons.delete(daily.cron_id)
    expect(await client.crons.count()).toBe(1)
  })

  test('follows all runs of a thread, and speaks protocol v2', async () => {
    const { thread_id } = await client.threads.create()
    const stop = new AbortController()
    const heard = (async () => {
      for await (const { event, data } of client.threads.joinStream(thread_id, { streamMode: ['run_modes'], signal: stop.signal }))
        if (event === 'values' && (data as { count?: number }).count === 2) return
    })()
    await client.runs.wait(thread_id, 'counter', { input: {} })
    await client.runs.wait(thread_id, 'counter', { input: {} })
    await heard
    stop.abort()
    for (const transport of ['sse', 'websocket'] as const) {
      const thread = client.threads.stream({ assistantId: 'counter', transport })
      await thread.run.start({ input: {} })
      expect(await thread.output).toMatchObject({ count: 1 })
      await thread.close()
    }
  })

  test('cancels many runs of a thread', async () => {
    const { thread_id } = await client.threads.create()
    const runs = [await client.runs.create(thread_id, 'slow', { input: { steps: 1000 } }), await client.runs.create(thread_id, 'slow', { input: { steps: 1000 } })]
    await client.runs.cancelMany({ threadId: thread_id, runIds: runs.map(({ run_id }) => run_id) })
    await Promise.all(runs.map(({ run_id }) => client.runs.join(thread_id, run_id)))
    expect((await client.runs.list(thread_id)).map(({ status }) => status)).toEqual(['interrupted', 'interrupted'])
  })

  test('counts, reads at checkpoints, and joins and deletes runs', async () => {
    const { thread_id } = await client.threads.create({ metadata: { counted: 'here' } })
    await client.threads.update(thread_id, { metadata: { more: 1 } })
    expect(await client.threads.count({ metadata: { counted: 'here', more: 1 } })).toBe(1)
    expect(await client.assistants.count({ graphId: 'counter' })).toBe(1)
    const run = await client.runs.create(thread_id, 'counter', { input: {} })
    expect(await client.runs.join(thread_id, run.run_id)).toMatchObject({ count: 1 })
    const [, before] = await client.threads.getHistory(thread_id)
    expect(await client.threads.getState(thread_id, before!.checkpoint)).toMatchObject({ next: ['tell'] })
    expect(await client.threads.getState(thread_id, before!.checkpoint.checkpoint_id!)).toMatchObject({ next: ['tell'] })
    await client.runs.delete(thread_id, run.run_id)
    expect(await client.runs.list(thread_id)).toEqual([])
    expect(Object.keys(await client.assistants.getSubgraphs('nested', { namespace: 'research' }))).toEqual(['research'])
  })

  test('runs without a thread, and joins such a run by its id', async () => {
    expect((await collect(client.runs.stream(null, 'counter', { input: {} }))).at(-1)).toMatchObject({ event: 'values', data: { count: 1 } })
    const run = await client.runs.create(null, 'slow', { input: { steps: 3 }, streamMode: 'values' })
    expect((await collect(client.runs.joinStream(null, run.run_id, { lastEventId: '-1' }))).at(-1)).toMatchObject({ event: 'values', data: { done: 3 } })
  })

  test('gets what loads a component that a graph shows, and the script that it names', async () => {
    const html = await client['~ui'].getComponent('forecast', 'waiting-room')
    const src = /<script src="([^"]*)"/.exec(html)![1]!
    expect(src).toBe(`${server.url}/ui/forecast/entrypoint.js`)
    expect(await fetch(src, { headers: BY_TEST }).then((answer) => answer.text())).toContain('globalThis[Symbol.for("LGUI_REQUIRE")]')
    await expect(client['~ui'].getComponent('nobody', 'none')).rejects.toMatchObject({ status: 404 })
  })

  proofs.areAsTold()
})
