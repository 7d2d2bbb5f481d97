import type { GraphLog, RunSummary } from '@contract/studio.ts'
import type { Run } from '@langchain/langgraph-sdk'
import { Square, Workflow } from 'lucide-react'
import { toast } from 'sonner'
import { errorText } from '../../api/api-error.ts'
import { clientFor } from '../../api/client.ts'
import { studioApi } from '../../api/studio-api.ts'
import { studioStore, useStudioActions } from '../../app-store.ts'
import { formatClock, formatDuration } from '../../lib/format-time.ts'
import { Button } from '../../ui/button.tsx'
import { DetailBody, DetailHead, FactList, JsonSection } from '../../ui/master-detail.tsx'
import { useLoaded } from '../../ui/use-loaded.ts'
import { LatencyTable } from '../trace/index.ts'
import { DOTS, timesOf } from './run-facts.ts'
import styles from './runs.module.css'

async function read(threadId: string, runId: string): Promise<{ run: Run, logs: readonly GraphLog[] }> {
  const { connection } = studioStore.getState()
  const [run, { logs }] = await Promise.all([clientFor(connection).runs.get(threadId, runId), studioApi.logs(connection, { run_id: runId, limit: 500 })])
  return { run, logs }
}

export function RunDetail({ run, now }: { run: RunSummary, now: number }) {
  const { thread_id, run_id, status, attempt, graph_id, multitask_strategy, created_at, started_at, ended_at, error, cron_id } = run
  const { data, error: problem } = useLoaded(`${run_id} ${status} ${attempt}`, () => read(thread_id, run_id))
  const { select } = useStudioActions()
  const kwargs = (data?.run as { kwargs?: Record<string, unknown> } | undefined)?.kwargs ?? {}
  const isActive = status === 'pending' || status === 'running'
  const cancel = () => void clientFor(studioStore.getState().connection).runs.cancel(thread_id, run_id).catch((failure: unknown) => toast.error(errorText(failure)))
  return (
    <>
      <DetailHead title={`Run ${run_id.slice(0, 8)}`} tip={run_id}>
        {isActive && <Button kind="danger" onClick={cancel}><Square aria-hidden />Cancel</Button>}
        <Button onClick={() => select({ view: 'studio', threadId: thread_id })}><Workflow aria-hidden />Open the thread</Button>
      </DetailHead>
      <DetailBody>
        {error && <p className={styles['failure']} role="alert"><b>{error.error}</b> {error.message}</p>}
        <SplitBar run={run} now={now} />
        <FactList facts={[
          ['Status', DOTS[status].label], ['Graph', graph_id], ['Attempt', attempt === 0 ? 'not begun' : attempt], ['Made', formatClock(created_at)], ['Began', started_at && formatClock(started_at)], ['Ended', ended_at && formatClock(ended_at)],
          ['When the thread is busy', multitask_strategy], ['Webhook', typeof kwargs['webhook'] === 'string' ? kwargs['webhook'] : null], ['Cron', cron_id], ['Run', <code key="run">{run_id}</code>], ['Thread', <code key="thread">{thread_id}</code>],
        ]} />
        {problem ? <p className={styles['failure']} role="alert">{errorText(problem)}</p> : null}
        <JsonSection title="Input" value={kwargs['input']} />
        <JsonSection title="Command" value={kwargs['command']} />
        <JsonSection title="Configuration" value={kwargs['config']} />
        <JsonSection title="Context" value={kwargs['context']} />
        {data && data.logs.length > 0 && (
          <section className={styles['logs']} aria-label="What it printed">
            <h3>What it printed</h3>
            <pre tabIndex={0}>{data.logs.map(({ at, node, text }) => `${formatClock(at)}  ${node ? `${node}: ` : ''}${text}`).join('\n')}</pre>
          </section>
        )}
        <LatencyTable graphId={graph_id} />
      </DetailBody>
    </>
  )
}

/** Time in the queue against time at work. */
function SplitBar({ run, now }: { run: RunSummary, now: number }) {
  const { queuedMs, ranMs } = timesOf(run, now)
  const whole = (queuedMs ?? 0) + (ranMs ?? 0)
  if (whole === 0) return null
  return (
    <figure className={styles['split']}>
      <div aria-hidden><span style={{ width: `${100 * (queuedMs ?? 0) / whole}%` }} className={styles['queued']} /><span style={{ width: `${100 * (ranMs ?? 0) / whole}%` }} className={styles['ran']} /></div>
      <figcaption><i className={styles['queued']} />in the queue {formatDuration(queuedMs ?? 0)}<i className={styles['ran']} />at work {ranMs === null ? '—' : formatDuration(ranMs)}</figcaption>
    </figure>
  )
}
