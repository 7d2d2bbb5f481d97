import type { WebhookDelivery } from '@contract/webhook.ts'
import { RotateCcw, Send, Webhook, Workflow } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { errorText } from '../../api/api-error.ts'
import { studioApi } from '../../api/studio-api.ts'
import { studioStore, useStudio, useStudioActions } from '../../app-store.ts'
import { formatAgo, formatClock, formatDuration } from '../../lib/format-time.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Select } from '../../ui/field.tsx'
import { DetailBody, DetailHead, FactList, MasterDetail, type MasterRow } from '../../ui/master-detail.tsx'
import { EmptyState, FailedState, LoadingState } from '../../ui/pane-state.tsx'
import type { DotStatus } from '../../ui/status-dot.tsx'
import { useLoaded } from '../../ui/use-loaded.ts'
import { useNow } from '../../ui/use-now.ts'
import styles from './webhooks.module.css'

const DOTS: Readonly<Record<WebhookDelivery['status'], { status: DotStatus, label: string }>> = { pending: { status: 'busy', label: 'Being sent' }, delivered: { status: 'ok', label: 'Delivered' }, failed: { status: 'err', label: 'Not delivered' } }
const PAGE = 200

const rowOf = (delivery: WebhookDelivery, now: number): MasterRow => {
  const last = delivery.attempts.at(-1)
  const outcome = last ? last.status === null ? last.error : `answered ${last.status}` : 'not tried yet'
  return { id: delivery.delivery_id, dot: DOTS[delivery.status], title: delivery.url, aside: formatAgo(delivery.created_at, now), sub: [`run ${delivery.run_status}`, outcome, delivery.attempts.length > 1 && `${delivery.attempts.length} attempts`].filter(Boolean).join(' · '), tip: delivery.url }
}

/** What became of webhooks: each delivery with its attempts, and once more by hand. */
export function WebhooksView() {
  const { url, hasStudioApi } = useStudio((state) => state.connection)
  const [status, setStatus] = useState<WebhookDelivery['status'] | ''>('')
  const [chosenId, setChosen] = useState<string | null>(null)
  const threads = useStudio((state) => state.threads.items)
  const now = useNow()
  // Read again as runs end: the list of threads changes with them.
  const newest = threads[0] ? threads[0].thread_id + threads[0].updated_at : ''
  const { data, error, reload } = useLoaded(hasStudioApi ? `${url} ${status} ${newest}` : null, () => studioApi.webhooks(studioStore.getState().connection, { ...(status ? { status } : {}), limit: PAGE, offset: 0 }))
  if (!hasStudioApi) return <EmptyState icon={<Webhook aria-hidden />} title="This server keeps no deliveries">Only Superstep's own server tells what became of webhooks.</EmptyState>
  if (!data) return error ? <FailedState title="The deliveries can't be read" detail={errorText(error)} action={<Button onClick={() => void reload()}>Try again</Button>} /> : <LoadingState label="Reading deliveries" />
  const chosen = data.deliveries.find(({ delivery_id }) => delivery_id === chosenId) ?? data.deliveries[0] ?? null
  return (
    <MasterDetail
      title="Webhooks" count={data.total > data.deliveries.length ? `newest ${data.deliveries.length} of ${data.total}` : data.total} problem={error ? errorText(error) : null} rows={data.deliveries.map((delivery) => rowOf(delivery, now))} chosen={chosen?.delivery_id ?? null} onChoose={setChosen}
      tools={<IconButton label="Look again" onClick={() => void reload()}><RotateCcw aria-hidden /></IconButton>}
      filters={(
        <Select aria-label="Filter by status" value={status} onChange={(event) => setStatus(event.target.value as typeof status)}>
          <option value="">Any status</option><option value="pending">being sent</option><option value="delivered">delivered</option><option value="failed">not delivered</option>
        </Select>
      )}
      empty={<EmptyState icon={<Webhook aria-hidden />} title={status ? 'No delivery is like that' : 'No webhooks yet'} action={status ? <Button onClick={() => setStatus('')}>Show all</Button> : undefined}>A run that is created with <code>webhook</code> has its end told to that address. Each delivery is listed here, with every attempt.</EmptyState>}
    >
      {chosen ? <Detail key={chosen.delivery_id} delivery={chosen} onChange={reload} /> : <EmptyState title="No delivery chosen" />}
    </MasterDetail>
  )
}

function Detail({ delivery, onChange }: { delivery: WebhookDelivery, onChange: () => Promise<void> }) {
  const { select } = useStudioActions()
  const resend = async () => {
    try {
      await studioApi.resendWebhook(studioStore.getState().connection, delivery.delivery_id)
      toast.success('It is sent again.')
    } catch (error) {
      toast.error(errorText(error))
    }
    await onChange()
  }
  return (
    <>
      <DetailHead title={delivery.url}>
        <Button onClick={() => void resend()}><Send aria-hidden />Send again</Button>
        <Button onClick={() => select({ view: 'studio', threadId: delivery.thread_id })}><Workflow aria-hidden />Open the thread</Button>
      </DetailHead>
      <DetailBody>
        <FactList facts={[
          ['State', DOTS[delivery.status].label], ['The run', delivery.run_status], ['Made', formatClock(delivery.created_at)], ['Next attempt', delivery.next_attempt_at && formatClock(delivery.next_attempt_at)], ['Ended', delivery.ended_at && formatClock(delivery.ended_at)],
          ['webhook-id', <code key="id">{delivery.delivery_id}</code>], ['Run', <code key="run">{delivery.run_id}</code>],
        ]} />
        <section className={styles['attempts']} aria-label="Attempts">
          <h3>Attempts</h3>
          {delivery.attempts.length === 0 ? <p>None yet.</p> : (
            <table>
              <thead><tr><th scope="col">At</th><th scope="col">Answer</th><th scope="col">Took</th></tr></thead>
              <tbody>{delivery.attempts.map((attempt) => <tr key={attempt.at}><td>{formatClock(attempt.at)}</td><td>{attempt.status ?? attempt.error}</td><td>{formatDuration(attempt.duration_ms)}</td></tr>)}</tbody>
            </table>
          )}
        </section>
      </DetailBody>
    </>
  )
}
