import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startProjectServer, type ProjectServer } from './start-project-server.ts'
import { startTestServer } from './start-test-server.ts'

const graphs = Object.fromEntries([...['approval', 'wide', 'slow', 'failing'].map((id) => [id, 'graph']), ['talking', 'talking'], ['nested', 'talking']]
  .map(([id, file]) => [id!, { path: `./${file}.ts:${id}`, description: null }]))

let server: ProjectServer
let client: Client
beforeAll(async () => {
  server = await startProjectServer({}, { graphs })
  client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
})
afterAll(() => server.stop(0))

type Stream = ReturnType<typeof open>
const streams: Stream[] = []
const open = (assistantId: string, transport: 'sse' | 'websocket', threadId?: string) => threadId ? client.threads.stream(threadId, { assistantId, transport }) : client.threads.stream({ assistantId, transport })
function stream(assistantId: string, transport: 'sse' | 'websocket', threadId?: string): Stream {
  const opened = open(assistantId, transport, threadId)
  streams.push(opened)
  return opened
}
afterEach(async () => {
  for (const opened of streams.splice(0)) await opened.close()
})

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

interface Frame { type: string, event_id: string, seq: number, method: string, params: { namespace: string[], timestamp: number, node?: string, data: Record<string, unknown> } }
const CHANNELS = ['values', 'updates', 'messages', 'tools', 'lifecycle', 'input', 'checkpoints', 'tasks', 'custom']

/** A subscription over plain HTTP, until `isLast`. */
async function subscribed(threadId: string, body: object, isLast: (frame: Frame) => boolean, headers: Record<string, string> = {}, { url }: { url: string } = server): Promise<Frame[]> {
  const gone = new AbortController()
  const response = await fetch(`${url}/threads/${threadId}/stream/events`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body), signal: gone.signal })
  expect(response.status).toBe(200)
  const frames: Frame[] = []
  let rest = ''
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    const texts = (rest + part).split('\n\n')
    rest = texts.pop()!
    for (const text of texts) {
      const frame = JSON.parse(/^data: (.*)$/m.exec(text)![1]!) as Frame
      expect(text).toContain(`id: ${frame.event_id}\nevent: ${frame.method}\n`)
      frames.push(frame)
      if (isLast(frame)) {
        gone.abort()
        return frames
      }
    }
  }
  return frames
}

const isOver = ({ method, params }: Frame) => method === 'lifecycle' && params.namespace.length === 0 && ['completed', 'failed', 'interrupted'].includes(String(params.data['event']))

/** Without the time of telling. */
const stable = ({ params: { timestamp: _, ...params }, ...frame }: Frame) => ({ ...frame, params })

