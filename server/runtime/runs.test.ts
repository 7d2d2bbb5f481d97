import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startHarness, type Harness, type RunResult } from './testing/harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await startHarness({
    agent: './agent.ts:graph', ask: './interrupts.ts:ask', askMany: './interrupts.ts:askMany', subgraph: './subgraph.ts:graph', functional: './functional.ts:workflow',
    endless: './flow.ts:endless', steps: './flow.ts:steps', failing: './flow.ts:failing', waiting: './flow.ts:waiting', stubborn: './flow.ts:stubborn', careless: './flow.ts:careless', remembering: './flow.ts:remembering',
  })
})
afterAll(() => harness.runtime.stop(0))

const lastValues = (result: RunResult) => result.named('values').at(-1) as Record<string, unknown>
const names = (result: RunResult) => new Set(result.events.map(({ event }) => event))

describe('streaming', () => {
  it('sends the state after each step, the input first', async () => {
    const result = await harness.run('steps', { input: { count: 1 } })
    expect(result.outcome).toEqual({ status: 'success' })
    expect(result.events).toEqual([
      { event: 'values', data: { count: 1, lines: [] } },
      { event: 'values', data: { count: 2, lines: ['one 1'] } },
      { event: 'values', data: { count: 12, lines: ['one 1', 'two 2'] } },
    ])
  })

  it('sends updates by node, and only the modes asked for', async () => {
    const result = await harness.run('steps', { stream_mode: ['updates'] })
    expect(result.named('updates')).toEqual([{ one: { count: 1, lines: ['one 0'] } }, { two: { count: 11, lines: ['two 1'] } }])
    expect(names(result)).toEqual(new Set(['updates']))
  })

  it('streams message chunks with their metadata, without those tagged nostream', async () => {
    const result = await harness.run('agent', { input: { messages: [{ role: 'user', content: 'hi', id: 'first' }] }, stream_mode: ['messages-tuple'] })
    const chunks = result.named('messages') as [{ type: string, content: string, id: string }, Record<string, unknown>][]
    expect(chunks.map(([{ content }]) => content).join('')).toBe('Hello')
    expect(chunks[0]![0]).toMatchObject({ type: 'ai', id: expect.any(String) })
    expect(chunks[0]![1]).toMatchObject({ langgraph_node: 'agent', langgraph_step: 1, run_id: expect.any(String), thread_id: expect.any(String), graph_id: 'agent' })
    expect(names(result)).toEqual(new Set(['messages']))
  })

  it('accumulates messages in mode messages: metadata once, partial with each token, complete for whole ones', async () => {
    const result = await harness.run('agent', { input: { messages: [{ role: 'user', content: 'hi', id: 'first' }] }, stream_mode: ['messages'] })
    expect(names(result)).toEqual(new Set(['messages/metadata', 'messages/partial', 'messages/complete']))
    expect(result.named('messages/metadata')).toHaveLength(1)
    expect((result.named('messages/partial') as { content: string }[][]).map(([message]) => message!.content)).toEqual(['H', 'He', 'Hel', 'Hell', 'Hello'])
    const complete = (result.named('messages/complete') as { id: string, content: string }[][]).flat()
    expect(complete.map(({ content }) => content)).toEqual(['hi', 'Hello'])
    expect(complete[0]!.id).toBe('first')
    expect(Object.keys(result.named('messages/metadata')[0] as object)).toEqual([complete[1]!.id])
  })

  it('sends tasks, checkpoints and debug without internal keys', async () => {
    const result = await harness.run('steps', { stream_mode: ['tasks', 'checkpoints', 'debug'] })
    expect(result.named('tasks')[0]).toMatchObject({ name: 'one', triggers: expect.any(Array), interrupts: [] })
    expect(result.named('checkpoints').at(-1)).toMatchObject({ next: [], values: { count: 11 }, metadata: { step: 2 }, tasks: [], checkpoint: { checkpoint_ns: '' }, parent_checkpoint: expect.any(Object) })
    expect((result.named('debug') as { type: string }[]).map(({ type }) => type)).toEqual(['checkpoint', 'checkpoint', 'task', 'task_result', 'checkpoint', 'task', 'task_result', 'checkpoint'])
    expect(JSON.stringify(result.events)).not.toMatch(/"__pregel_\w+":/)
  })

  it('sends LangChain events beside the other modes', async () => {
    const result = await harness.run('agent', { input: { messages: [{ role: 'user', content: 'hi' }] }, stream_mode: ['events', 'values'] })
    const events = result.named('events') as { event: string, name: string }[]
    expect(events[0]).toMatchObject({ event: 'on_chain_start', name: 'LangGraph' })
    expect(events.filter(({ event }) => event === 'on_chat_model_stream').length).toBeGreaterThanOrEqual(5)
    expect(result.named('values')).toHaveLength(2)
    expect(result.outcome).toEqual({ status: 'success' })
  })

  it('names the events of subgraphs by their namespace, when they are asked for', async () => {
    const withThem = await harness.run('subgraph', { stream_mode: ['updates', 'custom'], stream_subgraphs: true })
    const deep = withThem.events.find(({ event }) => event.startsWith('updates|'))
    expect(deep).toEqual({ event: expect.stringMatching(/^updates\|nested:[\w-]+$/), data: { deep: { path: ['deep'] } } })
    expect(withThem.events.find(({ event }) => event.startsWith('custom'))).toEqual({ event: deep!.event.replace('updates', 'custom'), data: { from: 'deep' } })
    const without = await harness.run('subgraph', { stream_mode: ['updates', 'custom'] })
    expect(without.named('updates').map((update) => Object.keys(update as object)[0])).toEqual(['first', 'nested'])
    expect(without.named('custom')).toEqual([{ from: 'deep' }])
  })

  it('runs a graph of the functional API', async () => {
    const result = await harness.run('functional', { input: { n: 21 }, thread_id: 'functional' })
    expect(result.outcome).toEqual({ status: 'success' })
    expect(lastValues(result)).toEqual({ result: 42 })
    const [latest] = harness.services.history('functional')
    expect(latest!.view).toMatchObject({ root: '__end__', keys: [] })
    expect(harness.services.valuesOf(latest!)).toEqual({ result: 42 })
  })
})

