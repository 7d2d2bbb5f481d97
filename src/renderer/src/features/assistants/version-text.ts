import type { AssistantVersion } from '@langchain/langgraph-sdk'
import { countChanges, diffLines } from '../../lib/diff-lines.ts'
import { draftOf, parseObject, PARTS, type Draft } from './drafts.ts'

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** With keys in order, so that only what it says differs. */
const sorted = (value: unknown): unknown => Array.isArray(value) ? value.map(sorted)
  : isObject(value) ? Object.fromEntries(Object.keys(value).toSorted().map((key) => [key, sorted(value[key])])) : value

/** An assistant's content as lines that can be compared. A part that can't be read stands as it was typed. */
export function textOfDraft(draft: Draft): string {
  const parts = PARTS.flatMap((part) => {
    const { value } = parseObject(draft[part])
    const text = value === null ? draft[part] : Object.keys(value).length > 0 ? JSON.stringify(sorted(value), null, 2) : '{}'
    return text === '{}' ? [] : [`${part}: ${text}`]
  })
  return [`name: ${draft.name}`, ...(draft.description ? [`description: ${draft.description}`] : []), ...parts].join('\n')
}

export const textOfVersion = (version: AssistantVersion): string => textOfDraft(draftOf(version))

export const compareVersions = (before: string, after: string): { added: number, removed: number } => countChanges(diffLines(before, after))

/** "+2 −1", "same". */
export const countOf = ({ added, removed }: { added: number, removed: number }): string =>
  added + removed === 0 ? 'same' : [added > 0 && `+${added}`, removed > 0 && `−${removed}`].filter(Boolean).join(' ')
