import { Play, RotateCcw, Square } from 'lucide-react'
import { useStudio, useStudioActions } from '../../app-store.ts'
import { Button } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { Kbd } from '../../ui/kbd.tsx'
import { BreakpointsButton } from '../breakpoints/index.ts'
import { pendingInterrupts } from '../interrupts/index.ts'
import styles from './run.module.css'

export type Readiness = 'busy' | 'questions' | 'failed' | 'paused' | 'ready'

/** What the first button would do now. A paused thread goes on, a failed one tries its step again; one with open questions waits for their answers. */
export function useReadiness(): Readiness {
  return useStudio(({ run, head, selection }) => {
    if (run.phase === 'running' || run.phase === 'starting' || run.phase === 'cancelling') return 'busy'
    if (!selection.threadId || !head || head.checkpoint.thread_id !== selection.threadId) return 'ready'
    if (pendingInterrupts(head).length) return 'questions'
    if (head.next.length === 0) return 'ready'
    return head.tasks.some((task) => task.error) ? 'failed' : 'paused'
  })
}

export function RunToolbar({ onRun }: { onRun: () => void }) {
  const readiness = useReadiness()
  const phase = useStudio((state) => state.run.phase)
  const { startRun, cancelRun } = useStudioActions()
  return (
    <div className={styles['bar']} role="toolbar" aria-label="Run">
      {readiness === 'busy' && <Button kind="danger" disabled={phase !== 'running'} onClick={() => void cancelRun()}><Square aria-hidden />{phase === 'cancelling' ? 'Stopping' : 'Stop'}<Kbd keys="Shift+F5" /></Button>}
      {readiness === 'paused' && <Button kind="primary" onClick={() => void startRun({ input: null })}><Play aria-hidden />Continue<Kbd keys="F5" /></Button>}
      {readiness === 'failed' && <Button kind="primary" title="Run the failed step again, from the state before it" onClick={() => void startRun({ input: null })}><RotateCcw aria-hidden />Retry<Kbd keys="F5" /></Button>}
      {readiness === 'questions' && <Button disabled title="Answer what is asked on the right"><Play aria-hidden />Continue</Button>}
      {readiness === 'ready' && <Button kind="primary" onClick={onRun}><Play aria-hidden />Run<Kbd keys="F5" /></Button>}
      <BreakpointsButton />
      <RunHint readiness={readiness} />
    </div>
  )
}

function RunHint({ readiness }: { readiness: Readiness }) {
  const { phase, error } = useStudio((state) => state.run)
  const step = useStudio((state) => (state.head?.metadata as { step?: number } | null)?.step)
  const next = useStudio((state) => [...new Set(state.head?.next ?? [])].join(', '))
  const running = useStudio((state) => Object.entries(state.runView.nodes).filter(([path, node]) => node.live > 0 && !path.includes(':')).map(([path]) => path).join(', '))
  const failure = useStudio((state) => state.runView.failure ?? null)
  if (phase === 'starting') return <span className={styles['hint']}><span className={styles['spin']} /> Starting</span>
  if (readiness === 'busy') return <span className={styles['hint']} role="status"><span className={styles['spin']} /> {running ? <>Running <b>{running}</b></> : 'Running'}</span>
  if (error) return <span className={classNames(styles['hint'], styles['hintError'])} role="alert" title={error}>{error}</span>
  if (failure) return <span className={classNames(styles['hint'], styles['hintError'])} role="alert" title={failure.message}><b>{failure.error}</b> {failure.message}</span>
  if (readiness === 'questions') return <span className={classNames(styles['hint'], styles['hintWarn'])}>Waits for your answer at <b>{next}</b></span>
  if (readiness === 'failed') return <span className={classNames(styles['hint'], styles['hintError'])}>Failed at <b>{next}</b>{step !== undefined && ` · superstep ${step}`}</span>
  if (readiness === 'paused') return <span className={classNames(styles['hint'], styles['hintWarn'])}>Paused before <b>{next}</b>{step !== undefined && ` · superstep ${step}`}</span>
  return null
}
