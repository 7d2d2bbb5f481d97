import { GitFork, Layers, RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { errorText } from '../../api/api-error.ts'
import { useStudio, useStudioActions } from '../../app-store.ts'
import { formatBytes, formatClock, formatDuration } from '../../lib/format-time.ts'
import { jsonSize } from '../../lib/tree-rows.ts'
import { Button } from '../../ui/button.tsx'
import { CodeEditor } from '../../ui/code-editor.tsx'
import { JsonTree } from '../../ui/json-tree.tsx'
import { EmptyState, FailedState, LoadingState } from '../../ui/pane-state.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { shownEntry } from '../history/index.ts'
import { InterruptCard } from '../interrupts/index.ts'
import { LiveOutput, StateMessages } from '../run/index.ts'
import { TraceTab } from '../trace/index.ts'
import { EditAndFork } from './edit-and-fork.tsx'
import styles from './inspector.module.css'

const NO_NODES: readonly { id: string | number }[] = []
const valuesOf = (state: { values: unknown } | null) => (state?.values ?? {}) as Record<string, unknown>

/** What is looked at: the state at a checkpoint, what changed there, its messages; while a run streams, its output. */
export function Inspector() {
  const shown = useStudio((state) => state.threadState)
  const threadId = useStudio((state) => state.selection.threadId)
  const isLive = useStudio((state) => (state.run.phase === 'running' || state.run.phase === 'starting' || state.run.phase === 'cancelling') && !state.selection.checkpointId)
  const hasOutput = useStudio((state) => state.runView.lastSeq >= 0 && state.run.phase !== 'idle')
  const loadThreadState = useStudio((state) => state.loadThreadState)
  if (isLive || (hasOutput && shown.status !== 'ready')) return <LiveInspector />
  if (!threadId) return <div className={styles['inspector']}><EmptyState icon={<Layers aria-hidden />} title="Nothing to inspect yet">Run the graph, or open a thread: its state at every superstep is shown here.</EmptyState></div>
  if (shown.status === 'failed') return <div className={styles['inspector']}><FailedState title="The state can't be read" action={<Button onClick={() => void loadThreadState()}>Try again</Button>}>{shown.error}</FailedState></div>
  if (!shown.state || shown.threadId !== threadId) return <div className={styles['inspector']}><LoadingState label="Reading the state" /></div>
  if (!shown.state.checkpoint?.checkpoint_id) return <div className={styles['inspector']}><EmptyState icon={<Layers aria-hidden />} title="This thread has no state yet">Its first run makes some.</EmptyState></div>
  return <StateInspector />
}

function LiveInspector() {
  const [tab, setTab] = useState('output')
  const values = useStudio((state) => state.runView.values)
  return (
    <div className={styles['inspector']}>
      <Tabs
        label="Live run" value={tab} onChange={setTab}
        tabs={[
          { id: 'output', title: 'Output', content: <LiveOutput /> },
          { id: 'state', title: 'State', content: values ? <JsonTree value={values} label="State so far" /> : <LoadingState label="Waiting for the first state" /> },
        ]}
      />
    </div>
  )
}

function StateInspector() {
  const { state, parent } = useStudio((store) => store.threadState)
  const checkpointId = useStudio((store) => store.selection.checkpointId)
  const entries = useStudio((store) => store.history.entries)
  const nodes = useStudio((store) => store.graph.drawable?.nodes ?? NO_NODES)
  const hasStudioApi = useStudio((store) => store.connection.hasStudioApi)
  const isHead = checkpointId === null
  const isBusy = useStudio((store) => store.run.phase !== 'idle' && store.run.phase !== 'failed')
  const [tab, setTab] = useState('state')
  const [isEditing, setEditing] = useState<string | null>(null)
  const { forkState, startRun } = useStudioActions()
  if (!state) return null
  const id = state.checkpoint.checkpoint_id ?? ''
  const entry = shownEntry(entries, id)
  const values = valuesOf(state)
  const before = parent ? valuesOf(parent) : {}
  const producers = entry?.nodes.filter((node) => !node.startsWith('__')) ?? []
  const names = [...new Set(nodes.map((node) => String(node.id).split(':', 1)[0]!))].filter((name) => !name.startsWith('__'))
  const took = parent?.created_at && state.created_at ? new Date(state.created_at).getTime() - new Date(parent.created_at).getTime() : null
  const failed = state.tasks.find((task) => task.error)

  const rerun = async () => {
    try {
      const copy = await forkState({ checkpointId: id, values: null, asNode: '__copy__' })
      if (copy) await startRun({ input: null, checkpointId: copy })
    } catch (error) {
      toast.error(errorText(error))
    }
  }
  const changed = entry?.changed.length ?? 0
  return (
    <div className={styles['inspector']}>
      <Tabs
        label="State" value={tab} onChange={(next) => {
          setTab(next)
          setEditing(null)
        }}
        tabs={[
          { id: 'state', title: 'State', content: body(<JsonTree key={id} value={values} before={before} label="State" />) },
          { id: 'changes', title: 'Changes', count: changed, content: body(changed ? <JsonTree key={id} value={values} before={before} onlyChanges label="Changes" /> : <EmptyState title="Nothing changed">This superstep wrote nothing to the state.</EmptyState>) },
          { id: 'messages', title: 'Messages', content: body(<StateMessages values={values} before={before} />) },
          ...(hasStudioApi ? [{ id: 'trace', title: 'Trace', content: <TraceTab runId={entry?.run_id ?? null} /> }] : []),
          { id: 'raw', title: 'Raw', content: body(<CodeEditor readOnly value={JSON.stringify(state, null, 2)} ariaLabel="Raw thread state" />) },
        ]}
      />
      {isHead && <InterruptCard />}
    </div>
  )

  function body(content: React.ReactNode) {
    const title = producers.length ? `after ${producers.join(', ')}` : entry?.source === 'loop' ? 'input taken in' : entry?.source ?? ''
    return (
      <div className={styles['body']}>
        <div className={styles['head']}>
          <div className={styles['titles']}>
            <p className={styles['title']} title={`${id}\n${title}`}>Superstep {entry?.step ?? String((state?.metadata as { step?: number } | null)?.step ?? '')} <span>{title}</span></p>
            <p className={styles['facts']}>{[state?.created_at && formatClock(state.created_at), took !== null && took >= 0 && formatDuration(took), formatBytes(jsonSize(values)), !isHead && 'looking back'].filter(Boolean).join(' · ')}</p>
          </div>
          {isEditing !== id && (
            <>
              <Button disabled={isBusy} onClick={() => setEditing(id)} title={isBusy ? 'A run is under way on this thread' : 'Edit this state and go on from here; what there is stays'}><GitFork aria-hidden />Edit & fork</Button>
              <Button disabled={isBusy || state?.next.length === 0} title={isBusy ? 'A run is under way on this thread' : state?.next.length === 0 ? 'Nothing follows this checkpoint' : 'Run again from here, unchanged, as a new branch'} onClick={() => void rerun()}><RotateCcw aria-hidden />Re-run</Button>
            </>
          )}
        </div>
        {failed && <div className={styles['taskError']} role="alert"><b>{failed.name} failed.</b> {errorOf(failed.error)}</div>}
        {isEditing === id && state ? <EditAndFork state={state} producers={producers.length ? producers : entry?.nodes ?? []} nodes={names} onDone={() => setEditing(null)} /> : content}
      </div>
    )
  }
}

function errorOf(error: unknown): string {
  if (typeof error === 'string') return error
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : JSON.stringify(error)
}
