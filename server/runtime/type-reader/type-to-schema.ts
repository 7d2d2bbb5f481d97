import { MESSAGE_SCHEMA, MESSAGES_SCHEMA } from '../message-schema.ts'
import { isMessage, isMessageList, isOverwrite } from './message-types.ts'
import { isReference, type TypeScript } from './load-typescript.ts'

export type JsonSchema = Record<string, unknown>

const DRAFT = 'http://json-schema.org/draft-07/schema#'
/** Types nested deeper than this, or parts beyond this many, are left open: a form can't show them anyway. */
const DEEPEST = 24
const MOST_PARTS = 4_000

/** What becomes of values of these classes in JSON; of their properties nothing is left to say. */
const CLASSES: Readonly<Record<string, JsonSchema>> = {
  Date: { type: 'string', format: 'date-time' },
  URL: { type: 'string', format: 'uri' },
  RegExp: {}, Map: {}, WeakMap: {}, WeakSet: {}, Promise: {}, Buffer: {}, ArrayBuffer: {}, Uint8Array: {}, Error: {},
}

interface Context {
  readonly ts: typeof TypeScript
  readonly checker: TypeScript.TypeChecker
  /** Unions, lists and objects that are being described, outermost first. */
  readonly open: TypeScript.Type[]
  /** Names of those that refer to themselves. */
  readonly names: Map<TypeScript.Type, string>
  readonly definitions: Record<string, JsonSchema>
  parts: number
}

/** JSON Schema (draft 7) of a type. What JSON can't hold (functions) is left out; what can't be told is left open (`{}`). */
export function typeToSchema(ts: typeof TypeScript, checker: TypeScript.TypeChecker, type: TypeScript.Type): JsonSchema {
  const context: Context = { ts, checker, open: [], names: new Map(), definitions: {}, parts: 0 }
  const schema = schemaOf(type, context)
  return { $schema: DRAFT, ...schema, ...(context.names.size > 0 ? { definitions: context.definitions } : {}) }
}

function schemaOf(type: TypeScript.Type, context: Context): JsonSchema {
  const { ts: { TypeFlags }, checker } = context
  if (context.open.length > DEEPEST || context.parts++ > MOST_PARTS) return {}
  if (type.flags & (TypeFlags.Instantiable & ~(TypeFlags.TemplateLiteral | TypeFlags.StringMapping))) {
    const bound = checker.getBaseConstraintOfType(type)
    return bound && bound !== type ? schemaOf(bound, context) : {}
  }
  if (type.isStringLiteral() || type.isNumberLiteral()) return { type: typeof type.value, const: type.value }
  if (type.flags & TypeFlags.BooleanLiteral) return { type: 'boolean', const: checker.typeToString(type) === 'true' }
  if (type.flags & TypeFlags.BooleanLike) return { type: 'boolean' }
  if (type.isUnion()) return once(type, context, () => unionSchema(type.types, context))
  if (type.flags & TypeFlags.StringLike) return { type: 'string' }
  if (type.flags & TypeFlags.NumberLike) return { type: 'number' }
  if (type.flags & TypeFlags.BigIntLike) return { type: 'integer' }
  if (type.flags & TypeFlags.Null) return { type: 'null' }
  if (type.flags & TypeFlags.NonPrimitive) return { type: 'object' }
  if (type.flags & (TypeFlags.Object | TypeFlags.Intersection)) return once(type, context, () => objectSchema(type, context))
  return {}
}

/** A type that is met again within itself becomes a definition that both refer to. */
function once(type: TypeScript.Type, context: Context, describe: () => JsonSchema): JsonSchema {
  const { open, names, definitions } = context
  if (open.includes(type) || names.has(type)) return { $ref: `#/definitions/${nameOf(type, context)}` }
  open.push(type)
  const schema = describe()
  open.pop()
  const name = names.get(type)
  if (name === undefined) return schema
  definitions[name] = schema
  return { $ref: `#/definitions/${name}` }
}

function unionSchema(members: readonly TypeScript.Type[], context: Context): JsonSchema {
  const { ts: { TypeFlags }, checker } = context
  const told = members.filter((member) => !(member.flags & (TypeFlags.Undefined | TypeFlags.Void)) && !isOverwrite(member))
  // Whoever takes messages takes them in every form that can be made one: the list of them is what a form asks for.
  if (told.some((member) => isMessageList(checker, member))) return MESSAGES_SCHEMA
  if (told.some((member) => isMessage(checker, member))) return MESSAGE_SCHEMA
  const variants = new Map<string, JsonSchema>()
  for (const member of told) {
    const schema = schemaOf(member, context)
    variants.set(JSON.stringify(schema), schema)
  }
  return joined([...variants.values()])
}

