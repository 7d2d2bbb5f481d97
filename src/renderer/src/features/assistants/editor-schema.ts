import type { GraphSchema } from '@langchain/langgraph-sdk'
import type { JsonSchema } from '../../lib/schema-fields.ts'
import type { Part } from './drafts.ts'

const isRecord = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The schema as it binds a person who writes settings: graphs list keys with a default as required, since they are always
 * there once a run starts. The dialect's name is left out, as the editor has no schemas of the web.
 */
export function relaxed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(relaxed)
  if (!isRecord(schema)) return schema
  const properties = schema['properties']
  const entries = Object.entries(schema).filter(([key]) => key !== '$schema').map(([key, value]) => {
    if (key === 'default' || key === 'enum' || key === 'const' || key === 'examples') return [key, value]
    if (key === 'properties' && isRecord(value)) return [key, Object.fromEntries(Object.entries(value).map(([name, own]) => [name, relaxed(own)]))]
    if (key !== 'required' || !Array.isArray(value) || !isRecord(properties)) return [key, relaxed(value)]
    return [key, value.filter((name: unknown) => !isRecord(properties[String(name)]) || !Object.hasOwn(properties[String(name)] as object, 'default'))]
  })
  return Object.fromEntries(entries)
}

function configSchema(configurable: unknown): JsonSchema {
  const own = relaxed(configurable)
  // References inside point at the root.
  const definitions = isRecord(own) ? Object.fromEntries(['$defs', 'definitions'].flatMap((key) => own[key] ? [[key, own[key]]] : [])) : {}
  return {
    type: 'object', ...definitions,
    properties: {
      recursion_limit: { type: 'integer', minimum: 1, description: 'After how many supersteps a run fails. Left out: the graph\'s own limit, or 25.' },
      tags: { type: 'array', items: { type: 'string' }, description: 'Passed on to tracing.' },
      ...(isRecord(own) ? { configurable: { description: 'The older way to configure a graph; today that is what the context is for.', ...own } } : { configurable: { type: 'object' } }),
    },
  }
}

/** What the part's text is checked against. */
export function schemaOf(part: Part, schemas: GraphSchema | null): JsonSchema | null {
  if (part === 'metadata') return { type: 'object' }
  if (part === 'config') return configSchema(schemas?.config_schema)
  return isRecord(schemas?.context_schema) ? relaxed(schemas.context_schema) as JsonSchema : null
}
