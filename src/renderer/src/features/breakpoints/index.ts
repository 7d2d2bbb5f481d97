export { createBreakpointsSlice, type Breakpoint, type BreakpointsSlice, type Side } from './breakpoints-slice.ts'
export { BreakpointsButton } from './breakpoints-button.tsx'
