import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHarness, type Harness } from './testing/harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await startHarness({
    values: './values.ts:graph', steps: './flow.ts:steps', growing: './flow.ts:growing', subgraph: './subgraph.ts:graph', endless: './flow.ts:endless', agent: './agent.ts:graph', ask: './interrupts.ts:ask',
    delta: './channels.ts:delta', untracked: './channels.ts:untracked', inside: './channels.ts:calledInside',
  })
})
afterAll(() => harness.runtime.stop(0))

describe('values in checkpoints', () => {
  it('come back as themselves', async () => {
    await harness.run('values', { thread_id: 'values' })
    await harness.run('values', { thread_id: 'values', input: null })
    const last = await harness.run('values', { thread_id: 'values', input: null })
    expect((last.named('values').at(-1) as { seen: string[] }).seen).toEqual([
      'date 2026-01-02T03:04:05.678Z', 'map 1', 'set true', 'bytes 0,1,255', 'big bigint 12345678901234567890', 'pattern /a+/gi', 'error TypeError wrong', 'strange mine NaN true',
      'messages HumanMessage:true:h,AIMessage:true:a,ToolMessage:true:t,AIMessageChunk:true:p', 'tool call {"id":"c","name":"tool","args":{"x":1}} c', 'sent true',
    ])
  })

  it('read the same from storage as on the wire', async () => {
    const result = await harness.run('values', { thread_id: 'same' })
    const { __interrupt__: _none, ...live } = result.named('values').findLast((values) => (values as { date?: string }).date) as Record<string, unknown>
    const { messages, ...stored } = harness.services.valuesOf(harness.services.history('same')[0]!) as Record<string, unknown[]>
    const { messages: liveMessages, ...rest } = live as Record<string, unknown[]>
    expect(stored).toEqual({ seen: [], ...rest })
    expect(messages!.slice(0, 3)).toEqual(liveMessages!.slice(0, 3))
    expect(liveMessages).toMatchObject([{ type: 'human', id: 'h', content: 'hi' }, { type: 'ai' }, { type: 'tool', tool_call_id: 'c' }, { id: 'p' }])
  })
})

