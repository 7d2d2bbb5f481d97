import type { TraceSpan } from '@contract/studio.ts'
import { X } from 'lucide-react'
import { errorText } from '../../api/api-error.ts'
import { studioApi } from '../../api/studio-api.ts'
import { studioStore } from '../../app-store.ts'
import { formatDuration } from '../../lib/format-time.ts'
import { costOf, formatCost, readPrices } from '../../lib/prices.ts'
import { isMessage, isMessageList, readMessage } from '../../stream/read-message.ts'
import { IconButton } from '../../ui/button.tsx'
import { FactList, JsonSection } from '../../ui/master-detail.tsx'
import { LoadingState } from '../../ui/pane-state.tsx'
import { useLoaded } from '../../ui/use-loaded.ts'
import { MessageView } from '../run/index.ts'
import styles from './trace.module.css'

const HAS_PAYLOAD: readonly TraceSpan['kind'][] = ['model', 'tool', 'retriever']

/** One span: what it was, and for models, tools and retrievers what went in and came out, to the letter. */
export function SpanDetail({ runId, span, onClose }: { runId: string, span: TraceSpan, onClose: () => void }) {
  const hasPayload = HAS_PAYLOAD.includes(span.kind)
  const cost = costOf(span, readPrices())
  return (
    <section className={styles['detail']} aria-label={`Span ${span.name}`} tabIndex={0}>
      <div className={styles['detailHead']}><h3>{span.name}</h3><span className={styles['kind']}>{span.kind}</span><span className={styles['grow']} /><IconButton label="Close the span" small onClick={onClose}><X aria-hidden /></IconButton></div>
      {span.error && <p className={styles['error']} role="alert">{span.error}</p>}
      <FactList facts={[
        ['Took', formatDuration(span.ended_at - span.started_at)], ['Node', span.node], ['Superstep', span.step], ['Model', span.model],
        ['Tokens', span.input_tokens === null && span.output_tokens === null ? null : `${span.input_tokens ?? 0} in, ${span.output_tokens ?? 0} out`], ['Cost', cost === null ? null : formatCost(cost)],
      ]} />
      {hasPayload ? <Payload runId={runId} spanId={span.span_id} /> : <p className={styles['note']}>What went into a node and came out is in the checkpoints before and after it.</p>}
    </section>
  )
}

function Payload({ runId, spanId }: { runId: string, spanId: string }) {
  const { data, error } = useLoaded(spanId, () => studioApi.spanPayload(studioStore.getState().connection, runId, spanId))
  if (!data) return error ? <p className={styles['note']}>{errorText(error)}</p> : <LoadingState label="Reading what went in and out" />
  if (data.cut !== undefined) return <><p className={styles['note']}>It was too large to keep whole ({data.cut} characters); this is its beginning.</p><JsonSection title="Beginning" value={data.text} /></>
  return <><Part title="Request" value={data.input} /><Part title="Answer" value={data.output} /></>
}

/** Messages are shown as such, and what is beside them as JSON. */
function Part({ title, value }: { title: string, value: unknown }) {
  const { messages, parameters } = typeof value === 'object' && value !== null ? value as { messages?: unknown, parameters?: unknown } : {}
  const list = isMessageList(messages) ? messages : isMessage(value) ? [value] : null
  if (!list) return <JsonSection title={title} value={value} />
  return (
    <section className={styles['part']} aria-label={title}>
      <h3>{title}</h3>
      <div className={styles['messages']}>{list.map((raw, i) => <MessageView key={i} message={readMessage(raw, `${title}-${i}`)} />)}</div>
      {typeof parameters === 'object' && parameters !== null && Object.keys(parameters).length > 0 && <JsonSection title="Parameters" value={parameters} />}
      <details><summary>As JSON</summary><JsonSection title={`${title} as JSON`} value={value} /></details>
    </section>
  )
}
