import type { TimelineEntry } from '@contract/studio.ts'
import type { ThreadState } from '@langchain/langgraph-sdk'
import { errorText } from '../../api/api-error.ts'
import { clientFor } from '../../api/client.ts'
import { studioApi } from '../../api/studio-api.ts'
import type { Slice } from '../../app-store.ts'
import { readNewest, readOlder, type KnownTimeline, type ReadTimeline } from './load-timeline.ts'

export interface History {
  readonly status: 'idle' | 'loading' | 'ready' | 'failed'
  readonly threadId: string | null
  /** Oldest first, from the newest one back without a gap. */
  readonly entries: readonly TimelineEntry[]
  /** The beginning of a long thread follows. */
  readonly hasOlder: boolean
  readonly error: string | null
}

export interface HistorySlice {
  readonly history: History
  loadHistory(threadId: string): Promise<void>
  clearHistory(): void
}

const EMPTY: History = { status: 'idle', threadId: null, entries: [], hasOlder: false, error: null }
const MOST_FOREIGN = 1000

/** What a server without timelines tells of a checkpoint; what it does not tell is left open. */
export function entryOf(state: ThreadState, parent: ThreadState | undefined): TimelineEntry {
  const metadata = (state.metadata ?? {}) as Record<string, unknown>
  const values = (value: unknown) => (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const [now, before] = [values(state.values), values(parent?.values)]
  const keys = [...new Set([...Object.keys(now), ...Object.keys(before)])]
  const failed = state.tasks.find((task) => task.error)
  return {
    checkpoint_id: state.checkpoint.checkpoint_id ?? '', checkpoint_ns: state.checkpoint.checkpoint_ns, parent_checkpoint_id: state.parent_checkpoint?.checkpoint_id ?? null,
    run_id: typeof metadata['run_id'] === 'string' ? metadata['run_id'] : null, step: Number(metadata['step'] ?? 0), source: String(metadata['source'] ?? 'loop'),
    nodes: metadata['source'] === 'loop' ? [...new Set(parent?.next ?? [])] : [], next: state.next, created_at: state.created_at ?? '',
    changed: keys.filter((key) => JSON.stringify(now[key]) !== JSON.stringify(before[key])), bytes: JSON.stringify(now).length,
    interrupts: state.tasks.reduce((sum, task) => sum + (task.interrupts?.length ?? 0), 0), error: failed?.error ? String(failed.error) : null,
  }
}

export function entriesOf(states: readonly ThreadState[]): TimelineEntry[] {
  const byId = new Map(states.map((state) => [state.checkpoint.checkpoint_id, state]))
  return states.map((state) => entryOf(state, byId.get(state.parent_checkpoint?.checkpoint_id ?? null))).toReversed()
}

let loads = 0

export const createHistorySlice: Slice<HistorySlice> = (set, get) => ({
  history: EMPTY,
  clearHistory: () => set({ history: EMPTY }),
  loadHistory: async (threadId) => {
    const { connection, selection } = get()
    // Asked for after something ended that was started on another thread.
    if (selection.threadId !== threadId) return
    const mine = ++loads
    set(({ history }) => ({ history: history.threadId === threadId ? history : { ...EMPTY, threadId, status: 'loading' } }))
    const isCurrent = () => mine === loads && get().history.threadId === threadId
    try {
      const read: ReadTimeline = (page) => studioApi.timeline(connection, threadId, page)
      let known: KnownTimeline = connection.hasStudioApi
        ? await readNewest(read, get().history)
        : { entries: entriesOf(await clientFor(connection).threads.getHistory(threadId, { limit: MOST_FOREIGN })), hasOlder: false }
      if (!isCurrent()) return
      set({ history: { ...known, status: 'ready', threadId, error: null } })
      await get().loadThreadState()
      while (known.hasOlder && isCurrent()) {
        known = await readOlder(read, known)
        if (isCurrent()) set(({ history }) => ({ history: { ...history, ...known } }))
      }
    } catch (error) {
      if (!isCurrent()) return
      const message = errorText(error)
      set(({ history, threadState }) => ({
        history: { ...history, status: history.entries.length ? 'ready' : 'failed', error: message },
        threadState: threadState.state ? threadState : { ...threadState, status: 'failed', error: message },
      }))
    }
  },
})
