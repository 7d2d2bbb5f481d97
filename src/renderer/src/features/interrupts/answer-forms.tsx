import { Check, MessageSquare, Pencil, SkipForward, X } from 'lucide-react'
import { useState } from 'react'
import { diffLines } from '../../lib/diff-lines.ts'
import { Button } from '../../ui/button.tsx'
import { CodeEditor } from '../../ui/code-editor.tsx'
import { DiffLines } from '../../ui/diff-lines.tsx'
import { TextArea, TextInput } from '../../ui/field.tsx'
import { recentAnswers, useDraft } from './drafts.ts'
import styles from './interrupts.module.css'
import { actionAnswer, reviewAnswer, type ActionRequest, type Decision, type PayloadShape } from './payload-shape.ts'

export interface AnswerProps {
  /** Of the question, for what is typed and not sent yet. Null where it has none. */
  readonly id: string | null
  readonly onAnswer: (value: unknown) => void
}

const draftName = (id: string | null, field: string) => id === null ? null : `${id} ${field}`

export function Facts({ facts }: { facts: Readonly<Record<string, unknown>> }) {
  const entries = Object.entries(facts)
  if (entries.length === 0) return null
  return (
    <dl className={styles['facts']} tabIndex={0} aria-label="What it is about">
      {entries.map(([key, value]) => <div key={key} style={{ display: 'contents' }}><dt>{key}</dt><dd>{typeof value === 'string' ? value : JSON.stringify(value, null, 1)}</dd></div>)}
    </dl>
  )
}

/** JSON that is only sent when it is JSON. */
export function JsonAnswer({ id, initial, label, confirm, showsChanges = false, onAnswer, onCancel }: AnswerProps & { initial: unknown, label: string, confirm: string, showsChanges?: boolean, onCancel?: () => void }) {
  const proposed = JSON.stringify(initial ?? null, null, 2)
  const [text, setText] = useDraft(draftName(id, label), proposed)
  const parsed = parse(text)
  const isChanged = parsed !== null && JSON.stringify(parsed.value) !== JSON.stringify(initial)
  return (
    <>
      <CodeEditor value={text} onChange={setText} ariaLabel={label} minHeight={110} onSubmit={() => parsed && onAnswer(parsed.value)} />
      {showsChanges && isChanged && <div className={styles['changes']}><DiffLines lines={diffLines(proposed, JSON.stringify(parsed.value, null, 2))} label="What you change" /></div>}
      <div className={styles['actions']}>
        <Button kind="primary" disabled={!parsed} title={parsed ? undefined : 'This is not valid JSON yet'} onClick={() => parsed && onAnswer(parsed.value)}><Check aria-hidden />{confirm}</Button>
        {onCancel && <Button onClick={onCancel}>Back</Button>}
      </div>
    </>
  )
}

function parse(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return null
  }
}

function WordsAnswer({ id, label, confirm, placeholder, onAnswer, onCancel }: AnswerProps & { label: string, confirm: string, placeholder: string, onCancel?: () => void }) {
  const [text, setText] = useDraft(draftName(id, label), '')
  return (
    <>
      <TextArea aria-label={label} value={text} placeholder={placeholder} autoFocus onChange={(event) => setText(event.target.value)} />
      <div className={styles['actions']}>
        <Button kind="primary" onClick={() => onAnswer(text)}><Check aria-hidden />{confirm}</Button>
        {onCancel && <Button onClick={onCancel}>Back</Button>}
      </div>
    </>
  )
}

/** A proposed action: take it, change it, say something instead, or let it be. */
export function ActionForm({ id, request, allow, onAnswer }: AnswerProps & Pick<Extract<PayloadShape, { kind: 'action' }>, 'request' | 'allow'>) {
  const [mode, setMode] = useState<'choose' | 'edit' | 'respond'>('choose')
  const back = () => setMode('choose')
  if (mode === 'edit') return <JsonAnswer id={id} showsChanges initial={request.args} label={`Arguments of ${request.action}`} confirm="Run with these" onAnswer={(args) => onAnswer(actionAnswer('edit', request, args))} onCancel={back} />
  if (mode === 'respond') return <WordsAnswer id={id} label="Response" confirm="Send response" placeholder="What the agent should hear instead" onAnswer={(text) => onAnswer(actionAnswer('response', request, text))} onCancel={back} />
  return (
    <>
      <Facts facts={request.args} />
      <div className={styles['actions']}>
        {allow.accept && <Button kind="primary" onClick={() => onAnswer(actionAnswer('accept', request, null))}><Check aria-hidden />Approve</Button>}
        {allow.edit && <Button onClick={() => setMode('edit')}><Pencil aria-hidden />Edit</Button>}
        {allow.respond && <Button onClick={() => setMode('respond')}><MessageSquare aria-hidden />Respond…</Button>}
        {allow.ignore && <Button onClick={() => onAnswer(actionAnswer('ignore', request, null))}><SkipForward aria-hidden />Ignore</Button>}
      </div>
    </>
  )
}

