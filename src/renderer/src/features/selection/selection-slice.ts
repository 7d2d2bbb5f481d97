import type { Slice } from '../../app-store.ts'

export const VIEWS = ['studio', 'chat', 'inbox', 'runs', 'crons', 'webhooks', 'assistants', 'store', 'logs', 'settings'] as const
export type View = (typeof VIEWS)[number]

/** Where the person is. It stands in the address, so a link or a reload brings it back. */
export interface Selection {
  readonly view: View
  readonly assistantId: string | null
  readonly threadId: string | null
  /** Null follows the head of the thread. */
  readonly checkpointId: string | null
  readonly node: string | null
}

export interface SelectionSlice {
  readonly selection: Selection
  /** A new thread forgets the checkpoint, a new assistant the node. */
  select(change: Partial<Selection>): void
}

export const EMPTY_SELECTION: Selection = { view: 'studio', assistantId: null, threadId: null, checkpointId: null, node: null }

export function applySelection(before: Selection, change: Partial<Selection>): Selection {
  const isOtherThread = change.threadId !== undefined && change.threadId !== before.threadId
  const isOtherAssistant = change.assistantId !== undefined && change.assistantId !== before.assistantId
  return { ...before, ...(isOtherThread ? { checkpointId: null } : {}), ...(isOtherAssistant ? { node: null } : {}), ...change }
}

export const createSelectionSlice: Slice<SelectionSlice> = (set) => ({
  selection: EMPTY_SELECTION,
  select: (change) => set((state) => ({ selection: applySelection(state.selection, change) })),
})
