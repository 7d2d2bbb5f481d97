import { ChevronDown, ChevronUp, Code, Play, SlidersHorizontal } from 'lucide-react'
import { readStored, writeStored } from '../../lib/local-storage.ts'
import { useEffect, useMemo, useState, type KeyboardEvent } from 'react'
import { useStudio } from '../../app-store.ts'
import { changedOptions, readOptions, writeOptions } from '../../lib/run-options.ts'
import { problemsOf, schemaFields } from '../../lib/schema-fields.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { CodeEditor } from '../../ui/code-editor.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { useReadiness } from '../run/index.ts'
import { inputNote } from './input-note.ts'
import { OptionsDialog } from './options-dialog.tsx'
import { RequestDialog } from './request-dialog.tsx'
import styles from './run-input.module.css'
import { SchemaForm } from './schema-form.tsx'

type Values = Readonly<Record<string, unknown>>
const RAW_KEY = 'superstep:raw-input'

const parse = (text: string): Values | null => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Values : null
  } catch {
    return null
  }
}

interface PanelProps { onSubmitReady(submit: () => void): void }

/** What was begun for a graph is there again when it is chosen again. */
const begun = new Map<string, { readonly value: Values, readonly text: string }>()

/** The input of the next run. Each graph has its own; assistants of one graph share it. */
export function RunInputPanel(props: PanelProps) {
  const graphId = useStudio((state) => state.assistants.items.find((assistant) => assistant.assistant_id === state.selection.assistantId)?.graph_id ?? '')
  return <InputCard key={graphId} graphId={graphId} {...props} />
}

/** A form, or the same value as JSON. `onSubmitReady` lets the toolbar and keys run it. */
function InputCard({ graphId, onSubmitReady }: PanelProps & { readonly graphId: string }) {
  const schemas = useStudio((state) => state.graph.schemas)
  const status = useStudio((state) => state.graph.status)
  const assistantId = useStudio((state) => state.selection.assistantId)
  const startRun = useStudio((state) => state.startRun)
  const readiness = useReadiness()
  const fields = useMemo(() => schemaFields(schemas?.input_schema), [schemas])
  const [value, setValue] = useState<Values>(begun.get(graphId)?.value ?? {})
  const [text, setText] = useState(begun.get(graphId)?.text ?? '{}')
  const [wantsRaw, setWantsRaw] = useState(() => readStored(RAW_KEY) === '1')
  // Out of the way while something runs or asks; where the person chose, that holds until then.
  const [chosen, setOpen] = useState<boolean | null>(null)
  const isOpen = chosen ?? readiness === 'ready'
  const [wasTried, setTried] = useState(false)
  const [isShowingRequest, setShowingRequest] = useState(false)
  const isRaw = wantsRaw || !fields
  const problems = fields && !isRaw ? problemsOf(fields, value) : {}
  const edited = isRaw ? parse(text) : value

  useEffect(() => void begun.set(graphId, { value, text }), [graphId, value, text])

  useEffect(() => setOpen(null), [readiness])

  // What is typed before there is a form goes on in it: schemas that are read from types take a moment.
  const onText = (next: string) => {
    setText(next)
    if (!fields) setValue((before) => parse(next) ?? before)
  }

  const setMode = (raw: boolean) => {
    writeStored(RAW_KEY, raw ? '1' : '0')
    if (raw) setText(JSON.stringify(value, null, 2))
    else setValue(parse(text) ?? value)
    setWantsRaw(raw)
  }
  const submit = () => {
    setTried(true)
    if (!edited || !assistantId || Object.keys(problems).length || readiness === 'busy') return setOpen(true)
    setTried(false)
    // What was said is said, once the server has it; figures and choices stay for the next run.
    void startRun({ input: edited }, () => setValue((before) => Object.fromEntries(Object.entries(before).filter(([key]) => fields?.find((field) => field.key === key)?.field.kind !== 'messages'))))
  }
  useEffect(() => onSubmitReady(submit))
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    submit()
  }
  const note = inputNote({ isDrawn: status === 'ready', hasFields: fields !== null, schemas, readiness })
  return (
    <section className={styles['card']} aria-label="Input" onKeyDown={onKeyDown}>
      <div className={styles['head']}>
        <h2>Input</h2>
        <span className={styles['note']} title={note}>{note}</span>
        <span className={styles['grow']} />
        {fields && (
          <div className={styles['seg']} role="group" aria-label="How to give the input">
            <button type="button" aria-pressed={!isRaw} onClick={() => setMode(false)}>Form</button>
            <button type="button" aria-pressed={isRaw} onClick={() => setMode(true)}>JSON</button>
          </div>
        )}
        <RunOptionsButton key={assistantId} assistantId={assistantId} />
        <IconButton label="What will be sent, also as code" small disabled={!edited || !assistantId} onClick={() => setShowingRequest(true)}><Code aria-hidden /></IconButton>
        <Button small kind={readiness === 'ready' ? 'primary' : undefined as never} disabled={readiness === 'busy' || !edited || !assistantId} onClick={submit}><Play aria-hidden />Submit<Kbd keys="Mod+Enter" /></Button>
        <IconButton label={isOpen ? 'Fold the input' : 'Show the input'} small aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>{isOpen ? <ChevronDown aria-hidden /> : <ChevronUp aria-hidden />}</IconButton>
      </div>
      {isShowingRequest && <RequestDialog input={edited} onClose={() => setShowingRequest(false)} />}
      {isOpen && (
        <div className={styles['body']}>
          {isRaw
            ? <CodeEditor value={text} onChange={onText} schema={schemas?.input_schema ?? undefined} ariaLabel="Input as JSON" minHeight={118} maxHeight={280} onSubmit={submit} />
            : <SchemaForm fields={fields} value={value} problems={wasTried ? problems : {}} onChange={setValue} />}
          {isRaw && !edited && <p className={styles['note']} role="alert">This is not a JSON object yet.</p>}
        </div>
      )}
    </section>
  )
}

function RunOptionsButton({ assistantId }: { assistantId: string | null }) {
  const [options, setOptions] = useState(() => readOptions(assistantId))
  const [isOpen, setOpen] = useState(false)
  const changed = changedOptions(options)
  return (
    <>
      <IconButton label={changed ? `Run options: ${changed} changed` : 'Run options'} small disabled={!assistantId} aria-pressed={changed > 0} onClick={() => setOpen(true)}><SlidersHorizontal aria-hidden /></IconButton>
      {isOpen && assistantId && (
        <OptionsDialog options={options} onClose={() => setOpen(false)} onSave={(next) => {
          writeOptions(assistantId, next)
          setOptions(next)
          setOpen(false)
        }} />
      )}
    </>
  )
}