/** Several proposed actions: every one needs its decision before the answer goes. */
export function ReviewForm({ id, requests, onAnswer }: AnswerProps & { requests: readonly ActionRequest[] }) {
  const [decisions, setDecisions] = useState<readonly (Decision | null)[]>(() => requests.map(() => null))
  const [open, setOpen] = useState<{ readonly at: number, readonly mode: 'edit' | 'reject' } | null>(null)
  const decide = (i: number, decision: Decision) => {
    const next = decisions.with(i, decision)
    setOpen(null)
    setDecisions(next)
    if (next.every((known) => known !== null)) onAnswer(reviewAnswer(requests, next))
  }
  return requests.map((request, i) => (
    <div key={`${request.action}-${i}`}>
      <p><b>{request.action}</b> {decisions[i] && `· ${decisions[i].type}`}</p>
      {open?.at === i && open.mode === 'reject' ? <WordsAnswer id={draftName(id, String(i))} label="Reason" confirm="Reject" placeholder="Why not, for the agent to read" onAnswer={(reason) => decide(i, { type: 'reject', message: String(reason) || 'Rejected by the reviewer.' })} onCancel={() => setOpen(null)} />
        : open?.at === i ? <JsonAnswer id={draftName(id, String(i))} showsChanges initial={request.args} label={`Arguments of ${request.action}`} confirm="Use these" onAnswer={(args) => decide(i, { type: 'edit', args })} onCancel={() => setOpen(null)} />
        : (
          <>
            <Facts facts={request.args} />
            <div className={styles['actions']}>
              <Button kind="primary" onClick={() => decide(i, { type: 'approve' })}><Check aria-hidden />Approve</Button>
              <Button onClick={() => setOpen({ at: i, mode: 'edit' })}><Pencil aria-hidden />Edit</Button>
              <Button onClick={() => setOpen({ at: i, mode: 'reject' })}><X aria-hidden />Reject…</Button>
            </div>
          </>
        )}
    </div>
  ))
}

const KINDS = ['Yes / no', 'Text', 'Number', 'JSON'] as const
type Kind = (typeof KINDS)[number]

/** A question whose answer may be anything: the kind is chosen, so that true and "true" are never mixed up. */
export function FreeForm({ id, node, first, onAnswer }: AnswerProps & { node: string, first: Kind }) {
  const [kind, setKind] = useState<Kind>(first)
  const [number, setNumber] = useDraft(draftName(id, 'number'), '')
  const recent = recentAnswers(node)
  return (
    <>
      <div className={styles['kinds']} role="group" aria-label="Kind of answer">
        {KINDS.map((candidate) => <button key={candidate} type="button" className={styles['kind']} aria-pressed={kind === candidate} onClick={() => setKind(candidate)}>{candidate}</button>)}
      </div>
      {kind === 'Yes / no' && (
        <div className={styles['actions']}>
          <Button kind="primary" onClick={() => onAnswer(true)}><Check aria-hidden />Yes</Button>
          <Button onClick={() => onAnswer(false)}><X aria-hidden />No</Button>
        </div>
      )}
      {kind === 'Text' && <WordsAnswer id={id} label="Answer" confirm="Answer" placeholder="Your answer" onAnswer={onAnswer} />}
      {kind === 'Number' && (
        <div className={styles['actions']}>
          <TextInput aria-label="Answer as a number" inputMode="decimal" value={number} style={{ width: 120 }} onChange={(event) => setNumber(event.target.value)} />
          <Button kind="primary" disabled={number.trim() === '' || Number.isNaN(Number(number))} onClick={() => onAnswer(Number(number))}><Check aria-hidden />Answer</Button>
        </div>
      )}
      {kind === 'JSON' && <JsonAnswer id={id} initial={{}} label="Answer as JSON" confirm="Answer" onAnswer={onAnswer} />}
      {recent.length > 0 && (
        <div className={styles['recent']} role="group" aria-label="Answers given before">
          <span>Before</span>
          {recent.map((answer) => <button key={answer} type="button" title={`Answer ${answer} again`} onClick={() => onAnswer(JSON.parse(answer) as unknown)}>{answer}</button>)}
        </div>
      )}
    </>
  )
}
