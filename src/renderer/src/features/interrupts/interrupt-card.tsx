import { Hand, Undo2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useStudio } from '../../app-store.ts'
import { Button } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { ActionForm, Facts, FreeForm, ReviewForm } from './answer-forms.tsx'
import { forgetDrafts, rememberAnswer } from './drafts.ts'
import styles from './interrupts.module.css'
import { resumeValue, shapeOf, type PayloadShape, type PendingInterrupt } from './payload-shape.ts'
import { pendingInterrupts } from './pending.ts'

const TITLES: Record<PayloadShape['kind'], string> = { action: 'asks for approval', review: 'asks for approval', question: 'asks', value: 'waits for an answer' }

/** The thread's open questions, each as a form; answered ones are sent together. */
export function InterruptCard({ inFlow = false }: { inFlow?: boolean }) {
  const head = useStudio((state) => state.head)
  const isBusy = useStudio((state) => state.run.phase === 'running' || state.run.phase === 'starting')
  const startRun = useStudio((state) => state.startRun)
  const interrupts = useMemo(() => pendingInterrupts(head), [head])
  if (interrupts.length === 0 || isBusy) return null
  return <OpenQuestions key={head?.checkpoint.checkpoint_id} interrupts={interrupts} inFlow={inFlow} onResume={(resume) => void startRun({ command: { resume } })} />
}

/** Questions of one checkpoint. `inFlow`: among other things, not as a pane of its own. `onResume` gets the command's `resume`. */
export function OpenQuestions({ interrupts, inFlow = false, onResume }: { interrupts: readonly PendingInterrupt[], inFlow?: boolean, onResume: (resume: unknown) => void }) {
  const [answers, setAnswers] = useState<ReadonlyMap<number, unknown>>(new Map())
  const send = (resume: unknown, given: ReadonlyMap<number, unknown>) => {
    for (const [i, answer] of given) {
      const { id, node, value } = interrupts[i]!
      if (id !== null) forgetDrafts(id)
      if (['question', 'value'].includes(shapeOf(value).kind)) rememberAnswer(node, answer)
    }
    onResume(resume)
  }
  const change = (i: number, answer: { value: unknown } | null) => {
    const next = new Map(answers)
    if (answer) next.set(i, answer.value)
    else next.delete(i)
    // One question: its answer goes at once. Several: they are collected, so that none is forgotten.
    const resume = interrupts.length === 1 ? resumeValue(interrupts, next) : null
    if (resume) send(resume.resume, next)
    else setAnswers(next)
  }
  const collected = resumeValue(interrupts, answers)
  return (
    <section className={classNames(styles['area'], inFlow && styles['inFlow'])} aria-label="Waits for you">
      {interrupts.map((interrupt, i) => <Question key={interrupt.id ?? i} interrupt={interrupt} answer={answers.has(i) ? { value: answers.get(i) } : null} onAnswer={(value) => change(i, { value })} onUndo={() => change(i, null)} />)}
      {interrupts.length > 1 && (
        <div className={styles['actions']}>
          <Button kind="primary" disabled={!collected} onClick={() => collected && send(collected.resume, answers)}>{answers.size === interrupts.length ? 'Send all answers' : answers.size ? `Send ${answers.size} of ${interrupts.length}` : `${interrupts.length} questions are open`}</Button>
          {collected && <code className={styles['send']}>resume: {JSON.stringify(collected.resume)}</code>}
        </div>
      )}
    </section>
  )
}

function Question({ interrupt, answer, onAnswer, onUndo }: { interrupt: PendingInterrupt, answer: { value: unknown } | null, onAnswer: (value: unknown) => void, onUndo: () => void }) {
  const shape = useMemo(() => shapeOf(interrupt.value), [interrupt.value])
  return (
    <div className={classNames(styles['card'], answer !== null && styles['answered'])}>
      <div className={styles['head']}>
        <Hand aria-hidden />
        <span className={styles['title']}><b>{interrupt.node}</b> {TITLES[shape.kind]}{shape.kind === 'action' && ` for ${shape.request.action}`}</span>
        <span className={styles['grow']} />
        {interrupt.id && <span className={styles['id']} title={interrupt.id}>id {interrupt.id.slice(0, 6)}</span>}
      </div>
      {answer
        ? <div className={styles['actions']}><code className={styles['send']}>{JSON.stringify(answer.value)}</code><Button small onClick={onUndo}><Undo2 aria-hidden />Change</Button></div>
        : <AnswerForm interrupt={interrupt} shape={shape} onAnswer={onAnswer} />}
    </div>
  )
}

function AnswerForm({ interrupt: { id, node }, shape, onAnswer }: { interrupt: PendingInterrupt, shape: PayloadShape, onAnswer: (value: unknown) => void }) {
  if (shape.kind === 'action') return <>{shape.request.description && <p className={styles['text']}>{shape.request.description}</p>}<ActionForm id={id} request={shape.request} allow={shape.allow} onAnswer={onAnswer} /></>
  if (shape.kind === 'review') return <ReviewForm id={id} requests={shape.requests} onAnswer={onAnswer} />
  if (shape.kind === 'question') return <><p className={styles['text']}>{shape.question}</p><Facts facts={shape.facts} /><FreeForm id={id} node={node} first={/\?\s*$/.test(shape.question) ? 'Yes / no' : 'Text'} onAnswer={onAnswer} /></>
  return <>{typeof shape.value === 'object' && shape.value !== null ? <Facts facts={shape.value as Record<string, unknown>} /> : <p className={styles['text']}>{JSON.stringify(shape.value)}</p>}<FreeForm id={id} node={node} first="JSON" onAnswer={onAnswer} /></>
}
