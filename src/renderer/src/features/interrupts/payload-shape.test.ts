import { describe, expect, test } from 'vitest'
import { actionAnswer, questionLine, resumeValue, reviewAnswer, shapeOf } from './payload-shape.ts'

const REQUEST = { action: 'send_email', args: { to: 'ada' }, description: null }

describe('what a payload asks', () => {
  test('one proposed action with its verbs', () => {
    const payload = { action_request: { action: 'send_email', args: { to: 'ada' } }, config: { allow_accept: true, allow_edit: false }, description: 'Mail?' }
    const shape = { kind: 'action', request: { action: 'send_email', args: { to: 'ada' }, description: 'Mail?' }, allow: { accept: true, edit: false, respond: true, ignore: true } }
    expect(shapeOf(payload)).toMatchObject(shape)
    expect(shapeOf([payload])).toMatchObject(shape)
  })
  test('several actions of the middleware', () =>
    expect(shapeOf({ action_requests: [{ name: 'a', arguments: { x: 1 } }], review_configs: [] })).toEqual({ kind: 'review', requests: [{ action: 'a', args: { x: 1 }, description: null }] }))
  test.each([
    ['Publish?', { kind: 'question', question: 'Publish?', facts: {} }],
    [{ question: 'Publish?', title: 'T' }, { kind: 'question', question: 'Publish?', facts: { title: 'T' } }],
    [{ a: 1 }, { kind: 'value', value: { a: 1 } }],
    [null, { kind: 'value', value: null }],
    [{ action_request: { action: 5 } }, { kind: 'value', value: { action_request: { action: 5 } } }],
    [{ action_requests: [] }, { kind: 'value', value: { action_requests: [] } }],
  ])('%j', (payload, shape) => expect(shapeOf(payload)).toEqual(shape))
})

describe('what an answer sends', () => {
  test('verbs go as a list with one entry', () => {
    expect(actionAnswer('accept', REQUEST, null)).toEqual([{ type: 'accept', args: null }])
    expect(actionAnswer('edit', REQUEST, { to: 'bob' })).toEqual([{ type: 'edit', args: { action: 'send_email', args: { to: 'bob' } } }])
    expect(actionAnswer('response', REQUEST, 'not now')).toEqual([{ type: 'response', args: 'not now' }])
  })
  test('decisions keep their order', () =>
    expect(reviewAnswer([REQUEST, REQUEST], [{ type: 'approve' }, { type: 'edit', args: { to: 'x' } }])).toEqual({ decisions: [{ type: 'approve' }, { type: 'edit', edited_action: { name: 'send_email', args: { to: 'x' } } }] }))
  test('answers go by id, plainly where there is none, and not at all while nothing is answered', () => {
    const [one, two] = [{ id: 'i1', node: 'a', value: 1 }, { id: 'i2', node: 'a', value: 2 }]
    expect(resumeValue([one], new Map([[0, null]]))).toEqual({ resume: { i1: null } })
    expect(resumeValue([{ ...one, id: null }], new Map([[0, false]]))).toEqual({ resume: false })
    expect(resumeValue([one, two], new Map([[1, 'yes']]))).toEqual({ resume: { i2: 'yes' } })
    expect(resumeValue([one, two], new Map([[0, 1], [1, 2]]))).toEqual({ resume: { i1: 1, i2: 2 } })
    expect(resumeValue([one], new Map())).toBeNull()
  })
})

test.each([
  ['Publish?', 'Publish?'], [{ question: 'Why?', a: 1 }, 'Why?'], [{ a: 1 }, '{"a":1}'], [undefined, ''],
  [{ action_request: { action: 'send', args: {} } }, 'Run send?'], [{ action_requests: [{ name: 'a', args: {} }, { name: 'b', args: {} }] }, 'Run a, b?'],
])('%j asks in one line', (payload, line) => expect(questionLine(payload)).toBe(line))
