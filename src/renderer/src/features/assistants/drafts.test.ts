import type { Assistant } from '@langchain/langgraph-sdk'
import { expect, test } from 'vitest'
import { changeOf, contentOf, draftOf, hasDraft, isDirty, isUntouched, keptMetadata, losesConfigurable, parseObject, unreadablePart } from './drafts.ts'

const assistant = (change: Partial<Assistant> = {}): Assistant => ({
  assistant_id: 'a', graph_id: 'research', name: 'Careful writer', version: 3, config: {}, context: {}, metadata: {}, created_at: '', updated_at: '', ...change,
})
const edited = (saved: Assistant, change: object) => ({ ...draftOf(saved), ...change })

test('an untouched draft is clean, and so is the same JSON written differently', () => {
  const saved = assistant({ context: { a: 1, b: [2] } })
  expect(isDirty(draftOf(saved), saved)).toBe(false)
  expect(isDirty(edited(saved, { context: '{"b":[2],"a":1}' }), saved)).toBe(false)
  expect(isDirty(edited(saved, { context: '' }), assistant())).toBe(false)
})

test.each([{ name: 'Other' }, { description: 'x' }, { context: '{"a":1}' }, { context: '{"a":' }, { metadata: '{"owner":"me"}' }])('%j is a change', (change) =>
  expect(isDirty(edited(assistant(), change), assistant())).toBe(true))

test('only what changed is sent', () => {
  expect(changeOf(edited(assistant(), { name: ' Strict ' }), assistant())).toEqual({ name: 'Strict' })
  expect(changeOf(edited(assistant(), { context: '{"a":1}', metadata: '{"b":2}' }), assistant())).toEqual({ context: { a: 1 }, metadata: { b: 2 } })
  expect(changeOf(edited(assistant(), { config: '{"recursion_limit":40}' }), assistant())).toEqual({ config: { recursion_limit: 40 } })
})

test('a context and a configurable are never sent together', () => {
  const both = assistant({ context: { a: 1 }, config: { tags: ['x'], configurable: { a: 1 } } })
  expect(changeOf(edited(both, { context: '{"a":2}' }), both)).toEqual({ context: { a: 2 }, config: { tags: ['x'] } })
  expect(changeOf(edited(both, { config: '{"configurable":{"b":1}}' }), both)).toEqual({ context: { a: 1 }, config: {} })
  expect(losesConfigurable(draftOf(both))).toBe(false)
  expect(losesConfigurable(edited(both, { context: '{"a":2}' }))).toBe(true)
})

test('a configurable alone is kept', () => {
  const old = assistant({ config: { configurable: { a: 1 } } })
  expect(changeOf(edited(old, { config: '{"configurable":{"a":2}}' }), old)).toEqual({ config: { configurable: { a: 2 } } })
  expect(losesConfigurable(draftOf(old))).toBe(false)
  const emptied = assistant({ context: { a: 1 } })
  expect(changeOf(edited(emptied, { context: '{}', config: '{"configurable":{"a":1}}' }), emptied)).toEqual({ context: {}, config: { configurable: { a: 1 } } })
})

test('what is not a JSON object is refused with its reason', () => {
  expect(() => changeOf(edited(assistant(), { context: '[1]' }), assistant())).toThrow('The context can\'t be saved: A JSON object is expected')
  expect(parseObject('{"a":').problem).toBeTruthy()
  expect(parseObject(' ')).toEqual({ value: {}, problem: null })
})

test('metadata that servers will keep is named', () => {
  const saved = assistant({ metadata: { owner: 'me', team: 'x' } })
  expect(keptMetadata(edited(saved, { metadata: '{"team":"y"}' }), saved)).toEqual(['owner'])
})

test('blanks alone are kept as typed, and are no draft', () => {
  const saved = assistant()
  const draft = edited(saved, { context: '{\n}' })
  expect([isUntouched(draft, saved), isUntouched(draftOf(saved), saved), hasDraft({ a: draft }, saved), hasDraft({}, saved)]).toEqual([false, true, false, false])
})

test('a copy never has both', () => expect(contentOf(draftOf(assistant({ context: { a: 1 }, config: { tags: ['t'], configurable: { a: 1 } } })))).toMatchObject({ context: { a: 1 }, config: { tags: ['t'] } }))

test('the part that can\'t be read is named', () => expect([unreadablePart(edited(assistant(), { config: '{' })), unreadablePart(draftOf(assistant()))]).toEqual(['config', null]))
