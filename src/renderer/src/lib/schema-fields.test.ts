import { expect, test } from 'vitest'
import { problemsOf, schemaFields } from './schema-fields.ts'

const kinds = (properties: object, more: object = {}) => Object.fromEntries(schemaFields({ type: 'object', properties, ...more })!.map(({ key, field }) => [key, field]))

test('each kind of schema has its field', () =>
  expect(kinds({
    messages: { type: 'array' }, chat: { langgraph_type: 'messages' }, name: { type: 'string' }, system_prompt: { type: 'string' }, n: { type: 'integer', minimum: 0 }, x: { type: ['number', 'null'] },
    on: { type: 'boolean' }, tone: { enum: ['warm', null] }, mode: { anyOf: [{ const: 'a' }, { const: 'b' }] }, maybe: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    tags: { type: 'array', items: { type: 'string' } }, place: { type: 'object', properties: { city: { type: 'string' } } }, any: {}, list: { type: 'array' }, either: { anyOf: [{ type: 'string' }, { type: 'number' }] },
  })).toMatchObject({
    messages: { kind: 'messages' }, chat: { kind: 'messages' }, name: { kind: 'text', isLong: false }, system_prompt: { kind: 'text', isLong: true }, n: { kind: 'number', isInteger: true, minimum: 0 }, x: { kind: 'number', isInteger: false },
    on: { kind: 'switch' }, tone: { kind: 'choice', options: ['warm'] }, mode: { kind: 'choice', options: ['a', 'b'] }, maybe: { kind: 'text' }, tags: { kind: 'list', item: { kind: 'text' } },
    place: { kind: 'object', fields: [{ key: 'city' }] }, any: { kind: 'json' }, list: { kind: 'json' }, either: { kind: 'json' },
  }))

test('references are followed, also when they go in a circle', () => {
  expect(kinds({ a: { $ref: '#/$defs/Tone', description: 'own words' } }, { $defs: { Tone: { enum: [1, 2] } } })).toMatchObject({ a: { kind: 'choice', options: [1, 2] } })
  expect(schemaFields({ properties: { a: { $ref: '#/properties/a' } } })).toHaveLength(1)
  const tree = { properties: { child: { $ref: '#/$defs/N' } }, $defs: { N: { type: 'object', properties: { child: { $ref: '#/$defs/N' } } } } }
  expect(schemaFields(tree)).toHaveLength(1)
})

test('a schema that says nothing has no fields', () => {
  for (const schema of [null, undefined, 5, {}, { type: 'object' }, { properties: {} }]) expect(schemaFields(schema)).toBeNull()
})

test('what is missing is named; a default is no need', () => {
  const fields = schemaFields({ properties: { a: { type: 'string' }, b: { type: 'string', default: 'x' }, n: { type: 'number', maximum: 1 } }, required: ['a', 'b'] })!
  expect(problemsOf(fields, { n: 2 })).toEqual({ a: 'This is needed.', n: 'At most 1.' })
  expect(problemsOf(fields, { a: 'x' })).toEqual({})
})
