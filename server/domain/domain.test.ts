import { uuid7 } from './uuid7.ts'
import { describe, expect, test } from 'vitest'
import type { Assistant } from '../contract/assistant.ts'
import { nextOf, tasksOf, interruptsByTask } from './checkpoint-view.ts'
import { contains } from './contains.ts'
import { matchesFilter } from './item-filter.ts'
import { configurableHeaders } from './configurable-headers.ts'
import { mergeRun } from './merge-run.ts'
import { decideMultitask } from './multitask.ts'
import { namespaceMatches } from './namespace.ts'
import { canMove, isTerminal } from './run-transitions.ts'
import { titleOf } from './title.ts'
import { systemAssistantId } from './uuid5.ts'

test('the id of a system assistant is the one official servers derive', () =>
  // Computed with Python: uuid.uuid5(uuid.UUID("6ba7b821-9dad-11d1-80b4-00c04fd430c8"), "agent")
  expect(systemAssistantId('agent')).toBe('fe096781-5601-53d2-b2f6-0d3403f7e9ca'))

test('a finished run never restarts, a crashed one may', () => {
  expect(canMove('success', 'running')).toBe(false)
  expect(canMove('running', 'pending')).toBe(true)
  expect(['success', 'error', 'timeout', 'interrupted'].every((status) => isTerminal(status as 'success'))).toBe(true)
})

test.each([
  ['reject', true, { kind: 'refuse' }],
  ['enqueue', true, { kind: 'insert' }],
  ['interrupt', true, { kind: 'cancel', action: 'interrupt' }],
  ['rollback', true, { kind: 'cancel', action: 'rollback' }],
  ['reject', false, { kind: 'insert' }],
] as const)('%s on a thread that has active runs: %s', (strategy, active, decision) => expect(decideMultitask(strategy, active)).toEqual(decision))

test.each([
  [{ a: 1, b: { c: [1, 2] } }, { b: { c: [2] } }, true],
  [{ a: 1 }, { a: 2 }, false],
  [{ a: 1 }, { toString: {} }, false],
  [[{ x: 1 }, { y: 2 }], [{ y: 2 }], true],
  [null, {}, false],
])('%j contains %j: %s', (whole, part, expected) => expect(contains(whole, part)).toBe(expected))

test.each([
  [{ n: 5 }, { n: { $gt: 4, $lte: 5 } }, true],
  [{ n: 5 }, { n: { $gt: '4' } }, false],
  [{ n: 5 }, { n: 5 }, true],
  [{ n: 5 }, { n: { $ne: 5 } }, false],
  [{ n: 5 }, { n: { $where: 1 } }, false],
  [{}, { constructor: {} }, false],
  [{ n: 1 }, { n: { $eq: 1, __defineGetter__: 1 } }, false],
])('store filter %j %j: %s', (value, filter, expected) => expect(matchesFilter(value, filter)).toBe(expected))

test.each([
  [['a', 'b', 'c'], ['a'], ['c'], true],
  [['a', 'b'], ['*', 'b'], [], true],
  [['ab'], ['a'], [], false],
  [['a'], ['a', 'b'], [], false],
])('namespace %j below %j ending %j: %s', (namespace, prefix, suffix, expected) => expect(namespaceMatches(namespace, prefix, suffix)).toBe(expected))

test.each([
  [{ messages: [{ role: 'user', content: 'Hello   there\nyou' }] }, 'Hello there you'],
  [{ question: 'Why?' }, 'Why?'],
  [{ n: 1 }, null],
  [null, null],
  [{ messages: [{ content: [{ type: 'text', text: 'In blocks' }] }] }, 'In blocks'],
])('%j is titled %j', (input, title) => expect(titleOf(input)).toBe(title))

