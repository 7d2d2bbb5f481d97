import type { GraphSchema } from '@langchain/langgraph-sdk'
import { expect, test } from 'vitest'
import { schemaFields } from '../../lib/schema-fields.ts'
import { relaxed, schemaOf } from './editor-schema.ts'

const CONTEXT = {
  $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', required: ['tone', 'model', 'desk'],
  properties: { tone: { type: 'string', default: 'neutral' }, model: { type: 'string' }, desk: { type: 'object', required: ['name'], properties: { name: { type: 'string', default: { required: ['x'] } } } } },
}
const schemas = (change: object) => ({ graph_id: 'g', ...change }) as GraphSchema

test('keys with a default need not be written', () =>
  expect(relaxed(CONTEXT)).toMatchObject({ required: ['model', 'desk'], properties: { desk: { required: [], properties: { name: { default: { required: ['x'] } } } } } }))

test('a property that is called like a keyword stays a property', () =>
  expect(relaxed({ type: 'object', properties: { required: { type: 'array', items: {} }, default: { $schema: 'x', type: 'string' } } })).toEqual({ type: 'object', properties: { required: { type: 'array', items: {} }, default: { type: 'string' } } }))

test('without a context schema there is none to check against', () => {
  expect(schemaOf('context', schemas({ context_schema: null }))).toBeNull()
  expect(schemaOf('context', null)).toBeNull()
  expect(schemaOf('metadata', null)).toEqual({ type: 'object' })
})

test('the graph\'s schema is that of what is configurable, references and all', () => {
  const config = schemaOf('config', schemas({ config_schema: { type: 'object', properties: { tone: { $ref: '#/$defs/tone' } }, $defs: { tone: { enum: ['a', 'b'] } } } }))
  const fields = schemaFields(config)
  expect(fields?.map(({ key }) => key)).toEqual(['recursion_limit', 'tags', 'configurable'])
  expect(fields?.[2]?.field).toMatchObject({ kind: 'object', fields: [{ key: 'tone', field: { kind: 'choice', options: ['a', 'b'] } }] })
})
