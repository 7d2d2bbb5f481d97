import type { Cron } from '@langchain/langgraph-sdk'
import { CalendarClock, Pause, Pencil, Play, Plus, RotateCcw, Trash2, Zap } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { errorText } from '../../api/api-error.ts'
import { clientFor } from '../../api/client.ts'
import { createRun, studioApi } from '../../api/studio-api.ts'
import { studioStore, useStudio, useStudioActions } from '../../app-store.ts'
import { formatAgo } from '../../lib/format-time.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { DetailBody, DetailHead, FactList, JsonSection, MasterDetail, type MasterRow } from '../../ui/master-detail.tsx'
import { EmptyState, FailedState, LoadingState } from '../../ui/pane-state.tsx'
import { StatusDot } from '../../ui/status-dot.tsx'
import { useLoaded } from '../../ui/use-loaded.ts'
import { useNow } from '../../ui/use-now.ts'
import { CronDialog } from './cron-dialog.tsx'
import styles from './crons.module.css'
import { formatDue, readSchedule } from './schedule.ts'

/** `error` is our server's: why the last due time made no run. */
export type ListedCron = Cron & { readonly error?: string | null }

const MOST = 1000
const client = () => clientFor(studioStore.getState().connection).crons
const wordsOf = ({ schedule, timezone }: Cron, now: number) => {
  const reading = readSchedule(schedule, timezone ?? null, now, 1)
  return 'words' in reading ? reading.words : schedule
}

const rowOf = (cron: ListedCron, name: string, now: number): MasterRow => ({
  id: cron.cron_id, dot: cron.error ? { status: 'err', label: 'The last one made no run' } : cron.enabled ? { status: 'ok', label: 'Switched on' } : { status: 'off', label: 'Paused' }, title: wordsOf(cron, now),
  aside: cron.enabled ? cron.next_run_date ? formatDue(Date.parse(cron.next_run_date), cron.timezone ?? null) : 'over' : 'paused', sub: [name, cron.thread_id ? 'on a thread' : 'a thread each time', cron.error].filter(Boolean).join(' · '), tip: `${cron.schedule}\n${cron.cron_id}`,
})

/** Runs by a schedule: what there is, when it comes next, and what came of it. */
export function CronsView() {
  const url = useStudio((state) => state.connection.url)
  const assistants = useStudio((state) => state.assistants.items)
  const [chosenId, setChosen] = useState<string | null>(null)
  const [editing, setEditing] = useState<ListedCron | 'new' | null>(null)
  const now = useNow()
  const { data, error, reload } = useLoaded(url || null, () => client().search({ limit: MOST }) as Promise<ListedCron[]>)
  if (!data) return error ? <FailedState title="The crons can't be read" detail={errorText(error)} action={<Button onClick={() => void reload()}>Try again</Button>} /> : <LoadingState label="Reading crons" />
  const nameOf = (id: string) => assistants.find(({ assistant_id }) => assistant_id === id)?.name ?? id.slice(0, 8)
  const chosen = data.find(({ cron_id }) => cron_id === chosenId) ?? data[0] ?? null
  return (
    <>
      <MasterDetail
        title="Crons" count={data.length} problem={error ? errorText(error) : null} rows={data.map((cron) => rowOf(cron, nameOf(cron.assistant_id), now))} chosen={chosen?.cron_id ?? null} onChoose={setChosen}
        tools={<><IconButton label="Look again" onClick={() => void reload()}><RotateCcw aria-hidden /></IconButton><IconButton label="New cron" onClick={() => setEditing('new')}><Plus aria-hidden /></IconButton></>}
        empty={<EmptyState icon={<CalendarClock aria-hidden />} title="Nothing runs by a schedule" action={<Button kind="primary" onClick={() => setEditing('new')}><Plus aria-hidden />New cron</Button>}>A cron runs an assistant at the times that you say, while the server runs.</EmptyState>}
      >
        {chosen ? <CronDetail key={chosen.cron_id + chosen.updated_at} cron={chosen} name={nameOf(chosen.assistant_id)} now={now} onChange={reload} onEdit={() => setEditing(chosen)} /> : <EmptyState title="No cron chosen" />}
      </MasterDetail>
      {editing && <CronDialog cron={editing === 'new' ? null : editing} onClose={() => setEditing(null)} onSaved={(saved) => {
        setEditing(null)
        if (saved) setChosen(saved)
        void reload()
      }} />}
    </>
  )
}

