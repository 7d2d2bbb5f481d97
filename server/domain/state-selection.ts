import type { ThreadState } from '../contract/thread.ts'

/** What of a state was asked for (§1.3). */
export interface StateSelection {
  readonly fields: ReadonlySet<string>
  /** State keys that `values` is cut down to; null for all of them. */
  readonly keys: ReadonlySet<string> | null
}

const KEY = 'values.'

/** Null where everything is wanted. `values` beside `values.<key>` means all of the values. */
export function stateSelection(select: readonly string[] | null | undefined): StateSelection | null {
  if (!select?.length) return null
  const keys = select.filter((name) => name.startsWith(KEY)).map((name) => name.slice(KEY.length))
  const fields = new Set(select.filter((name) => !name.startsWith(KEY)))
  if (fields.has('values') || keys.length === 0) return { fields, keys: null }
  return { fields: fields.add('values'), keys: new Set(keys) }
}

/** A state whose `values` were read for this selection, cut down to its fields. */
export const selectFromState = (state: ThreadState, selection: StateSelection | null): Partial<ThreadState> =>
  selection ? Object.fromEntries(Object.entries(state).filter(([field]) => selection.fields.has(field))) : state
