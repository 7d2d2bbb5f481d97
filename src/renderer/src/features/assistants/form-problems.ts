import { problemsOf, schemaFields, type JsonSchema } from '../../lib/schema-fields.ts'
import type { Problem } from '../../ui/code-editor.tsx'
import { parseObject } from './drafts.ts'

/** What the fields of a form have to say, by key. */
export function fieldProblems(schema: JsonSchema | null, text: string): Readonly<Record<string, string>> {
  const fields = schemaFields(schema)
  const { value } = parseObject(text)
  return fields && value ? problemsOf(fields, value) : {}
}

/** A text that is no JSON object, as the only problem; the editor knows the line, when it has looked. */
export function unreadable(text: string): Problem[] {
  const { problem } = parseObject(text)
  return problem === null ? [] : [{ line: 0, message: problem, isError: true }]
}

/** The same for the problems bar: without lines. */
export function formProblems(schema: JsonSchema | null, text: string): Problem[] {
  const broken = unreadable(text)
  return broken.length ? broken : Object.entries(fieldProblems(schema, text)).map(([key, message]) => ({ line: 0, message: `${key}: ${message}`, isError: false }))
}