describe('interrupts', () => {
  it('stops with the interrupt in the values and goes on with the answer', async () => {
    const first = await harness.run('ask', { thread_id: 'ask', input: { names: [] }, stream_mode: ['values', 'updates'] })
    expect(first.outcome).toEqual({ status: 'success' })
    expect(lastValues(first)).toEqual({ __interrupt__: [{ id: expect.any(String), value: 'Who are you?' }] })
    const [stopped] = harness.services.history('ask')
    expect(stopped!.view).toMatchObject({ next: ['ask'], tasks: [{ name: 'ask', id: expect.any(String) }] })
    expect(stopped!.writes).toMatchObject([{ channel: '__interrupt__', idx: -3, task_id: stopped!.view!.tasks[0]!.id }])

    const second = await harness.run('ask', { thread_id: 'ask', input: null, command: { resume: { name: 'Ada' } } })
    expect(lastValues(second)).toEqual({ names: [], answers: ['got {"name":"Ada"}'] })
  })

  it.each([['ask', {}], ['steps', { interrupt_before: ['two'] }], ['steps', { interrupt_after: ['one'] }]])('is told by %s %j when its checkpoint can be read', async (graphId, job) => {
    const thread_id = `told ${graphId} ${JSON.stringify(job)}`
    const found: unknown[] = []
    await harness.run(graphId, { thread_id, input: { names: [], count: 0 }, ...job }, { onEvent: ({ data }) => {
      if (typeof data !== 'object' || data === null || !('__interrupt__' in data)) return
      const [latest] = harness.services.history(thread_id)
      found.push([latest!.view?.next, latest!.writes.map(({ channel }) => channel)])
    } })
    expect(found).toEqual(graphId === 'ask' ? [[['ask'], ['__interrupt__']]] : [[['two'], []]])
  })

  it('takes a falsy answer for an answer', async () => {
    await harness.run('ask', { thread_id: 'falsy', input: { names: [] } })
    const result = await harness.run('ask', { thread_id: 'falsy', input: null, command: { resume: false } })
    expect(result.outcome).toEqual({ status: 'success' })
    expect(lastValues(result)).toMatchObject({ answers: ['got false'] })
  })

  it('answers parallel interrupts by their ids', async () => {
    const first = await harness.run('askMany', { thread_id: 'many', input: { names: ['Ada', 'Bob'] } })
    const interrupts = (first.named('values') as { __interrupt__?: { id: string, value: { question: string } }[] }[]).flatMap(({ __interrupt__ }) => __interrupt__ ?? [])
    expect(interrupts.map(({ value }) => value.question).sort()).toEqual(['Ada', 'Bob'])
    const resume = Object.fromEntries(interrupts.map(({ id, value }) => [id, `I am ${value.question}`]))
    const second = await harness.run('askMany', { thread_id: 'many', input: null, command: { resume } })
    expect((lastValues(second)['answers'] as string[]).sort()).toEqual(['Ada: I am Ada', 'Bob: I am Bob'])
  })

  it('stops before and after nodes, and describes the checkpoint it stopped at', async () => {
    const before = await harness.run('steps', { thread_id: 'before', interrupt_before: ['two'] })
    expect(before.outcome).toEqual({ status: 'success' })
    expect(harness.services.history('before')[0]!.view).toMatchObject({ next: ['two'] })
    const resumed = await harness.run('steps', { thread_id: 'before', input: null })
    expect(lastValues(resumed)).toMatchObject({ count: 11 })

    await harness.run('steps', { thread_id: 'after', interrupt_after: ['one'] })
    expect(harness.services.history('after')[0]!.view).toMatchObject({ next: ['two'], keys: expect.arrayContaining(['count', 'lines']) })
  })

  it('goes where a command says, with its update', async () => {
    const result = await harness.run('steps', { thread_id: 'goto', input: null, command: { update: { count: 5 }, goto: 'two' } })
    expect(result.outcome).toEqual({ status: 'success' })
    expect(lastValues(result)).toMatchObject({ count: 15, lines: ['two 5'] })
    const sent = await harness.run('steps', { thread_id: 'send', input: null, command: { update: [['count', 1]], goto: [{ node: 'two', input: { count: 100, lines: [] } }] } })
    expect(lastValues(sent)).toMatchObject({ count: 110 })
  })
})

