import type { TraceSpan } from '@contract/studio.ts'

export interface TraceRow { readonly span: TraceSpan, readonly depth: number }

/** Spans as a tree, drawn out in rows: each below what it was in, in the order in which they began. What has lost its parent stands at the top. */
export function rowsOf(spans: readonly TraceSpan[]): readonly TraceRow[] {
  const ids = new Set(spans.map(({ span_id }) => span_id))
  const children = Map.groupBy(spans, ({ parent_id }) => parent_id !== null && ids.has(parent_id) ? parent_id : null)
  const rows: TraceRow[] = []
  const add = (parent: string | null, depth: number) => {
    for (const span of (children.get(parent) ?? []).toSorted((a, b) => a.started_at - b.started_at)) {
      rows.push({ span, depth })
      add(span.span_id, depth + 1)
    }
  }
  add(null, 0)
  return rows
}

/** From the moment the run could begin to the end of the last span, in milliseconds since 1970. */
export function windowOf(spans: readonly TraceSpan[], queuedAt: number): { from: number, until: number } {
  const until = spans.reduce((latest, { ended_at }) => Math.max(latest, ended_at), queuedAt)
  const began = spans.reduce((first, { started_at }) => Math.min(first, started_at), until)
  return { from: Math.min(queuedAt, began), until: Math.max(until, began + 1) }
}

/** Of the model calls; each is counted once, whatever it was in. */
export function tokensOf(spans: readonly TraceSpan[]): { input: number, output: number, calls: number } {
  const calls = spans.filter(({ kind }) => kind === 'model')
  return { input: calls.reduce((sum, { input_tokens }) => sum + (input_tokens ?? 0), 0), output: calls.reduce((sum, { output_tokens }) => sum + (output_tokens ?? 0), 0), calls: calls.length }
}
