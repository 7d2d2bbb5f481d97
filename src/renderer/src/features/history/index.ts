export { createHistorySlice, type HistorySlice } from './history-slice.ts'
export { HistoryStrip } from './history-strip.tsx'
export { branchTo, marksOf, memoizeLast, shownEntry, type NodeMark } from './branch.ts'