function CronDetail({ cron, name, now, onChange, onEdit }: { cron: ListedCron, name: string, now: number, onChange: () => Promise<void>, onEdit: () => void }) {
  const [isDeleting, setDeleting] = useState(false)
  const { timezone, schedule } = cron
  const reading = readSchedule(schedule, timezone ?? null, now)
  const act = (action: Promise<unknown>, done?: string) => void action.then(() => {
    if (done) toast.success(done)
    return onChange()
  }).catch((failure: unknown) => toast.error(errorText(failure)))
  const runNow = () => createRun(studioStore.getState().connection, cron.thread_id ?? null, { ...cron.payload, assistant_id: cron.assistant_id, metadata: { ...cron.metadata, cron_id: cron.cron_id }, ...(cron.thread_id ? { multitask_strategy: 'enqueue' } : { on_completion: 'keep' }) })
  return (
    <>
      <DetailHead title={wordsOf(cron, now)} tip={cron.cron_id}>
        <Button onClick={() => act(runNow(), 'It runs now.')}><Zap aria-hidden />Run now</Button>
        <Button onClick={() => act(client().update(cron.cron_id, { enabled: !cron.enabled }))}>{cron.enabled ? <><Pause aria-hidden />Pause</> : <><Play aria-hidden />Switch on</>}</Button>
        <Button onClick={onEdit}><Pencil aria-hidden />Edit</Button>
        <IconButton label="Delete the cron" onClick={() => setDeleting(true)}><Trash2 aria-hidden /></IconButton>
      </DetailHead>
      <DetailBody>
        {cron.error && <p className={styles['problem']} role="alert">The last due time made no run: {cron.error}</p>}
        <FactList facts={[
          ['Assistant', name], ['Schedule', <code key="schedule">{schedule}</code>], ['Time zone', timezone ?? 'UTC'], ['State', cron.enabled ? 'switched on' : 'paused'], ['Thread', cron.thread_id ?? 'a new one each time'],
          ['Ends', cron.end_time && formatDue(Date.parse(cron.end_time), timezone ?? null)], ['After a run', cron.thread_id ? null : cron.on_run_completed === 'keep' ? 'its thread is kept' : 'its thread goes'], ['Made by', cron.user_id ?? null],
        ]} />
        {cron.enabled && 'times' in reading && <section className={styles['times']} aria-label="Comes next"><h3>Comes next</h3><ol>{reading.times.map((time) => <li key={time}>{formatDue(time, timezone ?? null)} <i>{formatAgo(new Date(time).toISOString(), now)}</i></li>)}</ol></section>}
        <JsonSection title="Input" value={cron.payload['input']} />
        <CronRuns cronId={cron.cron_id} now={now} />
      </DetailBody>
      <ConfirmDialog open={isDeleting} title="Delete this cron?" text="It makes no more runs. Those that it has made stay." confirm="Delete" onConfirm={() => act(client().delete(cron.cron_id))} onClose={() => setDeleting(false)} />
    </>
  )
}

function CronRuns({ cronId, now }: { cronId: string, now: number }) {
  const hasStudioApi = useStudio((state) => state.connection.hasStudioApi)
  const newest = useStudio((state) => state.threads.items[0]?.updated_at)
  const { data } = useLoaded(hasStudioApi ? `${cronId} ${newest}` : null, () => studioApi.runs(studioStore.getState().connection, { cron_id: cronId, limit: 20 }))
  const { select } = useStudioActions()
  if (!hasStudioApi || !data) return null
  return (
    <section className={styles['times']} aria-label="Runs so far">
      <h3>Runs so far</h3>
      {data.runs.length === 0 ? <p>None yet, or their threads are gone.</p> : (
        <ul>{data.runs.map((run) => (
          <li key={run.run_id}>
            <StatusDot status={run.status === 'success' ? 'ok' : run.status === 'running' || run.status === 'pending' ? 'busy' : run.status === 'interrupted' ? 'wait' : 'err'} label={run.status} />
            <button type="button" onClick={() => select({ view: 'studio', threadId: run.thread_id })}>{run.thread_title ?? run.run_id.slice(0, 8)}</button> <i>{formatAgo(run.created_at, now)}</i>
          </li>
        ))}</ul>
      )}
    </section>
  )
}
