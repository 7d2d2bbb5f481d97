import { studioStore } from '../app-store.ts'
import { createAssistantsSlice } from '../features/assistants/index.ts'
import { createBreakpointsSlice } from '../features/breakpoints/index.ts'
import { createConnectionSlice } from '../features/connection/index.ts'
import { createInboxSlice } from '../features/inbox/index.ts'
import { createGraphSlice } from '../features/graph-view/graph-slice.ts'
import { createHistorySlice } from '../features/history/history-slice.ts'
import { createThreadStateSlice } from '../features/inspector/index.ts'
import { createRunSlice } from '../features/run/index.ts'
import { createSelectionSlice } from '../features/selection/index.ts'
import { createThreadsSlice } from '../features/threads/index.ts'

/** Puts the one store together. */
export function fillStore(): void {
  const { setState: set, getState: get } = studioStore
  set({
    ...createConnectionSlice(set, get), ...createSelectionSlice(set, get), ...createAssistantsSlice(set, get), ...createThreadsSlice(set, get), ...createInboxSlice(set, get), ...createGraphSlice(set, get),
    ...createBreakpointsSlice(set, get), ...createHistorySlice(set, get), ...createThreadStateSlice(set, get), ...createRunSlice(set, get),
  })
}