describe('merging a run', () => {
  const assistant: Assistant = {
    assistant_id: 'A', graph_id: 'g', version: 1, name: 'n', description: null, created_at: '', updated_at: '',
    config: { tags: ['one'], recursion_limit: 7, configurable: { model: 'small', tone: 'warm' } }, context: {}, metadata: { team: 'x' },
  }
  const merge = (request: object, thread: { config?: object, metadata?: object } = {}) => mergeRun({
    assistant, thread: { config: {}, metadata: {}, ...thread } as never, request: { assistant_id: 'g', ...request }, headers: {}, ids: { run_id: 'R', thread_id: 'T' }, temporary: false, user: null,
  })

  test('assistant < thread < request < server', () => {
    const { kwargs } = merge({ config: { configurable: { model: 'large', run_id: 'forged' } } }, { config: { configurable: { tone: 'cold', model: 'medium' } } })
    expect(kwargs.config.configurable).toMatchObject({ model: 'large', tone: 'cold', run_id: 'R', thread_id: 'T', graph_id: 'g', assistant_id: 'A' })
  })
  test('an unset recursion limit stays the assistant\'s, an unset context is mirrored', () => {
    const { kwargs } = merge({ context: { tone: 'strict' } })
    expect(kwargs.config.recursion_limit).toBe(7)
    expect(kwargs.context).toEqual({ model: 'small', tone: 'strict' })
    expect(kwargs.config.configurable).toMatchObject({ tone: 'strict' })
  })
  test('metadata of the request can not forge what the server sets', () => {
    const { metadata } = merge({ metadata: { run_id: 'forged', mine: 1 } })
    expect(metadata).toMatchObject({ team: 'x', mine: 1, run_id: 'R', assistant_id: 'A' })
  })
  test('the deprecated checkpoint_during means durability', () => {
    expect(merge({ checkpoint_during: false }).kwargs.durability).toBe('exit')
    expect(merge({}).kwargs.durability).toBe('async')
  })
  test('headers that carry keys do not reach the graph', () =>
    expect(configurableHeaders({ 'x-api-key': 's', 'x-user': 'ada', 'user-agent': 'ua', accept: '*/*' })).toEqual({ 'x-user': 'ada', 'user-agent': 'ua' }))
})

describe('the tasks after a checkpoint', () => {
  const source = { thread_id: 't', checkpoint_ns: '', checkpoint_id: 'c', channels: {}, keys: ['notes'], overrides: null, next: ['a', 'b'], tasks: [{ id: '1', name: 'a' }, { id: '2', name: 'b' }] }
  const noPieces = () => { throw new Error('none') }

  test('a finished one is not next any more, an open question is listed by task', () => {
    const tasks = tasksOf(source, [
      { task_id: '1', idx: 0, channel: 'notes', value: '"x"' },
      { task_id: '1', idx: -3, channel: '__interrupt__', value: '{"id":"old","value":1}' },
      { task_id: '2', idx: -3, channel: '__interrupt__', value: '{"id":"q","value":"ok?"}' },
    ], noPieces)
    expect(nextOf(source, tasks, true)).toEqual(['b'])
    expect(nextOf(source, tasks, false)).toEqual(['a', 'b'])
    expect(tasks[0]).toMatchObject({ result: { notes: 'x' }, interrupts: [] })
    expect(interruptsByTask(tasks)).toEqual({ 2: [{ id: 'q', value: 'ok?' }] })
  })
  test('a failed one says so and is still next', () => {
    const tasks = tasksOf(source, [{ task_id: '1', idx: -1, channel: '__error__', value: '{"message":"no"}' }], noPieces)
    expect(tasks[0]!.error).toEqual({ message: 'no' })
    expect(nextOf(source, tasks, true)).toEqual(['a', 'b'])
  })
})

test('new ids are valid, differ, and follow the time', () => {
  const ids = Array.from({ length: 1000 }, (_, i) => uuid7(1_800_000_000_000 + i))
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(new Set(ids).size).toBe(1000)
  expect(ids.toSorted()).toEqual(ids)
  expect(uuid7(-1).startsWith('00000000-0000-7')).toBe(true)
})
