import type { Assistant } from '@langchain/langgraph-sdk'
import { sameJson } from '../../lib/diff-keys.ts'

export type Part = 'context' | 'config' | 'metadata'
export const PARTS: readonly Part[] = ['context', 'config', 'metadata']

/** What a person typed and did not save: names as they are, parts as JSON texts. */
export interface Draft extends Readonly<Record<Part, string>> {
  readonly name: string
  readonly description: string
  /** The version it was begun from. */
  readonly base: number
}

export type Json = Readonly<Record<string, unknown>>
export type Parsed = { readonly value: Json, readonly problem: null } | { readonly value: null, readonly problem: string }

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (value: unknown): string => JSON.stringify(value ?? {}, null, 2)

/** An empty text means an empty object. */
export function parseObject(text: string): Parsed {
  if (!text.trim()) return { value: {}, problem: null }
  try {
    const value: unknown = JSON.parse(text)
    return isJson(value) ? { value, problem: null } : { value: null, problem: 'A JSON object is expected: { … }' }
  } catch (error) {
    return { value: null, problem: (error as Error).message }
  }
}

export const draftOf = (assistant: Pick<Assistant, 'name' | 'description' | 'version' | Part>): Draft => ({
  name: assistant.name, description: assistant.description ?? '', base: assistant.version,
  context: textOf(assistant.context), config: textOf(assistant.config), metadata: textOf(assistant.metadata),
})

/** Nothing was typed at all. Blanks count: what a person types must not be taken back. */
export const isUntouched = (draft: Draft, assistant: Assistant): boolean => {
  const saved = draftOf(assistant)
  return draft.name === saved.name && draft.description === saved.description && PARTS.every((part) => draft[part] === saved[part])
}

/** The same values written differently are the same part; a text that can't be read is another one. */
function samePart(text: string, saved: unknown): boolean {
  const { value } = parseObject(text)
  return value !== null && sameJson(value, saved ?? {})
}

export const isDirty = (draft: Draft, assistant: Assistant): boolean =>
  draft.name !== assistant.name || draft.description !== (assistant.description ?? '') || PARTS.some((part) => !samePart(draft[part], assistant[part]))

export const hasDraft = (drafts: Readonly<Record<string, Draft>>, assistant: Assistant): boolean => {
  const draft = drafts[assistant.assistant_id]
  return draft !== undefined && isDirty(draft, assistant)
}

/** What the draft says, as servers take it: they refuse a context together with `config.configurable`, so a context replaces that. */
export function contentOf(draft: Draft): Readonly<Record<Part, Json>> {
  const read = (part: Part): Json => {
    const { value, problem } = parseObject(draft[part])
    if (value === null) throw new Error(`The ${part} can't be saved: ${problem}`)
    return value
  }
  const [context, config] = [read('context'), read('config')]
  const { configurable: _, ...rest } = config
  return { context, config: Object.keys(context).length > 0 ? rest : config, metadata: read('metadata') }
}

export interface Change extends Partial<Readonly<Record<Part, Json>>> { readonly name?: string, readonly description?: string }

/** What has to be sent, and no more. */
export function changeOf(draft: Draft, assistant: Assistant): Change {
  const { context, config, metadata } = contentOf(draft)
  const isChanged = (part: Part) => !samePart(draft[part], assistant[part])
  const drops = !samePart(draft.config, config)
  return {
    ...(draft.name !== assistant.name ? { name: draft.name.trim() } : {}),
    ...(draft.description !== (assistant.description ?? '') ? { description: draft.description } : {}),
    ...(isChanged('context') || (isChanged('config') && Object.keys(context).length > 0) ? { context } : {}),
    ...(isChanged('config') || (isChanged('context') && drops) ? { config } : {}),
    ...(isChanged('metadata') ? { metadata } : {}),
  }
}

/** Saving will leave out a `configurable` that says something else than the context. */
export function losesConfigurable(draft: Draft): boolean {
  const context = parseObject(draft.context).value ?? {}
  const configurable = parseObject(draft.config).value?.['configurable']
  return Object.keys(context).length > 0 && isJson(configurable) && Object.keys(configurable).length > 0 && !sameJson(configurable, context)
}

/** Keys that the saved metadata has and the draft has not: servers add metadata to what is there and keep them. */
export const keptMetadata = (draft: Draft, assistant: Assistant): string[] => {
  const { value } = parseObject(draft.metadata)
  return value === null ? [] : Object.keys(assistant.metadata ?? {}).filter((key) => !Object.hasOwn(value, key))
}

/** The part that can't be read as JSON, if any. */
export const unreadablePart = (draft: Draft): Part | null => PARTS.find((part) => parseObject(draft[part]).value === null) ?? null
