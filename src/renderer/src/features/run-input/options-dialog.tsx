import { useState } from 'react'
import { DEFAULT_OPTIONS, DURABILITIES, STRATEGIES, type RunOptions } from '../../lib/run-options.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field, Select, TextArea, TextInput } from '../../ui/field.tsx'
import styles from './run-input.module.css'

const STRATEGY_WORDS = { enqueue: 'wait until it is done', reject: 'refuse this run', interrupt: 'stop the other, keep what it did', rollback: 'stop the other, take back what it did' } as const
const DURABILITY_WORDS = { async: 'beside the next superstep', sync: 'before the next superstep', exit: 'only when the run ends' } as const

const whole = (text: string): number | null => /^\d+$/.test(text.trim()) && Number(text) > 0 ? Number(text) : null

function objectIn(text: string): Readonly<Record<string, unknown>> | null | undefined {
  if (text.trim() === '') return null
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : undefined
  } catch {
    return undefined
  }
}

/** How runs of an assistant are made. Kept for it, on this machine. */
export function OptionsDialog({ options, onSave, onClose }: { options: RunOptions, onSave: (options: RunOptions) => void, onClose: () => void }) {
  const [strategy, setStrategy] = useState(options.multitaskStrategy)
  const [durability, setDurability] = useState<NonNullable<RunOptions['durability']> | ''>(options.durability ?? '')
  const [limit, setLimit] = useState(options.recursionLimit === null ? '' : String(options.recursionLimit))
  const [after, setAfter] = useState(options.afterSeconds === null ? '' : String(options.afterSeconds))
  const [tags, setTags] = useState(options.tags.join(', '))
  const [metadata, setMetadata] = useState(options.metadata ? JSON.stringify(options.metadata, null, 2) : '')
  const [webhook, setWebhook] = useState(options.webhook ?? '')
  const about = objectIn(metadata)
  const limitProblem = limit.trim() !== '' && whole(limit) === null ? 'A whole number from 1.' : null
  const afterProblem = after.trim() !== '' && !(Number(after) > 0) ? 'A number of seconds.' : null
  const isWrong = about === undefined || limitProblem !== null || afterProblem !== null
  const save = () => onSave({
    multitaskStrategy: strategy, durability: durability === '' ? null : durability, recursionLimit: whole(limit), afterSeconds: Number(after) > 0 ? Number(after) : null,
    tags: tags.split(',').map((tag) => tag.trim()).filter(Boolean), metadata: about ?? null, webhook: webhook.trim() || null,
  })
  return (
    <Dialog
      open wide title="Run options" text="For runs that you start with this assistant." onClose={onClose}
      actions={<><Button onClick={() => onSave(DEFAULT_OPTIONS)}>Reset</Button><span style={{ flex: 1 }} /><Button onClick={onClose}>Cancel</Button><Button kind="primary" disabled={isWrong} onClick={save}>Save</Button></>}
    >
      <div className={styles['options']}>
        <Field label="When the thread is busy" htmlFor="option-strategy"><Select id="option-strategy" value={strategy} onChange={(event) => setStrategy(event.target.value as typeof strategy)}>{STRATEGIES.map((name) => <option key={name} value={name}>{name}: {STRATEGY_WORDS[name]}</option>)}</Select></Field>
        <Field label="Checkpoints are written" htmlFor="option-durability"><Select id="option-durability" value={durability} onChange={(event) => setDurability(event.target.value as typeof durability)}><option value="">as the server does</option>{DURABILITIES.map((name) => <option key={name} value={name}>{name}: {DURABILITY_WORDS[name]}</option>)}</Select></Field>
        <Field label="Recursion limit" htmlFor="option-limit" error={limitProblem} hint="Supersteps after which the run fails."><TextInput id="option-limit" inputMode="numeric" placeholder="the graph's own" value={limit} onChange={(event) => setLimit(event.target.value)} /></Field>
        <Field label="Begin after" htmlFor="option-after" error={afterProblem} hint="Seconds that the run waits in the queue."><TextInput id="option-after" inputMode="decimal" placeholder="at once" value={after} onChange={(event) => setAfter(event.target.value)} /></Field>
        <Field label="Tags" htmlFor="option-tags" hint="With commas between them; traces carry them."><TextInput id="option-tags" value={tags} onChange={(event) => setTags(event.target.value)} /></Field>
        <Field label="Webhook" htmlFor="option-webhook" hint="Told when the run ends."><TextInput id="option-webhook" placeholder="https://…" value={webhook} onChange={(event) => setWebhook(event.target.value)} /></Field>
        <div className={styles['wide']}><Field label="Metadata" htmlFor="option-metadata" error={about === undefined ? 'This is not a JSON object yet.' : null}><TextArea id="option-metadata" mono placeholder={'{"ticket": 42}'} value={metadata} onChange={(event) => setMetadata(event.target.value)} /></Field></div>
      </div>
    </Dialog>
  )
}
