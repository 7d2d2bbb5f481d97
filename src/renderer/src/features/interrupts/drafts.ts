import { useState } from 'react'
import { readStored, writeStored } from '../../lib/local-storage.ts'

const DRAFTS = 'superstep:answer-drafts'
const RECENT = 'superstep:recent-answers'
const MOST_DRAFTS = 50
const MOST_RECENT = 5

function read<T>(key: string): Readonly<Record<string, T>> {
  try {
    return JSON.parse(readStored(key) ?? '{}') as Record<string, T>
  } catch {
    return {}
  }
}

/** Forgets the oldest beyond `most`. */
function put<T>(key: string, name: string, value: T | null, most: number): void {
  const { [name]: _before, ...others } = read<T>(key)
  const entries = Object.entries(value === null ? others : { ...others, [name]: value })
  writeStored(key, JSON.stringify(Object.fromEntries(entries.slice(-most))))
}

/** What is typed as an answer outlives a reload and a look at other threads. Without a name it is kept nowhere. */
export function useDraft(name: string | null, initial: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => (name === null ? undefined : read<string>(DRAFTS)[name]) ?? initial)
  return [text, (next) => {
    setText(next)
    if (name !== null) put(DRAFTS, name, next === initial ? null : next, MOST_DRAFTS)
  }]
}

/** An answered question needs no drafts. */
export function forgetDrafts(id: string): void {
  for (const name of Object.keys(read<string>(DRAFTS))) if (name.startsWith(`${id} `)) put(DRAFTS, name, null, MOST_DRAFTS)
}

/** Answers given to questions of this node before, the newest first. */
export const recentAnswers = (node: string): readonly string[] => read<readonly string[]>(RECENT)[node] ?? []

export function rememberAnswer(node: string, answer: unknown): void {
  const text = JSON.stringify(answer)
  put(RECENT, node, [text, ...recentAnswers(node).filter((known) => known !== text)].slice(0, MOST_RECENT), MOST_DRAFTS)
}
