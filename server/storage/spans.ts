import type { TraceSpan } from '../contract/studio.ts'

/** `payload` is JSON text of what went in and came out; null where it is not kept. */
export interface SpanRow extends TraceSpan { readonly payload: string | null }

/** What happened inside runs. It goes with them, and the oldest go when there are too many. */
export interface SpanStore {
  /** Committed with what else is under way. Spans of runs that are gone are dropped. */
  add(runId: string, spans: readonly SpanRow[]): Promise<void>
  /** In the order in which they ended. */
  list(runId: string): TraceSpan[]
  /** JSON text; null where there is none, or no such span. */
  payload(runId: string, spanId: string): string | null
  /** Milliseconds of the newest spans of a graph's nodes, by node. */
  nodeTimes(graphId: string, limit: number): { node: string, ms: number }[]
}
