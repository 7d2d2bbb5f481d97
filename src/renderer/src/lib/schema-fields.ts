export type JsonSchema = Readonly<Record<string, unknown>>

/** How a part of an input is asked for. */
export type FieldKind =
  | { readonly kind: 'messages' }
  | { readonly kind: 'text', readonly isLong: boolean }
  | { readonly kind: 'number', readonly isInteger: boolean, readonly minimum: number | null, readonly maximum: number | null }
  | { readonly kind: 'switch' }
  | { readonly kind: 'choice', readonly options: readonly unknown[] }
  | { readonly kind: 'object', readonly fields: readonly SchemaField[] }
  | { readonly kind: 'list', readonly item: FieldKind }
  | { readonly kind: 'json', readonly schema: JsonSchema }

export interface SchemaField {
  readonly key: string
  readonly title: string
  readonly description: string | null
  readonly isRequired: boolean
  readonly initial: unknown
  readonly field: FieldKind
}

const isRecord = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value)
const DEEPEST = 5

/** Follows `$ref`s inside the schema and takes `null` out of a choice of types. */
function plain(schema: unknown, root: JsonSchema, depth = 0): JsonSchema {
  if (!isRecord(schema) || depth > 20) return {}
  const ref = schema['$ref']
  if (typeof ref === 'string' && ref.startsWith('#/')) {
    const target = ref.slice(2).split('/').reduce<unknown>((at, part) => isRecord(at) ? at[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined, root)
    return { ...plain(target, root, depth + 1), ...Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$ref')) }
  }
  const variants = (schema['anyOf'] ?? schema['oneOf']) as unknown
  if (Array.isArray(variants)) {
    const real = variants.filter((variant) => !isRecord(variant) || variant['type'] !== 'null')
    if (real.length === 1) return { ...plain(real[0], root, depth + 1), ...Object.fromEntries(Object.entries(schema).filter(([key]) => key !== 'anyOf' && key !== 'oneOf')) }
  }
  const { allOf } = schema
  if (Array.isArray(allOf) && allOf.length === 1) return { ...schema, ...plain(allOf[0], root, depth + 1) }
  return schema
}

function typeOf(schema: JsonSchema): string | null {
  const { type } = schema
  if (Array.isArray(type)) return (type as unknown[]).find((one): one is string => typeof one === 'string' && one !== 'null') ?? null
  return typeof type === 'string' ? type : null
}

const isMessages = (key: string, schema: JsonSchema): boolean =>
  schema['langgraph_type'] === 'messages' || (key === 'messages' && (typeOf(schema) === 'array' || typeOf(schema) === null))

function kindOf(key: string, raw: unknown, root: JsonSchema, depth: number): FieldKind {
  const schema = plain(raw, root)
  if (isMessages(key, schema)) return { kind: 'messages' }
  if (Array.isArray(schema['enum'])) return { kind: 'choice', options: (schema['enum'] as unknown[]).filter((option) => option !== null) }
  const variants = (schema['anyOf'] ?? schema['oneOf']) as unknown
  if (Array.isArray(variants) && variants.every((variant) => isRecord(variant) && 'const' in variant)) return { kind: 'choice', options: variants.map((variant) => (variant as JsonSchema)['const']) }
  const type = typeOf(schema)
  const number = (name: string) => typeof schema[name] === 'number' ? schema[name] : null
  if (type === 'string') return { kind: 'text', isLong: schema['langgraph_type'] === 'prompt' || /prompt|text|content|question|description/i.test(key) }
  if (type === 'number' || type === 'integer') return { kind: 'number', isInteger: type === 'integer', minimum: number('minimum'), maximum: number('maximum') }
  if (type === 'boolean') return { kind: 'switch' }
  if (type === 'array' && isRecord(schema['items']) && Object.keys(schema['items']).length && depth < DEEPEST) return { kind: 'list', item: kindOf('', schema['items'], root, depth + 1) }
  if (isRecord(schema['properties']) && Object.keys(schema['properties']).length && depth < DEEPEST) return { kind: 'object', fields: fieldsOf(schema, root, depth + 1) }
  return { kind: 'json', schema }
}

function fieldsOf(schema: JsonSchema, root: JsonSchema, depth: number): SchemaField[] {
  const required = Array.isArray(schema['required']) ? schema['required'] as unknown[] : []
  return Object.entries(schema['properties'] as JsonSchema).map(([key, raw]) => {
    const own = plain(raw, root)
    const text = (name: string) => typeof own[name] === 'string' ? own[name] : null
    return { key, title: key, description: text('description'), isRequired: required.includes(key) && own['default'] === undefined, initial: own['default'], field: kindOf(key, raw, root, depth) }
  })
}

/** The fields of an object's schema; null when it does not say what it holds. */
export function schemaFields(schema: unknown): readonly SchemaField[] | null {
  if (!isRecord(schema)) return null
  const root = plain(schema, schema)
  return isRecord(root['properties']) && Object.keys(root['properties']).length ? fieldsOf(root, schema, 0) : null
}

/** What is missing or out of bounds, by key. */
export function problemsOf(fields: readonly SchemaField[], value: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(fields.flatMap(({ key, field, isRequired }) => {
    const own = value[key]
    if (own === undefined || own === '' || (Array.isArray(own) && own.length === 0)) return isRequired ? [[key, 'This is needed.']] : []
    if (field.kind === 'number' && typeof own === 'number') {
      if (field.minimum !== null && own < field.minimum) return [[key, `At least ${field.minimum}.`]]
      if (field.maximum !== null && own > field.maximum) return [[key, `At most ${field.maximum}.`]]
    }
    return []
  }))
}