describe('every checkpoint', () => {
  it('is described, in every namespace', async () => {
    await harness.run('subgraph', { thread_id: 'described' })
    const all = [...harness.services.checkpoints.values()].filter(({ put }) => put.thread_id === 'described')
    const nested = all.filter(({ put }) => put.checkpoint_ns !== '')
    expect(nested.length).toBeGreaterThanOrEqual(3)
    for (const kept of all) expect(kept.view).not.toBe(null)
    expect(harness.services.history('described').map(({ view }) => view!.next)).toEqual([[], ['nested'], ['first'], ['__start__']])
    expect(harness.services.history('described')[1]!.view!.tasks).toEqual([{ id: expect.any(String), name: 'nested', path: expect.any(Array), subgraph: true }])
    expect(nested.at(-1)!.put.metadata).toMatchObject({ parents: { '': expect.any(String) } })
  })

  it.each(['sync', 'async', 'exit'] as const)('is described with durability %s', async (durability) => {
    await harness.run('steps', { thread_id: durability, durability })
    const history = harness.services.history(durability)
    expect(history).toHaveLength(durability === 'exit' ? 1 : 4)
    expect(history[0]!.view).toMatchObject({ next: [], tasks: [] })
    expect(harness.services.valuesOf(history[0]!)).toEqual({ count: 11, lines: ['one 0', 'two 1'] })
  })

  it('carries the run and its metadata', async () => {
    await harness.run('steps', { thread_id: 'meta', run_id: '11111111-1111-4111-8111-111111111111', config: { configurable: { user: 'x' }, metadata: { purpose: 'test', nested: { a: 1 } } } })
    expect(harness.services.history('meta')[0]!.put).toMatchObject({ run_id: '11111111-1111-4111-8111-111111111111', metadata: { source: 'loop', step: 2, parents: {}, purpose: 'test', nested: { a: 1 }, run_id: '11111111-1111-4111-8111-111111111111' } })
    expect(harness.services.history('meta')[0]!.put.metadata).not.toHaveProperty('thread_id')
  })

  it('is described by the attempt after one that died before it could', async () => {
    const job = { thread_id: 'cut-off', run_id: '77777777-7777-4777-8777-777777777777', durability: 'sync' as const }
    await harness.run('ask', job)
    const [head] = harness.services.history('cut-off')
    const view = head!.view
    expect(view!.tasks).toHaveLength(1)
    head!.view = null
    await harness.run('ask', { ...job, attempt: 2, input: null })
    expect(harness.services.history('cut-off')[0]!.view).toEqual(view)
  })

  it('is described when the run fails', async () => {
    await harness.run('endless', { thread_id: 'endless', config: { configurable: {}, metadata: {}, recursion_limit: 2 } })
    const history = harness.services.history('endless')
    expect(history[0]!.view).toMatchObject({ next: ['again'] })
    expect(history.every(({ view }) => view !== null)).toBe(true)
  })

  it('has overrides for channels that are not stored as they read', async () => {
    await harness.run('delta', { thread_id: 'delta', input: { lines: ['a'] } })
    await harness.run('delta', { thread_id: 'delta', input: { lines: ['b'] } })
    const history = harness.services.history('delta')
    expect(harness.services.valuesOf(history[0]!)).toEqual({ lines: ['a', 'node', 'b', 'node'] })
    expect(Object.keys(history[0]!.view!.overrides ?? {})).toEqual(['lines'])
  })

  it('does not keep what is not to be kept', async () => {
    const result = await harness.run('untracked', { thread_id: 'untracked', input: { secret: 'hush', text: 'in' } })
    expect(result.outcome).toEqual({ status: 'success' })
    expect(harness.services.valuesOf(harness.services.history('untracked')[0]!)).toEqual({ text: 'in hush' })
    expect(JSON.stringify([...harness.services.checkpoints.values()].filter(({ put }) => put.thread_id === 'untracked').map(({ put, view }) => ({ put, view })))).not.toContain('"hush"')
  })

  it('is described for a graph that a node calls by itself', async () => {
    const result = await harness.run('inside', { thread_id: 'inside' })
    expect(result.outcome).toEqual({ status: 'success' })
    const nested = [...harness.services.checkpoints.values()].filter(({ put }) => put.thread_id === 'inside' && put.checkpoint_ns !== '')
    expect(nested.length).toBeGreaterThan(0)
    for (const kept of nested) expect(kept.view).not.toBe(null)
  })
})

describe('pieces', () => {
  it('are sent once: a list that grows costs the new element and a path', async () => {
    harness.services.received.length = 0
    await harness.run('growing', { thread_id: 'growing', config: { configurable: {}, metadata: {}, recursion_limit: 100 } })
    const puts = harness.services.received.filter(({ method }) => method === 'put')
    expect(puts.length).toBeGreaterThan(60)
    expect(Math.max(...puts.map(({ hashes }) => hashes.length))).toBeLessThanOrEqual(4)
    expect(Math.max(...puts.map(({ bytes }) => bytes))).toBeLessThan(3000)
    const sent = harness.services.received.flatMap(({ hashes }) => hashes)
    expect(new Set(sent).size).toBe(sent.length)
  })

  it('are sent again when the server has lost them', async () => {
    await harness.run('growing', { thread_id: 'lost', config: { configurable: {}, metadata: {}, recursion_limit: 100 } })
    const [latest] = harness.services.history('lost')
    const before = harness.services.valuesOf(latest!)
    harness.services.checkpoints.clear()
    harness.services.pieces.clear()
    await harness.run('growing', { thread_id: 'lost again', config: { configurable: {}, metadata: {}, recursion_limit: 100 } })
    expect(harness.services.valuesOf(harness.services.history('lost again')[0]!)).toEqual(before)
  })
})

