import { expect, test } from 'vitest'
import { fieldProblems, formProblems } from './form-problems.ts'

const SCHEMA = { type: 'object', required: ['model', 'tone'], properties: { model: { type: 'string' }, tone: { type: 'string', default: 'neutral' }, heat: { type: 'number', maximum: 1 } } }

test('a key with a default is not missed, one without is', () => {
  expect(fieldProblems(SCHEMA, '{"heat":2}')).toEqual({ model: 'This is needed.', heat: 'At most 1.' })
  expect(formProblems(SCHEMA, '{}')).toEqual([{ line: 0, message: 'model: This is needed.', isError: false }])
})

test('a text that can\'t be read is the only problem', () => expect(formProblems(SCHEMA, '{"heat":')).toMatchObject([{ line: 0, isError: true }]))
