import type { TraceSpan } from '@contract/studio.ts'
import { Box, CircleAlert, Link2, Search, Sparkles, Workflow, Wrench } from 'lucide-react'
import { useMemo, useState, type KeyboardEvent, type ReactNode } from 'react'
import { errorText } from '../../api/api-error.ts'
import { studioApi } from '../../api/studio-api.ts'
import { studioStore, useStudio, useStudioActions } from '../../app-store.ts'
import { formatDuration } from '../../lib/format-time.ts'
import { nodeHue } from '../../lib/node-hue.ts'
import { costOf, formatCost, readPrices } from '../../lib/prices.ts'
import { Button } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { EmptyState, FailedState, LoadingState } from '../../ui/pane-state.tsx'
import { useLoaded } from '../../ui/use-loaded.ts'
import { SpanDetail } from './span-detail.tsx'
import styles from './trace.module.css'
import { rowsOf, tokensOf, windowOf, type TraceRow } from './waterfall.ts'

const ICONS: Readonly<Record<TraceSpan['kind'], ReactNode>> = { graph: <Workflow aria-hidden />, node: <Box aria-hidden />, model: <Sparkles aria-hidden />, tool: <Wrench aria-hidden />, retriever: <Search aria-hidden />, chain: <Link2 aria-hidden /> }

/** What happened inside a run, in time: its nodes, model calls and tools, and what went into them. Kept on this machine. */
export function TraceTab({ runId }: { runId: string | null }) {
  const isLive = useStudio((state) => state.run.phase === 'running')
  const { data, error, reload } = useLoaded(runId === null ? null : `${runId} ${isLive}`, () => studioApi.trace(studioStore.getState().connection, runId!))
  if (runId === null) return <EmptyState title="No run made this checkpoint">It was written through the API, or by a fork: runs have traces.</EmptyState>
  if (!data) return error ? <FailedState title="The trace can't be read" detail={errorText(error)} action={<Button onClick={() => void reload()}>Try again</Button>} /> : <LoadingState label="Reading the trace" />
  if (data.spans.length === 0) {
    return <EmptyState title="Nothing was traced" action={<Button onClick={() => void reload()}>Look again</Button>}>The run is from before traces were kept, it has only just begun, or <code>SUPERSTEP_TRACES</code> is off.</EmptyState>
  }
  return <Waterfall runId={runId} spans={data.spans} queuedAt={Math.max(Date.parse(data.run.created_at), data.run.due_at ? Date.parse(data.run.due_at) : 0)} />
}

function Waterfall({ runId, spans, queuedAt }: { runId: string, spans: readonly TraceSpan[], queuedAt: number }) {
  const rows = useMemo(() => rowsOf(spans), [spans])
  const time = useMemo(() => windowOf(spans, queuedAt), [spans, queuedAt])
  const [chosenId, setChosen] = useState<string | null>(null)
  const { select } = useStudioActions()
  const chosen = rows.find(({ span }) => span.span_id === chosenId)?.span ?? null
  const choose = ({ span_id, node }: TraceSpan) => {
    setChosen(span_id)
    if (node !== null) select({ node })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = rows[Math.min(rows.length - 1, Math.max(0, rows.findIndex(({ span }) => span.span_id === chosenId) + step))]
    if (!next) return
    choose(next.span)
    event.currentTarget.querySelector<HTMLElement>(`[data-span="${CSS.escape(next.span.span_id)}"]`)?.focus()
  }
  return (
    <div className={styles['trace']}>
      <Totals spans={spans} queuedMs={Math.max(0, Math.min(...spans.map(({ started_at }) => started_at)) - queuedAt)} wholeMs={time.until - time.from} />
      <ul className={styles['rows']} aria-label="Spans" onKeyDown={onKeyDown}>
        {rows.map((row) => <li key={row.span.span_id} className={styles['item']}><SpanRow row={row} time={time} isChosen={row.span.span_id === chosenId} onChoose={choose} /></li>)}
      </ul>
      {chosen && <SpanDetail key={chosen.span_id} runId={runId} span={chosen} onClose={() => setChosen(null)} />}
    </div>
  )
}

function Totals({ spans, queuedMs, wholeMs }: { spans: readonly TraceSpan[], queuedMs: number, wholeMs: number }) {
  const { input, output, calls } = tokensOf(spans)
  const prices = readPrices()
  const costs = spans.filter(({ kind }) => kind === 'model').map((span) => costOf(span, prices)).filter((cost) => cost !== null)
  const facts = [`${formatDuration(queuedMs)} in the queue`, `${formatDuration(wholeMs - queuedMs)} at work`, calls > 0 && `${calls} model ${calls === 1 ? 'call' : 'calls'}`, input + output > 0 && `${input} tokens in, ${output} out`, costs.length > 0 && `cost ${formatCost(costs.reduce((sum, cost) => sum + cost, 0))}`]
  return <p className={styles['totals']}>{facts.filter(Boolean).join(' · ')}</p>
}

interface RowProps { readonly row: TraceRow, readonly time: { readonly from: number, readonly until: number }, readonly isChosen: boolean, onChoose(span: TraceSpan): void }

function SpanRow({ row: { span, depth }, time: { from, until }, isChosen, onChoose }: RowProps) {
  const share = (ms: number) => `${100 * ms / (until - from)}%`
  const tokens = span.input_tokens === null && span.output_tokens === null ? null : (span.input_tokens ?? 0) + (span.output_tokens ?? 0)
  const took = formatDuration(span.ended_at - span.started_at)
  return (
    <button type="button" data-span={span.span_id} aria-current={isChosen ? 'true' : undefined} className={classNames(styles['row'], isChosen && styles['chosen'])} title={`${span.name} (${span.kind})${span.error ? `\n${span.error}` : ''}`} onClick={() => onChoose(span)}>
      <span className={styles['name']} style={{ paddingLeft: Math.min(depth, 8) * 12 }}>
        {span.error ? <CircleAlert className={styles['failed']} aria-label="Failed" /> : ICONS[span.kind]}
        <span>{span.name}</span>
      </span>
      <span className={styles['lane']} aria-hidden>
        <span className={classNames(styles['bar'], span.error && styles['barFailed'])} style={{ left: share(span.started_at - from), width: share(span.ended_at - span.started_at), ...(span.error || span.node === null ? {} : { background: `oklch(var(--node-l) var(--node-c) ${nodeHue(span.node)})` }) }} />
      </span>
      <span className={styles['took']}>{took}{tokens !== null && <i>{tokens} tok</i>}</span>
    </button>
  )
}
