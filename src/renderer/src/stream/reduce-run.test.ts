import { expect, test } from 'vitest'
import { decodeEvent, type RunEvent } from './run-event.ts'
import { reduceRun } from './reduce-run.ts'
import { createFrameBatcher } from './frame-batcher.ts'
import { EMPTY_RUN_VIEW } from './run-view.ts'

const frames: { event: string, data: unknown }[] = [
  { event: 'metadata', data: { run_id: 'r1', attempt: 1 } },
  { event: 'values', data: { messages: [{ id: 'h', type: 'human', content: 'Hi' }] } },
  { event: 'tasks', data: { id: 't1', name: 'agent', input: {}, triggers: [] } },
  { event: 'messages', data: [{ id: 'm1', type: 'AIMessageChunk', content: 'Hel' }, { langgraph_node: 'agent' }] },
  { event: 'messages', data: [{ id: 'm1', type: 'AIMessageChunk', content: 'lo', tool_call_chunks: [{ index: 0, id: 'c', name: 'add', args: '{"a"' }] }, { langgraph_node: 'agent' }] },
  { event: 'messages', data: [{ id: 'm1', type: 'AIMessageChunk', content: '', tool_call_chunks: [{ index: 0, args: ':1}' }], usage_metadata: { total_tokens: 12 } }, { langgraph_node: 'agent' }] },
  { event: 'custom|research:u1', data: { progress: 1 } },
  { event: 'tasks|research:u1', data: { id: 't2', name: 'search', input: {}, triggers: [] } },
  { event: 'tasks|research:u2', data: { id: 't3', name: 'search', input: {}, triggers: [] } },
  { event: 'tasks|research:u1', data: { id: 't2', name: 'search', result: {}, interrupts: [] } },
  { event: 'tasks', data: { id: 't1', name: 'agent', result: {}, interrupts: [{ value: 'ok?' }] } },
  { event: 'updates', data: { agent: { n: 1 } } },
  { event: 'values', data: { __interrupt__: [{ value: 'ok?' }] } },
  { event: 'error', data: { error: 'TypeError', message: 'no' } },
]
const RECORDED: RunEvent[] = frames.map((frame, i) => decodeEvent(frame, i, 1000 + i))
const play = (events: readonly RunEvent[], from = EMPTY_RUN_VIEW) => events.reduce(reduceRun, from)

test('a recorded stream folds into the view', () => {
  const view = play(RECORDED)
  expect(view).toMatchObject({ runId: 'r1', attempt: 1, hasInterrupt: true, failure: { error: 'TypeError', message: 'no' }, messageIds: ['h', 'm1'] })
  expect(view.messages['m1']).toMatchObject({ content: 'Hello', node: 'agent', type: 'ai', partialCalls: { 0: { id: 'c', name: 'add', args: '{"a":1}' } } })
  expect(view.nodes['agent']).toMatchObject({ status: 'interrupted', passes: 1, live: 0, lastMs: 8, tokens: 12 })
  expect(view.nodes['research:search']).toMatchObject({ status: 'running', passes: 2, live: 1, widest: 2 })
  expect(view.log.map(({ kind, node }) => [kind, node])).toEqual([['custom', 'research'], ['update', 'agent']])
  expect(view.values).toHaveProperty('messages')
})

test('reconnecting with overlap changes nothing', () => {
  for (let cut = 0; cut <= RECORDED.length; cut++) expect(play(RECORDED, play(RECORDED.slice(0, cut)))).toEqual(play(RECORDED))
})

test('a view may be cut anywhere', () => {
  for (let cut = 0; cut <= RECORDED.length; cut++) expect(play(RECORDED.slice(cut), play(RECORDED.slice(0, cut)))).toEqual(play(RECORDED))
})

test('what nobody knows only moves the cursor, whatever its data', () => {
  const before = play(RECORDED)
  for (const [i, event] of ['holograms', 'values', 'tasks', 'messages', 'updates', 'messages/partial'].entries())
    for (const data of [null, 1, 'x', [], [null], [[]]]) expect(() => reduceRun(before, { seq: 100 + i, at: 0, event, namespace: [], data })).not.toThrow()
  expect(reduceRun(before, { seq: 100, at: 0, event: 'holograms', namespace: [], data: 1 })).toEqual({ ...before, lastSeq: 100 })
})

test('untouched branches keep their identity', () => {
  const before = play(RECORDED.slice(0, 10))
  const after = reduceRun(before, RECORDED[11]!)
  expect(after.messages).toBe(before.messages)
  expect(after.nodes).toBe(before.nodes)
})

test('pieces that a server calls plain ai are pieces all the same', () => {
  const piece = (content: string, args?: string) => ({ event: 'messages', data: [{ id: 'm', type: 'ai', content, ...(args ? { tool_call_chunks: [{ index: 0, args, ...(args === '{' ? { name: 'mail' } : {}) }] } : {}) }, { langgraph_node: 'agent' }] })
  const view = play([piece('Let '), piece('me '), piece('', '{'), piece('', '}')].map((frame, i) => decodeEvent(frame, i, 0)))
  expect(view.messages['m']).toMatchObject({ content: 'Let me ', isStreaming: true, partialCalls: { 0: { name: 'mail', args: '{}' } } })
})

test('the whole message replaces its pieces, the state has the last word', () => {
  const view = play([
    { event: 'messages/partial', data: [{ id: 'm', type: 'ai', content: 'He' }] },
    { event: 'messages/partial', data: [{ id: 'm', type: 'ai', content: 'Hello' }] },
    { event: 'values', data: { messages: [{ id: 'm', type: 'ai', content: 'Hello!' }] } },
  ].map((frame, i) => decodeEvent(frame, i, 0)))
  expect(view.messages['m']).toMatchObject({ content: 'Hello!', isStreaming: false })
})

test('a burst of frames is one delivery', () => {
  const batches: number[][] = []
  let flush = () => {}
  const batcher = createFrameBatcher<number>((batch) => batches.push([...batch]), (f) => { flush = f })
  for (let i = 0; i < 50; i++) batcher.push(i)
  flush()
  batcher.push(50)
  batcher.flush()
  expect(batches.map((batch) => batch.length)).toEqual([50, 1])
})
