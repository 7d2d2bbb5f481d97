import { useMemo, useState } from 'react'
import { errorText } from '../../api/api-error.ts'
import { clientFor } from '../../api/client.ts'
import { studioStore, useStudio } from '../../app-store.ts'
import { Button } from '../../ui/button.tsx'
import { CodeEditor } from '../../ui/code-editor.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field, Select, TextInput } from '../../ui/field.tsx'
import { useNow } from '../../ui/use-now.ts'
import type { ListedCron } from './crons-view.tsx'
import styles from './crons.module.css'
import { formatDue, readSchedule, zones } from './schedule.ts'

const EXAMPLES = [['0 9 * * 1-5', 'workdays at nine'], ['*/10 * * * *', 'every ten minutes'], ['0 0 1 * *', 'monthly']] as const

function parse(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return null
  }
}

/** A new cron, or another one's schedule and input. `onSaved` gets the id of a new one. */
export function CronDialog({ cron, onClose, onSaved }: { cron: ListedCron | null, onClose: () => void, onSaved: (cronId: string | null) => void }) {
  const assistants = useStudio((state) => state.assistants.items)
  const openThread = useStudio((state) => state.selection.threadId)
  const chosenAssistant = useStudio((state) => state.selection.assistantId)
  const now = useNow()
  const [schedule, setSchedule] = useState(cron?.schedule ?? '0 9 * * 1-5')
  const [timezone, setTimezone] = useState(cron ? cron.timezone ?? 'UTC' : new Intl.DateTimeFormat().resolvedOptions().timeZone)
  const [assistantId, setAssistant] = useState(cron?.assistant_id ?? chosenAssistant ?? assistants[0]?.assistant_id ?? '')
  const [where, setWhere] = useState<'delete' | 'keep' | 'thread'>(cron?.thread_id ? 'thread' : cron?.on_run_completed ?? 'keep')
  const [end, setEnd] = useState(cron?.end_time?.slice(0, 16) ?? '')
  const [input, setInput] = useState(() => JSON.stringify(cron?.payload['input'] ?? {}, null, 2))
  const [error, setError] = useState<string | null>(null)
  const reading = useMemo(() => readSchedule(schedule, timezone, now), [schedule, timezone, now])
  const parsed = parse(input)
  const problem = 'problem' in reading ? reading.problem : null

  const save = async () => {
    const { crons } = clientFor(studioStore.getState().connection)
    const payload = { schedule: schedule.trim(), timezone, input: (parsed?.value ?? {}) as Record<string, unknown>, ...(end ? { endTime: `${end}Z` } : {}) }
    try {
      if (cron) {
        await crons.update(cron.cron_id, { ...payload, ...(end ? {} : { endTime: null }), ...(where === 'thread' ? {} : { onRunCompleted: where }) })
        onSaved(null)
      } else {
        const made = where === 'thread' && openThread ? await crons.createForThread(openThread, assistantId, payload) : await crons.create(assistantId, { ...payload, onRunCompleted: where === 'thread' ? 'keep' : where })
        onSaved((made as { cron_id?: string }).cron_id ?? null)
      }
    } catch (failure) {
      setError(errorText(failure))
    }
  }
  return (
    <Dialog
      open wide title={cron ? 'Edit the cron' : 'New cron'} onClose={onClose}
      actions={<><Button onClick={onClose}>Cancel</Button><Button kind="primary" disabled={problem !== null || !parsed || !assistantId} onClick={() => void save()}>{cron ? 'Save' : 'Create'}</Button></>}
    >
      <div className={styles['form']}>
        <Field label="Schedule" htmlFor="cron-schedule" error={problem} hint={'words' in reading ? reading.words : undefined} aside={EXAMPLES.map(([text, title]) => <Button key={text} small kind="plain" onClick={() => setSchedule(text)}>{title}</Button>)}>
          <TextInput id="cron-schedule" className={styles['mono']} value={schedule} onChange={(event) => setSchedule(event.target.value)} />
        </Field>
        <div className={styles['pair']}>
          <Field label="Time zone" htmlFor="cron-zone"><Select id="cron-zone" value={timezone} onChange={(event) => setTimezone(event.target.value)}>{[...new Set([timezone, ...zones()])].map((zone) => <option key={zone}>{zone}</option>)}</Select></Field>
          <Field label="Ends (UTC)" htmlFor="cron-end" badge="optional"><TextInput id="cron-end" type="datetime-local" value={end} onChange={(event) => setEnd(event.target.value)} /></Field>
        </div>
        {'times' in reading && <p className={styles['next']} role="status">Next: {reading.times.map((time) => formatDue(time, timezone)).join(' · ')}</p>}
        <div className={styles['pair']}>
          <Field label="Assistant" htmlFor="cron-assistant"><Select id="cron-assistant" value={assistantId} disabled={cron !== null} onChange={(event) => setAssistant(event.target.value)}>{assistants.map((assistant) => <option key={assistant.assistant_id} value={assistant.assistant_id}>{assistant.name}</option>)}</Select></Field>
          <Field label="Runs on" htmlFor="cron-where">
            <Select id="cron-where" value={where} disabled={cron?.thread_id != null} onChange={(event) => setWhere(event.target.value as typeof where)}>
              <option value="keep">a new thread, which stays</option><option value="delete">a new thread, which goes</option>
              {(cron ? cron.thread_id !== null : openThread !== null) && <option value="thread">{cron ? 'its thread' : 'the open thread'}</option>}
            </Select>
          </Field>
        </div>
        <Field label="Input" error={parsed ? null : 'This is not JSON yet.'}><CodeEditor value={input} onChange={setInput} ariaLabel="Input of the runs" minHeight={110} maxHeight={220} /></Field>
        {error && <p className={styles['problem']} role="alert">{error}</p>}
      </div>
    </Dialog>
  )
}
