export { createThreadsSlice, summaryOf, type ThreadsSlice } from './threads-slice.ts'
export { ThreadsPanel } from './threads-panel.tsx'
export { titleOf } from './thread-groups.ts'
