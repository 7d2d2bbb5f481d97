export { createRunSlice, type RunRequest, type RunSlice } from './run-slice.ts'
export { LiveOutput } from './live-output.tsx'
export { RunToolbar, useReadiness, type Readiness } from './run-toolbar.tsx'
export { StateMessages } from './state-messages.tsx'
