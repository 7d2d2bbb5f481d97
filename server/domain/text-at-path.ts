import type { JsonObject } from '../contract/common.ts'

/**
 * The texts that paths lead to, as LangGraph's stores read them: `$` is the whole value, `a.b` a field, `list[0]`, `list[-1]`
 * and `list[*]` elements, `*` every child, `{a,b.c}` several fields. Numbers and booleans count as text, objects and lists
 * as their JSON. What is not there or blank gives no text.
 */
export const textsAt = (value: JsonObject, paths: readonly string[]): string[] =>
  paths.flatMap((path) => follow(value, stepsOf(path))).filter((text) => text.trim() !== '')

/** Names stand between dots; what is in brackets or braces is one step. A leading `$` is where the path starts anyway. */
function stepsOf(path: string): string[] {
  const steps = path.match(/\[[^\]]*\]|\{[^}]*\}|[^.[\]{}]+/g) ?? []
  return steps[0] === '$' ? steps.slice(1) : steps
}

function follow(value: unknown, [step, ...rest]: readonly string[]): string[] {
  if (step === undefined) return textOf(value)
  if (step.startsWith('{')) return step.slice(1, -1).split(',').flatMap((path) => textOf(fieldAt(value, path.trim())))
  return childrenAt(value, step).flatMap((child) => follow(child, rest))
}

function childrenAt(value: unknown, step: string): unknown[] {
  if (step === '*') return typeof value === 'object' && value !== null ? Object.values(value) : []
  if (!step.startsWith('[')) return [ownField(value, step)]
  if (!Array.isArray(value)) return []
  if (step === '[*]') return value
  const index = Number(step.slice(1, -1))
  return Number.isInteger(index) ? [value.at(index)] : []
}

const fieldAt = (value: unknown, path: string): unknown => path.split('.').reduce(ownField, value)

const ownField = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined

function textOf(value: unknown): string[] {
  if (value === undefined || value === null) return []
  return [typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value)]
}
