import { matchesSubscription } from '@langchain/langgraph/stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeBatch, eventsIn, type NewEvent } from './event-batch.ts'
import { frameOf, numbered, SLOTS } from './protocol-event.ts'
import { isSubscribed, type ProtocolFilter } from './protocol-filter.ts'
import { createRunProjection } from './protocol-run.ts'

const segment = fc.constantFrom('a', 'b', 'a:1', 'a:2', 'b:1')
const namespace = fc.array(segment, { maxLength: 3 })
const methods = ['values', 'updates', 'messages', 'tools', 'lifecycle', 'checkpoints', 'tasks', 'custom', 'input.requested'] as const
const event = fc.record({ method: fc.constantFrom(...methods), name: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }), namespace, seq: fc.nat(5) })
const filter = fc.record({
  channels: fc.array(fc.constantFrom('values', 'messages', 'lifecycle', 'input', 'custom', 'custom:x'), { minLength: 1, maxLength: 3 }),
  namespaces: fc.option(fc.array(namespace, { maxLength: 2 }), { nil: undefined }), depth: fc.option(fc.nat(2), { nil: undefined }), since: fc.option(fc.nat(5), { nil: undefined }),
})

test('a subscription has the events that LangGraph\'s own reading of the protocol gives it', () => {
  fc.assert(fc.property(event, filter, ({ method, name, namespace, seq }, wanted) => {
    const channel = method === 'input.requested' ? 'input' : method === 'custom' && name ? `custom:${name}` : method
    const theirs = matchesSubscription({ type: 'event', seq, method, params: { namespace, timestamp: 0, data: { name } } } as never, wanted as never)
    expect(isSubscribed(wanted as ProtocolFilter, { seq, channel, namespace })).toBe(theirs)
  }))
})

const json = (value: unknown) => Buffer.from(JSON.stringify(value))
interface Told { method: string, event_id: string, seq: number, params: { namespace: string[], node?: string, data: Record<string, unknown> } }

/** What a run's events say, read from a log; `status` is how the run ended. */
function told(events: NewEvent[], status: 'success' | 'error' | 'interrupted' | null = 'success'): Told[] {
  const projection = createRunProjection('agent')
  const batch = encodeBatch(1, events)
  return [...[...eventsIn(batch)].flatMap(projection.take), ...projection.end(batch.last, status)].map((one) => JSON.parse(frameOf(one, 0)) as Told)
}
const lifecycle = (frames: Told[]) => frames.filter(({ method }) => method === 'lifecycle').map(({ params }) => [params.namespace.join('|'), params.data['event']])

const chunk = (id: string, fields: object): NewEvent =>
  ({ event: 'messages', data: json([{ id, type: 'AIMessageChunk', content: '', tool_call_chunks: [], ...fields }, { langgraph_node: 'model', langgraph_checkpoint_ns: 'model:1' }]) })

test('however a message is cut into chunks, and others come in between, its blocks hold all of it and each is begun and finished', () => {
  const parts = fc.array(fc.record({ id: fc.constantFrom('one', 'two'), kind: fc.constantFrom('text', 'reasoning', 'call'), text: fc.string({ maxLength: 4 }) }), { minLength: 1, maxLength: 20 })
  fc.assert(fc.property(parts, (pieces) => {
    const events = pieces.map(({ id, kind, text }) => kind === 'call'
      ? chunk(id, { tool_call_chunks: [{ index: 9, id: 'c', name: 'f', args: text }] })
      : chunk(id, { content: [kind === 'text' ? { type: 'text', text, index: 0 } : { type: 'reasoning', reasoning: text, index: 1 }] }))
    const frames = told(events).filter(({ method }) => method === 'messages').map(({ params }) => params.data)
    for (const id of new Set(pieces.map((piece) => piece.id))) {
      const own = frames.filter((data) => data['run_id'] === id)
      expect([own[0]!['event'], own.at(-1)!['event']]).toEqual(['message-start', 'message-finish'])
      const whole = (kind: string) => pieces.filter((piece) => piece.id === id && piece.kind === kind).map(({ text }) => text).join('')
      const finished = new Map(own.filter((data) => data['event'] === 'content-block-finish').map((data) => [data['index'], data['content'] as Record<string, unknown>]))
      expect([...finished.keys()].sort()).toEqual(own.filter((data) => data['event'] === 'content-block-start').map((data) => data['index']))
      for (const content of finished.values()) {
        if (content['type'] === 'text') expect(content['text']).toBe(whole('text'))
        else if (content['type'] === 'reasoning') expect(content['reasoning']).toBe(whole('reasoning'))
        else expect(content['args']).toEqual(content['type'] === 'tool_call' ? JSON.parse(whole('call') || '{}') : whole('call'))
      }
    }
  }))
})

