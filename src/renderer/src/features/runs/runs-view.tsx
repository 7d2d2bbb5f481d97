import type { RunSummary } from '@contract/studio.ts'
import { ListTree, OctagonX } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { errorText } from '../../api/api-error.ts'
import { clientFor } from '../../api/client.ts'
import { studioStore, useStudio, useStudioActions } from '../../app-store.ts'
import { formatAgo } from '../../lib/format-time.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Select, TextInput } from '../../ui/field.tsx'
import { MasterDetail, type MasterRow } from '../../ui/master-detail.tsx'
import { EmptyState, FailedState, LoadingState } from '../../ui/pane-state.tsx'
import { useNow } from '../../ui/use-now.ts'
import { RunDetail } from './run-detail.tsx'
import { DOTS, timesLine } from './run-facts.ts'
import { useRuns, type RunFilter } from './use-runs.ts'

const titleOf = ({ thread_title, stateless, thread_id }: RunSummary) => thread_title ?? (stateless ? 'Without a thread' : `Thread ${thread_id.slice(0, 8)}`)

const rowOf = (run: RunSummary, now: number): MasterRow => ({
  id: run.run_id, dot: DOTS[run.status], title: titleOf(run), aside: formatAgo(run.created_at, now),
  sub: [run.graph_id, run.attempt > 1 && `attempt ${run.attempt}`, timesLine(run, now), run.error?.message].filter(Boolean).join(' · '), tip: `${titleOf(run)}\n${run.run_id}${run.error ? `\n${run.error.error}: ${run.error.message}` : ''}`,
})

const matches = (run: RunSummary, text: string) => !text || [run.run_id, run.thread_id, run.thread_title, run.error?.message].some((value) => value?.toLowerCase().includes(text))

/** Runs over all threads, the queue that they stand in, and what became of them. */
export function RunsView() {
  const hasStudioApi = useStudio((state) => state.connection.hasStudioApi)
  if (!hasStudioApi) return <EmptyState icon={<ListTree aria-hidden />} title="This server tells no runs of all threads">The public interface lists the runs of one thread at a time: open a thread to see its history.</EmptyState>
  return <RunList />
}

function RunList() {
  const [filter, setFilter] = useState<RunFilter>({ status: null, graphId: null })
  const [text, setText] = useState('')
  const [chosenId, setChosen] = useState<string | null>(null)
  const graphs = useStudio((state) => state.connection.project?.graphs)
  const { page, error, more } = useRuns(filter)
  const now = useNow()
  if (!page) return error ? <FailedState title="The runs can't be read" detail={errorText(error)} /> : <LoadingState label="Reading runs" />
  const shown = page.runs.filter((run) => matches(run, text.trim().toLowerCase()))
  const chosen = shown.find(({ run_id }) => run_id === chosenId) ?? shown[0] ?? null
  const isFiltered = filter.status !== null || filter.graphId !== null || text.trim() !== ''
  return (
    <MasterDetail
      title="Runs" count={page.next === null ? shown.length : `newest ${page.runs.length}`} problem={error ? errorText(error) : null} rows={shown.map((run) => rowOf(run, now))} chosen={chosen?.run_id ?? null} onChoose={setChosen}
      hasMore={page.next !== null} onMore={() => void more()} tools={<CancelAll queue={page.queue} />}
      filters={(
        <>
          <TextInput type="search" aria-label="Filter by title, id or error" placeholder="Filter" value={text} onChange={(event) => setText(event.target.value)} />
          <Select aria-label="Filter by status" value={filter.status ?? ''} onChange={(event) => setFilter({ ...filter, status: (event.target.value || null) as RunFilter['status'] })}>
            <option value="">Any status</option>
            {(['pending', 'running', 'success', 'interrupted', 'error', 'timeout'] as const).map((status) => <option key={status} value={status}>{status}</option>)}
          </Select>
          <Select aria-label="Filter by graph" value={filter.graphId ?? ''} onChange={(event) => setFilter({ ...filter, graphId: event.target.value || null })}>
            <option value="">Any graph</option>
            {graphs?.map(({ graph_id }) => <option key={graph_id}>{graph_id}</option>)}
          </Select>
        </>
      )}
      empty={isFiltered
        ? <EmptyState title="No run matches" action={<Button onClick={() => {
            setText('')
            setFilter({ status: null, graphId: null })
          }}>Show all runs</Button>} />
        : <EmptyState icon={<ListTree aria-hidden />} title="No runs yet" action={<Button onClick={() => studioStore.getState().select({ view: 'studio' })}>Go to the graph</Button>}>Every run of every thread is listed here, whoever started it. Runs without a thread go when they end.</EmptyState>}
    >
      <QueueBar queue={page.queue} now={now} />
      {chosen ? <RunDetail key={chosen.run_id} run={chosen} now={now} /> : <EmptyState title="No run chosen" />}
    </MasterDetail>
  )
}

function QueueBar({ queue: { pending, running, workers, slots, oldest_pending }, now }: { queue: NonNullable<ReturnType<typeof useRuns>['page']>['queue'], now: number }) {
  const facts = [`${running} of ${slots} places taken`, `${workers} ${workers === 1 ? 'worker' : 'workers'}`, `${pending} in the queue`, oldest_pending && `the first since ${formatAgo(oldest_pending, now)}`]
  return <p style={{ padding: '12px 14px', borderBottom: '1px solid var(--line)', color: 'var(--ink-2)', fontSize: 'var(--t-sm)' }} role="status">{facts.filter(Boolean).join(' · ')}</p>
}

function CancelAll({ queue: { pending, running } }: { queue: { pending: number, running: number } }) {
  const [isAsking, setAsking] = useState(false)
  const { loadThreads } = useStudioActions()
  const cancel = async () => {
    try {
      await clientFor(studioStore.getState().connection).runs.cancelMany({ status: 'all' })
      await loadThreads()
    } catch (error) {
      toast.error(errorText(error))
    }
  }
  if (pending + running === 0) return null
  return (
    <>
      <Button small kind="danger" onClick={() => setAsking(true)}><OctagonX aria-hidden />Cancel all</Button>
      <ConfirmDialog open={isAsking} title={`Cancel ${pending + running} ${pending + running === 1 ? 'run' : 'runs'}?`} text="All runs that wait or run are stopped, on every thread. What they have done so far stays." confirm="Cancel them" onConfirm={() => void cancel()} onClose={() => setAsking(false)} />
    </>
  )
}
