import type { ThreadState } from '@langchain/langgraph-sdk'
import { errorText } from '../../api/api-error.ts'
import { clientFor } from '../../api/client.ts'
import type { Slice } from '../../app-store.ts'

export interface ShownState {
  readonly status: 'idle' | 'loading' | 'ready' | 'failed'
  readonly threadId: string | null
  /** Null when the head is shown, whichever it is. */
  readonly checkpointId: string | null
  readonly state: ThreadState | null
  /** The checkpoint before it: what changes are told against. Null for the first one. */
  readonly parent: ThreadState | null
  readonly error: string | null
}

export interface ThreadStateSlice {
  readonly threadState: ShownState
  /** Pending interrupts are the head's, whatever checkpoint is looked at. */
  readonly head: ThreadState | null
  /** Another thread is opened: nothing of the one before may be seen, or acted on. */
  forgetThreadState(threadId: string): void
  /** Reads the selected checkpoint (or the head) and the one before it. */
  loadThreadState(): Promise<void>
  /** Writes values as a node at a checkpoint: a fork, or an edit of the head. Resolves with the new checkpoint's id. */
  forkState(change: { checkpointId: string | null, values: unknown, asNode: string | null }): Promise<string | null>
}

export const NO_STATE: ShownState = { status: 'idle', threadId: null, checkpointId: null, state: null, parent: null, error: null }

/** Of several answers under way only the one asked for last counts. */
let loads = 0

export const createThreadStateSlice: Slice<ThreadStateSlice> = (set, get) => ({
  threadState: NO_STATE,
  head: null,
  forgetThreadState: (threadId) => set(({ threadState }) => threadState.threadId === threadId ? {} : { threadState: { ...NO_STATE, threadId, status: 'loading' }, head: null }),
  loadThreadState: async () => {
    const { connection, selection: { threadId, checkpointId } } = get()
    if (!threadId) return set({ threadState: NO_STATE, head: null })
    const { threads } = clientFor(connection)
    const mine = ++loads
    const isCurrent = () => mine === loads && get().selection.threadId === threadId && get().selection.checkpointId === checkpointId
    set(({ threadState, head }) => threadState.threadId === threadId ? { threadState: { ...threadState, checkpointId } } : { threadState: { ...NO_STATE, threadId, checkpointId, status: 'loading' }, head: head?.checkpoint.thread_id === threadId ? head : null })
    try {
      const [state, head] = await Promise.all([
        checkpointId ? threads.getState(threadId, checkpointId) : null,
        threads.getState(threadId, undefined, { subgraphs: true }),
      ])
      const shown = state ?? head
      const before = shown.parent_checkpoint?.checkpoint_id
      const parent = before ? await threads.getState(threadId, before) : null
      if (isCurrent()) set({ head, threadState: { status: 'ready', threadId, checkpointId, state: shown, parent, error: null } })
    } catch (error) {
      if (isCurrent()) set(({ threadState }) => ({ threadState: { ...threadState, status: 'failed', error: errorText(error) } }))
    }
  },
  forkState: async ({ checkpointId, values, asNode }) => {
    const { connection, selection: { threadId } } = get()
    if (!threadId) return null
    const answer = await clientFor(connection).threads.updateState(threadId, { values, ...(asNode ? { asNode } : {}), ...(checkpointId ? { checkpointId } : {}) }) as { checkpoint?: { checkpoint_id?: string }, configurable?: { checkpoint_id?: string } }
    // The person went to another thread meanwhile: the fork is there, but nothing goes on by itself.
    if (get().selection.threadId !== threadId) return null
    get().select({ checkpointId: null })
    await get().loadHistory(threadId)
    return answer.checkpoint?.checkpoint_id ?? answer.configurable?.checkpoint_id ?? null
  },
})
