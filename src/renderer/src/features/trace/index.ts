export { LatencyTable } from './latency-table.tsx'
export { TraceTab } from './trace-tab.tsx'
