export { createThreadStateSlice, type ThreadStateSlice } from './thread-state-slice.ts'
export { Inspector } from './inspector.tsx'