/** Constants of one type are an enumeration; true and false are any boolean. */
function joined(variants: readonly JsonSchema[]): JsonSchema {
  const constants = new Map<unknown, unknown[]>()
  for (const { type, const: value } of variants) if (value !== undefined) constants.set(type, [...constants.get(type) ?? [], value])
  const enumerations = [...constants].map(([type, values]) => {
    if (type === 'boolean' && values.length === 2) return { type }
    return values.length === 1 ? { type, const: values[0] } : { type, enum: values }
  })
  const isNull = ({ type }: JsonSchema) => type === 'null'
  const others = variants.filter((variant) => variant['const'] === undefined)
  const all = [...enumerations, ...others.filter((variant) => !isNull(variant)), ...others.filter(isNull)]
  if (all.some((variant) => Object.keys(variant).length === 0)) return {}
  return all.length === 1 ? all[0]! : all.length === 0 ? {} : { anyOf: all }
}

function objectSchema(type: TypeScript.Type, context: Context): JsonSchema {
  const { checker } = context
  if (isMessage(checker, type)) return MESSAGE_SCHEMA
  const list = listSchema(type, context)
  if (list) return list
  const known = isFromLibrary(type) ? CLASSES[type.symbol.name] : undefined
  if (known) return known
  if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) return {}
  return fieldsSchema(type, context)
}

function listSchema(type: TypeScript.Type, context: Context): JsonSchema | null {
  const { ts, checker } = context
  if (isMessageList(checker, type)) return MESSAGES_SCHEMA
  if (isTuple(checker, type)) {
    const { minLength, elementFlags } = type.target
    const rest = elementFlags.findIndex((flags) => (flags & ts.ElementFlags.Variable) !== 0)
    const items = checker.getTypeArguments(type).map((item) => schemaOf(item, context))
    const ends = rest === -1 ? { items, maxItems: items.length } : { items: items.slice(0, rest), additionalItems: items.length === rest + 1 ? items[rest] : {} }
    return { type: 'array', minItems: minLength, ...ends }
  }
  if (checker.isArrayType(type)) return { type: 'array', items: itemSchema(type.getNumberIndexType(), context) }
  if (!isFromLibrary(type) || !/^(Readonly)?Set$/.test(type.symbol.name)) return null
  return { type: 'array', items: itemSchema(isReference(ts, type) ? checker.getTypeArguments(type)[0] : undefined, context), uniqueItems: true }
}

const itemSchema = (item: TypeScript.Type | undefined, context: Context): JsonSchema => item ? schemaOf(item, context) : {}

const isTuple = (checker: TypeScript.TypeChecker, type: TypeScript.Type): type is TypeScript.TupleTypeReference => checker.isTupleType(type)

/** Whether the language or the platform declares it, not a project or a package. */
const isFromLibrary = ({ symbol }: TypeScript.Type): boolean =>
  symbol?.declarations?.some((declaration) => /[\\/](typescript[\\/]lib|@types[\\/]node)[\\/]/.test(declaration.getSourceFile().fileName)) ?? false

function fieldsSchema(type: TypeScript.Type, context: Context): JsonSchema {
  const { ts, checker } = context
  const properties: Record<string, JsonSchema> = {}
  const required: string[] = []
  for (const property of checker.getPropertiesOfType(type)) {
    const own = checker.getTypeOfSymbol(property)
    if (property.name.startsWith('__@') || isHidden(ts, property) || isFunction(context, own)) continue
    const description = ts.displayPartsToString(property.getDocumentationComment(checker)).trim()
    properties[property.name] = { ...schemaOf(own, context), ...(description ? { description } : {}) }
    if (!(property.flags & ts.SymbolFlags.Optional) && !mayBeUndefined(context, own)) required.push(property.name)
  }
  const rest = type.getStringIndexType()
  return {
    type: 'object',
    ...(rest && Object.keys(properties).length === 0 ? {} : { properties }),
    ...(required.length > 0 ? { required } : {}),
    ...(rest ? { additionalProperties: schemaOf(rest, context) } : {}),
  }
}

const isHidden = (ts: typeof TypeScript, { declarations = [] }: TypeScript.Symbol): boolean =>
  declarations.some((declaration) => (ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0 || declaration.getText().startsWith('#'))

const isFunction = ({ checker }: Context, type: TypeScript.Type): boolean => checker.getNonNullableType(type).getCallSignatures().length > 0

const mayBeUndefined = ({ ts: { TypeFlags } }: Context, type: TypeScript.Type): boolean =>
  [type, ...type.isUnion() ? type.types : []].some(({ flags }) => (flags & (TypeFlags.Undefined | TypeFlags.Any | TypeFlags.Unknown)) !== 0)

/** Names of types with the same name are told apart by a number. */
function nameOf(type: TypeScript.Type, { names }: Context): string {
  const known = names.get(type)
  if (known) return known
  const plain = (type.aliasSymbol ?? type.symbol)?.name.replace(/\W/g, '') || 'Type'
  const taken = new Set(names.values())
  let name = plain
  for (let number = 2; taken.has(name); number++) name = `${plain}${number}`
  names.set(type, name)
  return name
}