describe('time travel', () => {
  it('forks from a checkpoint with new input', async () => {
    await harness.run('steps', { thread_id: 'fork', input: { count: 1 } })
    const oldest = harness.services.history('fork').at(-1)!.put.checkpoint_id
    const fork = await harness.run('steps', { thread_id: 'fork', input: { count: 100 }, checkpoint: { checkpoint_id: oldest } })
    expect(fork.named('values').at(-1)).toMatchObject({ count: 111 })
    expect(harness.services.history('fork')[0]!.put.metadata).toMatchObject({ source: 'loop' })
  })

  it('replays from a checkpoint', async () => {
    await harness.run('steps', { thread_id: 'replay', input: { count: 1 } })
    const beforeTwo = harness.services.history('replay').find(({ view }) => view!.next[0] === 'two')!
    const replay = await harness.run('steps', { thread_id: 'replay', input: null, checkpoint: { checkpoint_id: beforeTwo.put.checkpoint_id } })
    expect(replay.named('values').at(-1)).toEqual({ count: 12, lines: ['one 1', 'two 2'] })
    const parents = harness.services.history('replay').map(({ put }) => put.parent_checkpoint_id)
    expect(parents.filter((parent) => parent === beforeTwo.put.checkpoint_id)).toHaveLength(2)
  })
})

describe('updating state', () => {
  it('writes as a node and describes the new checkpoint', async () => {
    await harness.run('steps', { thread_id: 'update', interrupt_before: ['two'] })
    const updated = await harness.update('steps', { thread_id: 'update', values: { count: 50 }, as_node: 'one' })
    const [latest] = harness.services.history('update')
    expect(updated).toEqual({ thread_id: 'update', checkpoint_ns: '', checkpoint_id: latest!.put.checkpoint_id })
    expect(latest!.put.metadata).toMatchObject({ source: 'update' })
    expect(latest!.view).toMatchObject({ next: ['two'], tasks: [{ name: 'two' }] })
    expect(harness.services.valuesOf(latest!)).toEqual({ count: 50, lines: ['one 0'] })
    const result = await harness.run('steps', { thread_id: 'update', input: null })
    expect(result.named('values').at(-1)).toMatchObject({ count: 60 })
  })

  it('makes messages of what looks like messages', async () => {
    await harness.update('agent', { thread_id: 'messages', values: { messages: [{ role: 'user', content: 'hi', id: 'm' }] }, as_node: 'agent' })
    expect(harness.services.valuesOf(harness.services.history('messages')[0]!)).toMatchObject({ messages: [{ type: 'human', content: 'hi', id: 'm' }] })
  })

  it('copies a checkpoint', async () => {
    await harness.run('steps', { thread_id: 'copy' })
    const beforeTwo = harness.services.history('copy').find(({ view }) => view!.next[0] === 'two')!
    const copied = await harness.update('steps', { thread_id: 'copy', values: null, as_node: '__copy__', checkpoint: { checkpoint_id: beforeTwo.put.checkpoint_id } })
    const [latest] = harness.services.history('copy')
    expect(latest!.put).toMatchObject({ checkpoint_id: copied.checkpoint_id, parent_checkpoint_id: beforeTwo.put.parent_checkpoint_id, metadata: { source: 'fork' } })
    expect(latest!.view).toMatchObject({ next: ['two'] })
    expect(harness.services.valuesOf(latest!)).toEqual(harness.services.valuesOf(beforeTwo))
  })

  it('ends a thread, and begins one as its input would', async () => {
    await harness.run('steps', { thread_id: 'end', interrupt_before: ['two'] })
    await harness.update('steps', { thread_id: 'end', values: null, as_node: '__end__' })
    expect(harness.services.history('end')[0]!.view).toMatchObject({ next: [] })
    await harness.update('steps', { thread_id: 'begin', values: { count: 3 }, as_node: '__input__' })
    expect((await harness.run('steps', { thread_id: 'begin', input: null })).named('values').at(-1)).toMatchObject({ count: 14 })
  })

  it('reaches into a subgraph that is interrupted', async () => {
    await harness.run('subgraph', { thread_id: 'inner', interrupt_before: ['nested'] })
    await expect(harness.update('subgraph', { thread_id: 'inner', values: { path: ['x'] }, as_node: 'nobody' })).rejects.toMatchObject({ code: 'invalid_request', message: expect.stringContaining('nobody') })
  })
})

describe('a second attempt', () => {
  it('goes on where the first one was lost', async () => {
    const job = { thread_id: 'attempts', run_id: '22222222-2222-4222-8222-222222222222', input: { count: 1 } }
    await harness.run('steps', { ...job, interrupt_after: ['one'] })
    const second = await harness.run('steps', { ...job, attempt: 2 })
    expect(second.named('values').at(-1)).toEqual({ count: 12, lines: ['one 1', 'two 2'] })
  })
})
