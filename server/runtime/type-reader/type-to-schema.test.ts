import { resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { typeToSchema } from './type-to-schema.ts'

const FILE = resolve(import.meta.dirname, 'case.ts')

/** The schema of type `Case` in a source text. */
function schemaOf(text: string): Record<string, unknown> {
  const options: ts.CompilerOptions = { strict: true, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, lib: ['lib.esnext.d.ts'], types: [], skipLibCheck: true }
  const host = ts.createCompilerHost(options)
  const { getSourceFile } = host
  host.getSourceFile = (path, languageVersion, ...rest) => path === FILE ? ts.createSourceFile(path, text, languageVersion) : getSourceFile(path, languageVersion, ...rest)
  const program = ts.createProgram([FILE], options, host)
  const checker = program.getTypeChecker()
  const found = checker.getSymbolsInScope(program.getSourceFile(FILE)!, ts.SymbolFlags.Type).find(({ name }) => name === 'Case')!
  const { $schema, ...schema } = typeToSchema(ts, checker, checker.getDeclaredTypeOfSymbol(found))
  expect($schema).toBe('http://json-schema.org/draft-07/schema#')
  return schema
}

describe('a type becomes', () => {
  test.each<[string, object]>([
    ['string', { type: 'string' }], ['number', { type: 'number' }], ['boolean', { type: 'boolean' }], ['bigint', { type: 'integer' }], ['null', { type: 'null' }],
    ['any', {}], ['unknown', {}], ['never', {}], ['symbol', {}], ['() => void', {}], ['object', { type: 'object' }], ['{}', { type: 'object', properties: {} }],
    ['"a"', { type: 'string', const: 'a' }], ['7', { type: 'number', const: 7 }], ['true', { type: 'boolean', const: true }], ['`a-${number}`', { type: 'string' }],
    ['"a" | "b"', { type: 'string', enum: ['a', 'b'] }], ['1 | 2 | "a"', { anyOf: [{ type: 'number', enum: [1, 2] }, { type: 'string', const: 'a' }] }],
    ['string | undefined', { type: 'string' }], ['string | null', { anyOf: [{ type: 'string' }, { type: 'null' }] }], ['"a" | null', { anyOf: [{ type: 'string', const: 'a' }, { type: 'null' }] }],
    ['string | boolean', { anyOf: [{ type: 'boolean' }, { type: 'string' }] }], ['{ a: any } | any', {}], ['undefined', {}],
    ['string[]', { type: 'array', items: { type: 'string' } }], ['readonly number[]', { type: 'array', items: { type: 'number' } }], ['Array<"a" | "b">', { type: 'array', items: { type: 'string', enum: ['a', 'b'] } }],
    ['[string, number]', { type: 'array', items: [{ type: 'string' }, { type: 'number' }], minItems: 2, maxItems: 2 }],
    ['[string, number?]', { type: 'array', items: [{ type: 'string' }, { type: 'number' }], minItems: 1, maxItems: 2 }],
    ['[string, ...number[]]', { type: 'array', items: [{ type: 'string' }], additionalItems: { type: 'number' }, minItems: 1 }],
    ['Date', { type: 'string', format: 'date-time' }], ['Map<string, number>', {}], ['Set<string>', { type: 'array', items: { type: 'string' }, uniqueItems: true }], ['Promise<string>', {}],
    ['Record<string, number>', { type: 'object', additionalProperties: { type: 'number' } }],
    ['Record<"a" | "b", number>', { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] }],
    ['{ a?: string, b: number | undefined, c: unknown, d(): void }', { type: 'object', properties: { a: { type: 'string' }, b: { type: 'number' }, c: {} } }],
    ['{ a: string } & { b: { c: number } }', { type: 'object', properties: { a: { type: 'string' }, b: { type: 'object', properties: { c: { type: 'number' } }, required: ['c'] } }, required: ['a', 'b'] }],
    ['{ known: string, [other: string]: unknown }', { type: 'object', properties: { known: { type: 'string' } }, required: ['known'], additionalProperties: {} }],
    ['Partial<Pick<{ a: string, b: number }, "a">>', { type: 'object', properties: { a: { type: 'string' } } }],
    ['{ kind: "a", x: number } | { kind: "b" }', { anyOf: [{ type: 'object', properties: { kind: { type: 'string', const: 'a' }, x: { type: 'number' } }, required: ['kind', 'x'] }, { type: 'object', properties: { kind: { type: 'string', const: 'b' } }, required: ['kind'] }] }],
  ])('%s', (text, schema) => expect(schemaOf(`type Case = ${text}`)).toEqual(schema))

  test('the values of an enumeration', () => {
    expect(schemaOf('enum Case { Low = 1, High = 2 }')).toEqual({ type: 'number', enum: [1, 2] })
    expect(schemaOf('enum Case { Low = "low" }')).toEqual({ type: 'string', const: 'low' })
  })

  test('what of a class is public and no method', () => {
    expect(schemaOf('class Case { a = ""; private b = 1; protected c = 1; #d = 1; static e = 1; get f() { return this.#d + this.b } method() {} }')).toEqual({ type: 'object', properties: { a: { type: 'string' }, f: { type: 'number' } }, required: ['a', 'f'] })
  })

  test('definitions where it refers to itself, in circles too', () => {
    expect(schemaOf('interface Case { value: string, children: Case[] }')).toEqual({ $ref: '#/definitions/Case', definitions: { Case: { type: 'object', properties: { value: { type: 'string' }, children: { type: 'array', items: { $ref: '#/definitions/Case' } } }, required: ['value', 'children'] } } })
    const circle = schemaOf('interface A { b?: B } interface B { a: A, name: string } interface Case { first: A, second: B }')
    expect(circle['properties']).toEqual({ first: { $ref: '#/definitions/A' }, second: { type: 'object', properties: { a: { $ref: '#/definitions/A' }, name: { type: 'string' } }, required: ['a', 'name'] } })
    expect(Object.keys(circle['definitions'] as object)).toEqual(['A'])
  })

  test('two definitions where two types have one name', () => {
    const { definitions } = schemaOf('namespace One { export interface Node { next?: Node } } namespace Two { export interface Node { next?: Node, n: number } } interface Case { one: One.Node, two: Two.Node }')
    expect(Object.keys(definitions as object)).toEqual(['Node', 'Node2'])
  })

  test('an end where it goes on for ever, or is very large', () => {
    expect(JSON.stringify(schemaOf('interface Deep<T> { value: T, next: Deep<T[]> } type Case = Deep<string>')).length).toBeLessThan(10_000)
    expect(schemaOf('type Json = string | number | boolean | null | Json[] | { [key: string]: Json }; interface Case { json: Json }')).toMatchObject({ properties: { json: { $ref: '#/definitions/Json' } }, definitions: { Json: { anyOf: [{}, {}, {}, { type: 'array', items: { $ref: '#/definitions/Json' } }, { additionalProperties: { $ref: '#/definitions/Json' } }, {}] } } })
    const wide = Array.from({ length: 30 }, (_, index) => `f${index}: T`).join(', ')
    expect(JSON.stringify(schemaOf(`interface W<T> { ${wide} } type Case = W<W<W<W<W<string>>>>>`)).length).toBeLessThan(1_000_000)
  })

  test('descriptions from comments', () => {
    expect(schemaOf('interface Case {\n/** The first.\n * @deprecated */ a: string,\n /** A link to {@link Date}. */ b: number, \n // not this\n c: number }')).toMatchObject({ properties: { a: { description: 'The first.' }, b: { description: 'A link to {@link Date}.' }, c: { type: 'number' } } })
  })
})
