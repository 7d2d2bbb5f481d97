import { Check, MessageSquare, Pencil, SkipForward, X } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { CodeEditor } from '../../ui/code-editor.tsx'
import { TextArea, TextInput } from '../../ui/field.tsx'
import styles from './interrupts.module.css'
import { actionAnswer, reviewAnswer, type ActionRequest, type Decision, type PayloadShape } from './payload-shape.ts'

export interface AnswerProps { readonly onAnswer: (value: unknown) => void }

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
export function JsonAnswer({ initial, label, confirm, onAnswer, onCancel }: AnswerProps & { initial: unknown, label: string, confirm: string, onCancel?: () => void }) {
  const [text, setText] = useState(() => JSON.stringify(initial ?? null, null, 2))
  const parsed = parse(text)
  return (
    <>
      <CodeEditor value={text} onChange={setText} ariaLabel={label} minHeight={110} onSubmit={() => parsed && onAnswer(parsed.value)} />
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

function WordsAnswer({ label, confirm, placeholder, onAnswer, onCancel }: AnswerProps & { label: string, confirm: string, placeholder: string, onCancel?: () => void }) {
  const [text, setText] = useState('')
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
export function ActionForm({ request, allow, onAnswer }: AnswerProps & Pick<Extract<PayloadShape, { kind: 'action' }>, 'request' | 'allow'>) {
  const [mode, setMode] = useState<'choose' | 'edit' | 'respond'>('choose')
  const back = () => setMode('choose')
  if (mode === 'edit') return <JsonAnswer initial={request.args} label={`Arguments of ${request.action}`} confirm="Run with these" onAnswer={(args) => onAnswer(actionAnswer('edit', request, args))} onCancel={back} />
  if (mode === 'respond') return <WordsAnswer label="Response" confirm="Send response" placeholder="What the agent should hear instead" onAnswer={(text) => onAnswer(actionAnswer('response', request, text))} onCancel={back} />
  return (
    <>
      <Facts facts={request.args} />
      <div className={styles['actions']}>
        {allow.accept && <Button kind="primary" onClick={() => onAnswer(actionAnswer('accept', request, null))}><Check aria-hidden />Approve</Button>}
        {allow.edit && <Button onClick={() => setMode('edit')}><Pencil aria-hidden />Edit arguments</Button>}
        {allow.respond && <Button onClick={() => setMode('respond')}><MessageSquare aria-hidden />Respond…</Button>}
        {allow.ignore && <Button onClick={() => onAnswer(actionAnswer('ignore', request, null))}><SkipForward aria-hidden />Ignore</Button>}
      </div>
    </>
  )
}

/** Several proposed actions: every one needs its decision before the answer goes. */
export function ReviewForm({ requests, onAnswer }: AnswerProps & { requests: readonly ActionRequest[] }) {
  const [decisions, setDecisions] = useState<readonly (Decision | null)[]>(() => requests.map(() => null))
  const [editing, setEditing] = useState<number | null>(null)
  const decide = (i: number, decision: Decision) => {
    const next = decisions.with(i, decision)
    setEditing(null)
    setDecisions(next)
    if (next.every((known) => known !== null)) onAnswer(reviewAnswer(requests, next))
  }
  return requests.map((request, i) => (
    <div key={`${request.action}-${i}`}>
      <p><b>{request.action}</b> {decisions[i] && `· ${decisions[i].type}`}</p>
      {editing === i
        ? <JsonAnswer initial={request.args} label={`Arguments of ${request.action}`} confirm="Use these" onAnswer={(args) => decide(i, { type: 'edit', args })} onCancel={() => setEditing(null)} />
        : (
          <>
            <Facts facts={request.args} />
            <div className={styles['actions']}>
              <Button kind="primary" onClick={() => decide(i, { type: 'approve' })}><Check aria-hidden />Approve</Button>
              <Button onClick={() => setEditing(i)}><Pencil aria-hidden />Edit arguments</Button>
              <Button onClick={() => decide(i, { type: 'reject', message: 'Rejected by the reviewer.' })}><X aria-hidden />Reject</Button>
            </div>
          </>
        )}
    </div>
  ))
}

const KINDS = ['Yes / no', 'Text', 'Number', 'JSON'] as const
type Kind = (typeof KINDS)[number]

/** A question whose answer may be anything: the kind is chosen, so that true and "true" are never mixed up. */
export function FreeForm({ first, onAnswer }: AnswerProps & { first: Kind }) {
  const [kind, setKind] = useState<Kind>(first)
  const [number, setNumber] = useState('')
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
      {kind === 'Text' && <WordsAnswer label="Answer" confirm="Answer" placeholder="Your answer" onAnswer={onAnswer} />}
      {kind === 'Number' && (
        <div className={styles['actions']}>
          <TextInput aria-label="Answer as a number" inputMode="decimal" value={number} style={{ width: 120 }} onChange={(event) => setNumber(event.target.value)} />
          <Button kind="primary" disabled={number.trim() === '' || Number.isNaN(Number(number))} onClick={() => onAnswer(Number(number))}><Check aria-hidden />Answer</Button>
        </div>
      )}
      {kind === 'JSON' && <JsonAnswer initial={{}} label="Answer as JSON" confirm="Answer" onAnswer={onAnswer} />}
    </>
  )
}
