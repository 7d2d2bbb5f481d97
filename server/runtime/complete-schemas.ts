import type { GraphSchemas } from '../engine/graph-worker.ts'
import type { TypeReading } from './read-types.ts'

type Part = 'input' | 'output' | 'state'
type Schema = Readonly<Record<string, unknown>>

/** A worker's answer. `undeclared` are those that the graph's code does not declare: its channels told what there is. */
export interface ToldSchemas extends GraphSchemas { readonly undeclared: readonly Part[] }

/** What the code declares stays; the types fill in the rest. A problem is told where the types were asked and told nothing. */
export function completeSchemas({ undeclared, ...told }: ToldSchemas, { schemas, problem }: TypeReading): GraphSchemas {
  if (!schemas) return problem === null ? told : { ...told, schema_problem: problem }
  const context = told.context_schema ?? (hasFields(schemas.context) ? schemas.context : null)
  const completed = { ...told, config_schema: told.config_schema ?? context, context_schema: context }
  for (const part of undeclared) completed[`${part}_schema`] = merged(told[`${part}_schema`], describedAs(schemas[part], schemas.state), part === 'state')
  const isAnyNew = undeclared.some((part) => completed[`${part}_schema`] !== told[`${part}_schema`])
  return isAnyNew ? completed : { ...completed, schema_problem: 'The graph\'s type says nothing of what it holds.' }
}

/** The channels know which keys there are, and some of what is in them; the types know the rest. Input and output may be less than the whole. */
function merged(channels: unknown, types: unknown, isWhole: boolean): unknown {
  if (!isSchema(channels)) return says(types) ? types : channels
  if (!hasFields(types)) return channels
  const known = fieldsOf(channels)
  const typed = Object.entries(fieldsOf(types)).filter(([key]) => key in known)
  if (typed.length === 0) return channels
  const fields = Object.fromEntries(typed.map(([key, field]) => [key, { ...field, ...known[key] }]))
  return { ...types, properties: isWhole ? { ...known, ...fields } : fields, ...requiredAmong(types, known) }
}

/** What is said of a key where the state is declared holds for input and output too. */
function describedAs(types: unknown, state: unknown): unknown {
  if (!hasFields(types) || !hasFields(state)) return types
  const whole = fieldsOf(state)
  const described = Object.entries(fieldsOf(types)).map(([key, field]) => {
    const description = whole[key]?.['description']
    return [key, description === undefined ? field : { description, ...field }]
  })
  return { ...types, properties: Object.fromEntries(described) }
}

function requiredAmong(types: Schema, known: Readonly<Record<string, Schema>>): { required?: string[] } {
  const { required } = types
  return Array.isArray(required) ? { required: required.filter((key): key is string => typeof key === 'string' && key in known) } : {}
}

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value)

/** More than that it is anything, or any object. */
const says = (schema: unknown): boolean => isSchema(schema) && (schema['type'] === 'object' ? hasFields(schema) : Object.keys(schema).some((key) => key !== '$schema'))

function hasFields(schema: unknown): schema is Schema {
  return isSchema(schema) && Object.keys(fieldsOf(schema)).length > 0
}

const fieldsOf = ({ properties }: Schema): Readonly<Record<string, Schema>> =>
  isSchema(properties) ? Object.fromEntries(Object.entries(properties).filter((entry): entry is [string, Schema] => isSchema(entry[1]))) : {}