describe('endings', () => {
  it('tells the class of an error', async () => {
    const failing = await harness.run('failing')
    expect(failing.outcome).toMatchObject({ status: 'error', error: { error: 'TeapotError', message: 'short and stout', stack: expect.stringMatching(/flow\.ts:\d+/) } })
    const endless = await harness.run('endless', { config: { configurable: {}, metadata: {}, recursion_limit: 3 } })
    expect(endless.outcome).toMatchObject({ status: 'error', error: { error: 'GraphRecursionError' } })
  })

  it.each(['waiting', 'stubborn'])('cancels a run that is %s', async (graphId) => {
    const controller = new AbortController()
    const result = await harness.run(graphId, { stream_mode: ['custom'], thread_id: graphId }, { signal: controller.signal, onEvent: () => controller.abort('interrupt') })
    expect(result.outcome).toEqual({ status: 'cancelled' })
    expect(harness.services.history(graphId)[0]!.view).toMatchObject({ next: ['wait'] })
  })

  it('cancels a run whose signal was aborted before', async () => {
    expect((await harness.run('waiting', {}, { signal: AbortSignal.abort('rollback') })).outcome).toEqual({ status: 'cancelled' })
  })

  it('fails when a promise of its own is rejected and nobody handles it, and its output is passed on', async () => {
    const beside = harness.run('steps')
    const result = await harness.run('careless')
    expect(result.outcome).toMatchObject({ status: 'error', error: { error: 'Error', message: 'nobody waits for me' } })
    expect((await beside).outcome).toEqual({ status: 'success' })
    await vi.waitFor(() => expect(harness.services.lines).toContainEqual({ stream: 'stdout', level: 'info', text: 'a line on stdout', run_id: expect.any(String), thread_id: expect.any(String), graph_id: 'careless', node: 'forget' }))
    await vi.waitFor(() => expect(harness.services.lines.some(({ stream, text }) => stream === 'stderr' && text.includes('nobody waits for me'))).toBe(true))
  })

  it('gives graphs the store', async () => {
    expect(lastValues(await harness.run('remembering'))).toEqual({ count: 0, lines: ['remember true 1 null'] })
  })

  it('runs several at once', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, (_, count) => harness.run('steps', { input: { count } })))
    expect(results.map((result) => lastValues(result)['count'])).toEqual(Array.from({ length: 8 }, (_, count) => count + 11))
  })
})
