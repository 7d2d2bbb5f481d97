import { useStore } from 'zustand'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { AssistantsSlice } from './features/assistants/index.ts'
import type { BreakpointsSlice } from './features/breakpoints/index.ts'
import type { ConnectionSlice } from './features/connection/index.ts'
import type { InboxSlice } from './features/inbox/index.ts'
import type { GraphSlice } from './features/graph-view/graph-slice.ts'
import type { HistorySlice } from './features/history/history-slice.ts'
import type { RunSlice } from './features/run/index.ts'
import type { SelectionSlice } from './features/selection/index.ts'
import type { ThreadsSlice } from './features/threads/index.ts'
import type { ThreadStateSlice } from './features/inspector/index.ts'

/** Everything the Studio knows, each part owned by one feature. `app/fill-store.ts` puts it together. */
export type StudioState = ConnectionSlice & SelectionSlice & AssistantsSlice & ThreadsSlice & InboxSlice & GraphSlice & BreakpointsSlice & HistorySlice & ThreadStateSlice & RunSlice

export type StudioStore = StoreApi<StudioState>
export type Slice<T> = (set: StudioStore['setState'], get: StudioStore['getState']) => T

/** Filled before the first render. */
export const studioStore: StudioStore = createStore<StudioState>()(() => ({}) as StudioState)

/** What can be done. Actions never change, so asking for them never draws anything anew. */
export const useStudioActions = (): StudioState => studioStore.getState()

/** Reads with a narrow selector: what a component draws, and no more. */
export const useStudio = <T>(selector: (state: StudioState) => T): T => useStore(studioStore, selector)
