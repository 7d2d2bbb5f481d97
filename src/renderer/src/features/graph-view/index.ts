export { GraphView } from './graph-view.tsx'
export type { GraphSlice } from './graph-slice.ts'
