import type { ToldSchemas } from '../complete-schemas.ts'
import { MESSAGE_SCHEMA, MESSAGES_SCHEMA } from '../message-schema.ts'
import { plainJson } from './plain-json.ts'
import type { CompiledGraph, GraphChannel, UserLangGraph } from './user-langgraph.ts'

type SchemaReader = (graph: unknown) => unknown

const DRAFT = 'http://json-schema.org/draft-07/schema#'

/** The graph's schemas: those its code declares at run time, or what its channels tell. Null where nothing can be told. */
export function readSchemas(graph: CompiledGraph, langgraph: UserLangGraph): ToldSchemas {
  const declared = (reader: string) => readDeclared(graph, langgraph.schemaReaders[reader] as SchemaReader | undefined)
  const [input, output, state] = [declared('getInputTypeSchema'), declared('getOutputTypeSchema'), declared('getStateTypeSchema')]
  const config = declared('getConfigTypeSchema') ?? contextSchema(graph)
  return {
    input_schema: input ?? fromChannels(graph, graph.inputChannels, langgraph),
    output_schema: output ?? fromChannels(graph, graph.outputChannels, langgraph),
    state_schema: state ?? fromChannels(graph, graph.streamChannels, langgraph),
    config_schema: config,
    context_schema: config,
    undeclared: [...input ? [] : ['input' as const], ...output ? [] : ['output' as const], ...state ? [] : ['state' as const]],
  }
}

function readDeclared(graph: CompiledGraph, reader: SchemaReader | undefined): unknown {
  try {
    const schema = reader?.(graph)
    if (!hasProperties(schema)) return null
    return { $schema: DRAFT, ...withMessageItems(plainJson(schema) as Record<string, unknown>) }
  } catch {
    // Types that JSON Schema has no word for: the channels tell at least the names.
    return null
  }
}

const hasProperties = (schema: unknown): schema is Record<string, unknown> =>
  typeof schema === 'object' && schema !== null && 'properties' in schema && typeof schema.properties === 'object' && Object.keys(schema.properties ?? {}).length > 0

/** LangGraph marks lists of messages but leaves their items open: a form needs to know what to ask for. */
function withMessageItems(schema: Record<string, unknown>): Record<string, unknown> {
  const properties = Object.entries(schema['properties'] as Record<string, Record<string, unknown>>)
  return { ...schema, properties: Object.fromEntries(properties.map(([key, value]) => [key, isOpenMessageList(value) ? { ...MESSAGES_SCHEMA, ...value, type: 'array', items: MESSAGE_SCHEMA } : value])) }
}

function isOpenMessageList(schema: Record<string, unknown>): boolean {
  if (schema?.['langgraph_type'] !== 'messages' && schema?.['langgraph_type'] !== 'prompt') return false
  const items = schema['items'] as Record<string, unknown> | undefined
  return items === undefined || Object.keys(items).length === 0
}

/** A context schema that isn't zod but can tell its JSON Schema itself. */
function contextSchema(graph: CompiledGraph): unknown {
  const schema = graph.builder?.['_configRuntimeSchema']
  if (typeof schema !== 'object' || schema === null || !('toJSONSchema' in schema) || typeof schema.toJSONSchema !== 'function') return null
  try {
    return plainJson((schema.toJSONSchema as () => unknown)())
  } catch {
    // Not expressible in JSON Schema.
    return null
  }
}

function fromChannels(graph: CompiledGraph, selection: string | readonly string[] | undefined, langgraph: UserLangGraph): unknown {
  const names = stateChannels(graph, selection)
  if (names.length === 0) return null
  const properties = Object.fromEntries(names.map((name) => [name, channelSchema(graph, name, langgraph)]))
  return { $schema: DRAFT, type: 'object', properties }
}

/** The input of a StateGraph comes through `__start__`; what it may hold is the state's keys. */
function stateChannels(graph: CompiledGraph, selection: string | readonly string[] | undefined): string[] {
  const names = typeof selection === 'string' ? [selection] : selection ?? []
  const isInner = (name: string) => name.startsWith('__') || name.startsWith('branch:')
  if (names.length === 1 && isInner(names[0]!) && Array.isArray(graph.streamChannels)) return stateChannels(graph, graph.streamChannels)
  return names.filter((name) => !isInner(name) && name in graph.channels)
}

function channelSchema(graph: CompiledGraph, name: string, { messageReducers, toJsonSchema }: UserLangGraph): unknown {
  const channel = graph.channels[name] as GraphChannel & { reducer?: unknown }
  const reducer = channel.operator ?? channel.reducer
  if (reducer !== undefined && messageReducers.includes(reducer)) return MESSAGES_SCHEMA
  const field = fieldsOf(graph)[name]
  if (field === undefined) return {}
  try {
    return plainJson(toJsonSchema?.(field, { unrepresentable: 'any' }) ?? {})
  } catch {
    // This field's type has no word in JSON Schema; the others may.
    return {}
  }
}

/** The zod fields of a state that as a whole could not be told. */
function fieldsOf({ builder }: CompiledGraph): Readonly<Record<string, unknown>> {
  const definition = builder?.['_schemaRuntimeDefinition']
  if (typeof definition !== 'object' || definition === null || !('shape' in definition)) return {}
  return typeof definition.shape === 'object' ? definition.shape as Record<string, unknown> : {}
}