async function command(threadId: string, method: string, params: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.url}/threads/${threadId}/commands`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id: 7, method, params }) })
  return await response.json() as Record<string, unknown>
}

describe.each(['sse', 'websocket'] as const)('the official SDK over %s', (transport) => {
  test('starts a run on a thread that is not there yet, and has its values', async () => {
    const thread = stream('slow', transport)
    const { run_id } = await thread.run.start({ input: { steps: 2 } }) as { run_id: string }
    expect(await collect(thread.values)).toEqual([{ steps: 2 }, { steps: 2, done: 1 }, { steps: 2, done: 2 }])
    expect(await thread.output).toEqual({ steps: 2, done: 2 })
    expect(await client.runs.get(thread.threadId, run_id)).toMatchObject({ status: 'success' })
  })

  test('puts streamed messages together, block by block, and the tool calls between them', async () => {
    const thread = stream('talking', transport)
    const [messages, calls] = [thread.messages, thread.toolCalls]
    await thread.run.start({ input: { messages: [{ role: 'user', content: 'Is it raining?' }] } })
    const said = await collect(messages)
    expect(said.map(({ id }) => id)).toEqual(['ask-1', expect.stringContaining('tool-call-1') as string, 'answer-1'])
    const [ask, , answer] = said
    expect(await ask!.text).toBe('Let me look.')
    expect(ask!.blocks).toEqual([{ type: 'text', text: 'Let me look.' }, { type: 'tool_call', id: 'call-1', name: 'look_up', args: { city: 'Oslo' } }])
    expect([await answer!.reasoning, await answer!.text, await answer!.usage]).toEqual(['Seen. ', 'It is raining.', { input_tokens: 3, output_tokens: 2, total_tokens: 5 }])
    const [call] = await collect(calls)
    expect(call).toMatchObject({ name: 'look_up', input: { city: 'Oslo' } })
    expect(await call!.output).toBe('rain in Oslo')
  })

  test('is asked, answers, and has the run that goes on', async () => {
    const thread = stream('approval', transport)
    await thread.run.start({ input: { topic: 'tides' } })
    const values = await thread.subscribe('values')
    await collect(values)
    expect(thread.interrupted).toBe(true)
    expect(thread.interrupts).toMatchObject([{ payload: { question: 'Publish?', draft: 'On tides' }, namespace: [] }])
    const { interruptId, namespace } = thread.interrupts[0]!
    await thread.input.respond({ namespace, interrupt_id: interruptId, response: true })
    expect((await collect(values)).at(-1)!.params.data).toMatchObject({ approved: true })
    expect(await client.threads.getState(thread.threadId)).toMatchObject({ values: { notes: ['written', 'answered true', 'published'] }, next: [] })
  })

  test('answers several questions of one moment in one run', async () => {
    const thread = stream('wide', transport)
    await thread.run.start({ input: { items: ['a', 'b'] } })
    await collect(thread.values)
    expect(thread.interrupts).toHaveLength(2)
    const responses = thread.interrupts.map(({ interruptId, namespace, payload }) => ({ namespace, interrupt_id: interruptId, response: `${(payload as { ask: string }).ask}!` }))
    await thread.respondInput({ responses })
    await expect.poll(async () => (await client.threads.get(thread.threadId)).status).toBe('idle')
    expect(await client.threads.getState(thread.threadId)).toMatchObject({ values: { answers: ['a: a!', 'b: b!'] } })
  })

  test('finds the graphs within a graph, and what they ask', async () => {
    const thread = stream('nested', transport)
    const subgraphs = collect(thread.subgraphs)
    await thread.run.start({ input: { topic: 'tides' } })
    await collect(thread.values)
    expect(thread.interrupts).toMatchObject([{ payload: { judge: 'tides!' }, namespace: [expect.stringMatching(/^review:/)] }])
    const [review, ...others] = await subgraphs
    expect(review).toMatchObject({ name: 'review', graphName: 'review', namespace: thread.interrupts[0]!.namespace })
    expect(others).toEqual([])
    const tree = await thread.agent.getTree() as unknown as { tree: unknown }
    expect(tree.tree).toEqual({ namespace: [], status: 'interrupted', graph_name: 'nested', children: [{ namespace: review!.namespace, status: 'interrupted', graph_name: 'review' }] })
    expect(await thread.state.get({ namespace: review!.namespace })).toMatchObject({ values: { topic: 'tides!' }, checkpoint: { ns: review!.namespace.join('|') } })
  })

  test('has the runs of a thread one after the other', async () => {
    const thread = stream('slow', transport)
    await thread.run.start({ input: { steps: 1, done: 0 } })
    const values = await thread.subscribe('values')
    const ends: unknown[] = []
    for (const steps of [2, 3]) {
      ends.push((await collect(values)).at(-1)!.params.data)
      await thread.run.start({ input: { steps, done: 0 } })
    }
    ends.push((await collect(values)).at(-1)!.params.data)
    expect(ends).toEqual([{ steps: 1, done: 1 }, { steps: 2, done: 2 }, { steps: 3, done: 3 }])
  })

  test('is told that a run failed', async () => {
    const thread = stream('failing', transport)
    const lifecycle = await (async () => {
      await thread.run.start({ input: { topic: 'x' } })
      return await thread.subscribe({ channels: ['lifecycle'] })
    })()
    expect((await collect(lifecycle)).map(({ params }) => (params as Frame['params']).data)).toEqual([
      { event: 'running', graph_name: 'failing' }, { event: 'failed', graph_name: 'failing', error: 'This node always fails.' },
    ])
  })

  test('is refused with the protocol\'s codes', async () => {
    const thread = stream('approval', transport)
    await expect(thread.input.respond({ namespace: [], interrupt_id: 'x', response: 1 })).rejects.toThrow()
    await expect(stream('nobody', transport).run.start({ input: {} })).rejects.toMatchObject({ code: 'invalid_argument' })
    await thread.run.start({ input: { topic: 'tides' } })
    await collect(thread.values)
    await expect(thread.input.respond({ namespace: [], interrupt_id: 'x', response: 1 })).rejects.toMatchObject({ code: 'no_such_interrupt' })
    await expect(thread.state.fork({ checkpoint_id: 'nowhere' })).rejects.toMatchObject({ code: 'no_such_checkpoint' })
    await expect(thread.state.get({ namespace: ['nobody'] })).rejects.toMatchObject({ code: 'no_such_namespace' })
    await expect(thread.agent.getTree({ run_id: crypto.randomUUID() })).rejects.toMatchObject({ code: 'no_such_run' })
    await expect(thread.input.inject({ namespace: [], message: { role: 'user', content: 'x' } })).rejects.toMatchObject({ code: 'not_supported' })
  })
})

describe('a connection that breaks in the midst of a run', () => {
  const STEPS = 12
  const isMidway = (text: string) => text.includes('"done":3')

  test('over SSE is made again by the official client, which misses nothing', async () => {
    let cuts = 0
    const cutting: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      if (!String(input).endsWith('/stream/events') || cuts > 0) return response
      const body = response.body!.pipeThrough(new TransformStream<Uint8Array, Uint8Array>({
        transform: (part, controller) => {
          controller.enqueue(part)
          if (cuts > 0 || !isMidway(Buffer.from(part).toString())) return
          cuts++
          controller.error(new Error('cut'))
        },
      }))
      return new Response(body, response)
    }
    const thread = client.threads.stream({ assistantId: 'slow', transport: 'sse', fetch: cutting, reconnectDelayMs: () => 0 })
    await thread.run.start({ input: { steps: STEPS } })
    const states = await collect(thread.values)
    await thread.close()
    expect(cuts).toBe(1)
    expect(states.map((state) => (state as { done?: number }).done ?? 0)).toEqual(Array.from({ length: STEPS + 1 }, (_, i) => i))
  })

  test('over a WebSocket is made again by the official client, which misses nothing', async () => {
    let sockets = 0
    const webSocketFactory = (url: string) => {
      const socket = new WebSocket(url)
      if (++sockets === 1) socket.addEventListener('message', ({ data }) => isMidway(String(data)) && socket.close())
      return socket
    }
    const thread = client.threads.stream({ assistantId: 'slow', transport: 'websocket', webSocketFactory, reconnectDelayMs: () => 0 })
    await thread.run.start({ input: { steps: STEPS } })
    const states = await collect(thread.values)
    await thread.close()
    expect(sockets).toBe(2)
    expect(states.map((state) => (state as { done?: number }).done ?? 0)).toEqual(Array.from({ length: STEPS + 1 }, (_, i) => i))
  })
})

describe('subscriptions', () => {
  test('have every run, on every channel, also those that plain REST started, with the same numbers at any time', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'approval', { input: { topic: 'tides' } })
    await command(thread_id, 'run.start', { assistant_id: 'approval', input: true })
    let over = 0
    const isSecondOver = (frame: Frame) => isOver(frame) && ++over === 2
    const all = await subscribed(thread_id, { channels: CHANNELS }, isSecondOver)
    expect(all.slice(0, all.findIndex(isOver) + 1).map(({ method }) => method)).toEqual(['lifecycle', 'values', 'values', 'input.requested', 'lifecycle'])
    expect(new Set(all.map(({ method }) => method))).toEqual(new Set(['lifecycle', 'values', 'input.requested', 'updates', 'tasks', 'checkpoints']))
    expect(all.map(({ seq }) => seq)).toEqual([...new Set(all.map(({ seq }) => seq))].sort((a, b) => a - b))
    for (const [i, { seq }] of all.slice(0, -1).entries()) {
      over = all.findIndex(isOver) <= i ? 1 : 0
      expect((await subscribed(thread_id, { channels: CHANNELS, since: seq }, isSecondOver)).map(stable)).toEqual(all.slice(i + 1).map(stable))
    }
    over = 1
    const half = all.findIndex(isOver)
    expect((await subscribed(thread_id, { channels: CHANNELS }, isSecondOver, { 'last-event-id': all[half]!.event_id })).map(stable)).toEqual(all.slice(half + 1).map(stable))
  })

  test('are the same after a restart of the server, of a run that went on meanwhile as well', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'superstep-protocol-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const dataFile = join(folder, 'superstep.db')
    const first = await startTestServer({ dataFile })
    const { thread_id } = await new Client({ apiUrl: first.url }).threads.create()
    await new Client({ apiUrl: first.url }).runs.create(thread_id, 'agent', { input: {} })
    const job = await first.runtime.nextJob()
    for (const text of ['Hel', 'lo']) job.emit('messages', [{ id: 'm', type: 'AIMessageChunk', content: text }, { langgraph_node: 'say', langgraph_checkpoint_ns: 'say:1' }])
    const before = await subscribed(thread_id, { channels: CHANNELS }, ({ params }) => (params.data['delta'] as { text?: string } | undefined)?.text === 'lo', {}, first)
    await first.stop(0)
    const second = await startTestServer({ dataFile })
    onTestFinished(() => second.stop(0))
    ;(await second.runtime.nextJob()).end({ status: 'success' })
    const after = await subscribed(thread_id, { channels: CHANNELS }, isOver, {}, second)
    expect(before.map(({ params }) => params.data['event'])).toEqual(['running', 'message-start', 'content-block-start', 'content-block-delta', 'content-block-delta'])
    expect(after.slice(0, before.length).map(stable)).toEqual(before.map(stable))
    expect(after.slice(before.length).map(({ params }) => params.data['event'])).toEqual(['error', 'completed'])
  })

  test('opened before any run stay idle until there is one, and are narrowed by namespace and depth', async () => {
    const { thread_id } = await client.threads.create()
    const root = subscribed(thread_id, { channels: ['values', 'lifecycle'], namespaces: [[]], depth: 0 }, isOver)
    const inner = subscribed(thread_id, { channels: ['values', 'tasks', 'lifecycle'], namespaces: [['review']] }, ({ params }) => params.data['event'] === 'interrupted')
    await command(thread_id, 'run.start', { assistant_id: 'nested', input: { topic: 'tides' } })
    expect(new Set((await root).map(({ params }) => params.namespace.length))).toEqual(new Set([0]))
    expect((await inner).every(({ params }) => params.namespace[0]!.startsWith('review:'))).toBe(true)
  })

  test('custom events with a name have a channel of their own, and a checkpoint is told without its state', async () => {
    const { thread_id } = await client.threads.create()
    await command(thread_id, 'run.start', { assistant_id: 'approval', input: { topic: 'tides' } })
    const frames = await subscribed(thread_id, { channels: ['custom', 'checkpoints', 'lifecycle'] }, isOver)
    expect(frames.find(({ method }) => method === 'custom')!.params.data).toEqual({ payload: { progress: 'writing' } })
    const checkpoints = frames.filter(({ method }) => method === 'checkpoints').map(({ params }) => params.data)
    expect(checkpoints.map(({ step, source }) => [step, source])).toEqual([[-1, 'input'], [0, 'loop'], [1, 'loop']])
    expect(checkpoints[1]).toEqual({ id: expect.any(String) as string, parent_id: checkpoints[0]!['id'], step: 0, source: 'loop' })
  })

  test('end with their thread, and refuse what they can\'t be', async () => {
    const { thread_id } = await client.threads.create()
    const body = subscribed(thread_id, { channels: ['values'] }, () => false)
    await client.threads.delete(thread_id)
    expect(await body).toEqual([])
    const status = async (id: string, json: string) => (await fetch(`${server.url}/threads/${id}/stream/events`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: json })).status
    expect(await status(thread_id, '{"channels":["values"]}')).toBe(404)
    for (const json of ['{}', '{"channels":[]}', '{"channels":["nothing"]}', '{"channels":["values"],"depth":-1}', '{"channels":["values"],"namespaces":[[1]]}']) expect(await status(thread_id, json)).toBe(422)
  })
})

describe('commands', () => {
  test('with strict resume nothing is answered where one question is unknown', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'wide', { input: { items: ['a', 'b'] } })
    const { tasks } = await client.threads.getState(thread_id)
    const responses = [{ interrupt_id: tasks[0]!.interrupts[0]!.id, namespace: [], response: 1 }, { interrupt_id: 'unknown', namespace: [], response: 2 }]
    expect(await command(thread_id, 'input.respond', { responses, strict_resume: true })).toMatchObject({ type: 'error', id: 7, error: 'no_such_interrupt' })
    expect(await client.runs.list(thread_id)).toHaveLength(1)
    expect(await command(thread_id, 'input.respond', { responses })).toMatchObject({ type: 'success', id: 7, result: { run_id: expect.any(String) as string } })
  })

  test('list checkpoints and fork from one', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'approval', { input: { topic: 'tides' } })
    const { result } = await command(thread_id, 'state.listCheckpoints', { limit: 2 }) as { result: { checkpoints: { id: string, step: number }[] } }
    expect(result.checkpoints.map(({ step }) => step)).toEqual([1, 0])
    expect(await command(thread_id, 'state.fork', { checkpoint_id: result.checkpoints[1]!.id })).toMatchObject({ type: 'success', result: { thread_id } })
    expect(await command(thread_id, 'state.get', { keys: ['draft'] })).toMatchObject({ result: { values: { draft: 'On tides' } }, meta: { thread_id, applied_through_seq: expect.any(Number) as number } })
  })

  test('are refused by name, by field, and where the thread is unknown', async () => {
    const { thread_id } = await client.threads.create()
    expect(await command(thread_id, 'constructor', {})).toMatchObject({ type: 'error', error: 'unknown_command' })
    expect(await command(thread_id, 'run.start', { input: {} })).toMatchObject({ error: 'invalid_argument', message: expect.stringContaining('assistant_id') as string })
    expect(await command(thread_id, 'input.respond', { responses: [{}] })).toMatchObject({ error: 'invalid_argument', message: expect.stringContaining('responses/0') as string })
    expect(await command(crypto.randomUUID(), 'state.get', {})).toMatchObject({ code: 'thread_not_found' })
    expect(await command(thread_id, 'state.get', { keys: 'x' })).toMatchObject({ error: 'invalid_argument' })
    expect((await fetch(`${server.url}/threads/${thread_id}/commands`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"method":"state.get"}' })).status).toBe(422)
  })
})
