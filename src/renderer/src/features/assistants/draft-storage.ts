import type { Draft } from './drafts.ts'
import { readStored, writeStored } from '../../lib/local-storage.ts'

export type Drafts = Readonly<Record<string, Draft>>

const KEY = 'superstep:assistant-drafts'

function all(): Record<string, Drafts> {
  try {
    return JSON.parse(readStored(KEY) ?? '{}') as Record<string, Drafts>
  } catch {
    // Something else's, or cut off: it can't be read by hand either.
    return {}
  }
}

/** By server: a graph's system assistant has the same id everywhere. */
export const storedDrafts = (url: string): Drafts => all()[url] ?? {}

export function storeDrafts(url: string, drafts: Drafts): void {
  const { [url]: _, ...others } = all()
  writeStored(KEY, JSON.stringify(Object.keys(drafts).length ? { ...others, [url]: drafts } : others))
}