test('arguments that are no object are an invalid call, and a whole message is told at once', () => {
  const frames = told([chunk('a', { tool_call_chunks: [{ index: 0, id: 'c', name: 'f', args: '{"x"' }] }), { event: 'messages', data: json([{ id: 'b', type: 'human', content: 'Hi' }, {}]) }])
  expect(frames.filter(({ method }) => method === 'messages').map(({ params }) => params.data)).toMatchObject([
    { event: 'message-start', role: 'ai', id: 'a' }, { event: 'content-block-start', index: 0 }, { event: 'content-block-delta', delta: { type: 'block-delta', fields: { args: '{"x"' } } },
    { event: 'message-start', role: 'human', id: 'b' }, { event: 'content-block-start' }, { event: 'content-block-delta', delta: { text: 'Hi' } }, { event: 'content-block-finish', content: { type: 'text', text: 'Hi' } }, { event: 'message-finish', run_id: 'b' },
    { event: 'content-block-finish', content: { type: 'invalid_tool_call', args: '{"x"' } }, { event: 'message-finish', run_id: 'a' },
  ])
})

const task = (namespace: string, fields: object): NewEvent => ({ event: `tasks${namespace}`, data: json(fields) })

test('the graph of a named agent is told with the tool call that began it, and by its own task when it is through', () => {
  const metadata = { event: 'metadata', data: json({ run_id: 'r' }) }
  const frames = told([
    metadata, task('', { id: '1', name: 'tools', input: { tool_call: { id: 'call-1' } } }), task('', { id: '2', name: 'tools', input: { tool_call: { id: 'call-2' } } }),
    task('|tools:2', { id: '3', name: 'model', input: {}, metadata: { lc_agent_name: 'writer' } }), task('|tools:1', { id: '4', name: 'model', input: {} }),
    task('', { id: '2', name: 'tools', result: {}, interrupts: [] }),
  ], 'interrupted')
  expect(lifecycle(frames)).toEqual([['', 'running'], ['tools:2', 'started'], ['tools:1', 'started'], ['tools:2', 'completed'], ['tools:1', 'interrupted'], ['', 'interrupted']])
  expect(frames.filter(({ params }) => params.data['event'] === 'started').map(({ params }) => params.data)).toEqual([
    { event: 'started', graph_name: 'writer', cause: { type: 'toolCall', tool_call_id: 'call-2' } }, { event: 'started', graph_name: 'tools' },
  ])
})

test('without tasks a graph begins with its first event and ends with its node\'s update; a question asked at every level is one', () => {
  const interrupt = { __interrupt__: [{ id: 'q', value: 'why?' }] }
  const frames = told([
    { event: 'values|a:1', data: json({ x: 1 }) }, { event: 'updates', data: json({ a: null }) }, { event: 'values|b:1', data: json(interrupt) },
    { event: 'updates', data: json(interrupt) }, { event: 'values', data: json({ x: 2, ...interrupt }) },
  ])
  expect(lifecycle(frames)).toEqual([['a:1', 'started'], ['a:1', 'completed'], ['b:1', 'started'], ['b:1', 'interrupted'], ['', 'interrupted']])
  expect(frames.filter(({ method }) => method === 'input.requested').map(({ params }) => [params.namespace, params.data])).toEqual([[['b:1'], { interrupt_id: 'q', payload: 'why?', value: 'why?' }]])
  expect(frames.filter(({ method }) => method === 'values').map(({ params }) => params.data)).toEqual([{ x: 1 }, { x: 2 }])
})

test('an event that is no JSON is passed over', () => {
  const broken = Buffer.from('{"x": NaN')
  const frames = told(['updates', 'messages', 'tasks', 'tools', 'checkpoints', 'error', 'messages/complete'].map((event) => ({ event, data: broken })), null)
  expect(lifecycle(frames)).toEqual([['', 'failed']])
})

test('every event has an id of its own, also where more come of one than have numbers', () => {
  const many = numbered(Array.from({ length: SLOTS + 3 }, () => ({ method: 'custom', namespace: [], data: '1' })), 7, 0)
  expect(new Set(many.map(({ event_id }) => event_id)).size).toBe(SLOTS + 3)
  expect(many.at(-1)!.seq).toBeLessThan(8 * SLOTS)
})

test('what a graph calls its custom events can\'t be mistaken for anything else', () => {
  const frames = told([{ event: 'constructor', data: json(1) }, { event: '__proto__', data: json(1) }, { event: 'custom', data: json({ name: 'a2a', payload: 1 }) }, { event: 'custom|x:1', data: json('"name"') }], null)
  expect(frames.map(({ method, params }) => [method, params.data])).toEqual([
    ['custom', { name: 'a2a', payload: 1 }], ['lifecycle', expect.anything()], ['custom', { payload: '"name"' }], ['lifecycle', expect.anything()], ['lifecycle', { event: 'completed', graph_name: 'agent' }],
  ])
})
