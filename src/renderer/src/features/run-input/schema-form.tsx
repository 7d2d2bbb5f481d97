import { Plus, Trash2 } from 'lucide-react'
import { useId, useState } from 'react'
import type { FieldKind, SchemaField } from '../../lib/schema-fields.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { CodeEditor } from '../../ui/code-editor.tsx'
import { Field, Select, Switch, TextArea, TextInput } from '../../ui/field.tsx'
import { MessagesField } from './messages-field.tsx'
import styles from './run-input.module.css'

type Values = Readonly<Record<string, unknown>>

interface FormProps { readonly fields: readonly SchemaField[], readonly value: Values, readonly problems?: Readonly<Record<string, string>>, onChange(value: Values): void }

const without = (value: Values, key: string): Values => Object.fromEntries(Object.entries(value).filter(([other]) => other !== key))

/** Figures, choices and switches stand side by side. */
const isWide = ({ kind }: FieldKind): boolean => kind !== 'number' && kind !== 'choice' && kind !== 'switch'

/** A form from a JSON Schema. Only keys that were touched are in the value: a state of many keys is sent what was meant. */
export function SchemaForm({ fields, value, problems, onChange }: FormProps) {
  return (
    <div className={styles['grid']}>
      {fields.map((field) => (
        <div key={field.key} className={isWide(field.field) ? styles['wide'] : undefined}><FieldRow field={field} value={value[field.key]} error={problems?.[field.key] ?? null} onChange={(next) => onChange(next === undefined ? without(value, field.key) : { ...value, [field.key]: next })} /></div>
      ))}
    </div>
  )
}

function FieldRow({ field, value, error, onChange }: { field: SchemaField, value: unknown, error: string | null, onChange: (value: unknown) => void }) {
  const id = useId()
  const shown = value === undefined ? field.initial : value
  return (
    <Field
      label={field.title} htmlFor={id} hint={field.description ?? undefined} error={error} badge={field.isRequired ? 'required' : undefined}
      aside={value !== undefined && field.field.kind !== 'messages' ? <Button small kind="plain" onClick={() => onChange(undefined)} aria-label={`Leave ${field.title} out`}>Leave out</Button> : undefined}
    >
      <Input id={id} name={field.title} kind={field.field} value={shown} onChange={onChange} />
    </Field>
  )
}

interface InputProps { readonly id: string, readonly name: string, readonly kind: FieldKind, readonly value: unknown, onChange(value: unknown): void }

function Input(props: InputProps) {
  const { id, name, kind, value, onChange } = props
  if (kind.kind === 'messages') return <MessagesField value={value} onChange={onChange} />
  if (kind.kind === 'switch') return <Switch id={id} label={name} checked={value === true} onChange={onChange} />
  if (kind.kind === 'choice') return <ChoiceInput id={id} options={kind.options} value={value} onChange={onChange} />
  if (kind.kind === 'number') return <NumberInput {...props} isInteger={kind.isInteger} />
  if (kind.kind === 'object') return <div className={styles['nested']}><SchemaForm fields={kind.fields} value={(value ?? {}) as Values} onChange={onChange} /></div>
  if (kind.kind === 'list') return <ListInput name={name} item={kind.item} value={value} onChange={onChange} />
  if (kind.kind === 'json') return <JsonInput name={name} schema={kind.schema} value={value} onChange={onChange} />
  const text = typeof value === 'string' ? value : ''
  return kind.isLong ? <TextArea id={id} value={text} onChange={(event) => onChange(event.target.value)} /> : <TextInput id={id} value={text} onChange={(event) => onChange(event.target.value)} />
}

function ChoiceInput({ id, options, value, onChange }: { id: string, options: readonly unknown[], value: unknown, onChange: (value: unknown) => void }) {
  const at = options.findIndex((option) => JSON.stringify(option) === JSON.stringify(value))
  return (
    <Select id={id} value={at} onChange={(event) => onChange(options[Number(event.target.value)])}>
      {at < 0 && <option value={-1}>Choose…</option>}
      {options.map((option, i) => <option key={JSON.stringify(option)} value={i}>{typeof option === 'string' ? option : JSON.stringify(option)}</option>)}
    </Select>
  )
}

function NumberInput({ id, value, onChange, isInteger }: InputProps & { isInteger: boolean }) {
  const [text, setText] = useState(typeof value === 'number' ? String(value) : '')
  const [told, setTold] = useState(value)
  // Changed from outside (left out, another view): the text follows. What is being typed is left as it is.
  if (value !== told) {
    setTold(value)
    setText(typeof value === 'number' ? String(value) : '')
  }
  const type = (next: string) => {
    const number = Number(next)
    const read = next.trim() === '' || Number.isNaN(number) || (isInteger && !Number.isInteger(number)) ? undefined : number
    setText(next)
    setTold(read)
    onChange(read)
  }
  const isWrong = text.trim() !== '' && value === undefined
  return (
    <>
      <TextInput id={id} inputMode={isInteger ? 'numeric' : 'decimal'} value={text} aria-invalid={isWrong} style={{ maxWidth: 160 }} onChange={(event) => type(event.target.value)} />
      {isWrong && <span role="alert" className={styles['wrong']}>{isInteger ? 'Not a whole number: left out.' : 'Not a number: left out.'}</span>}
    </>
  )
}

function ListInput({ name, item, value, onChange }: { name: string, item: FieldKind, value: unknown, onChange: (value: unknown) => void }) {
  const items = Array.isArray(value) ? value as unknown[] : []
  const put = (next: unknown[]) => onChange(next.length ? next : undefined)
  return (
    <div className={styles['fields']}>
      {items.map((entry, i) => (
        <div key={i} className={styles['item']}>
          <Input id={`${name}-${i}`} name={`${name} ${i + 1}`} kind={item} value={entry} onChange={(next) => put(items.with(i, next))} />
          <IconButton label={`Remove ${name} ${i + 1}`} small onClick={() => put(items.toSpliced(i, 1))}><Trash2 aria-hidden /></IconButton>
        </div>
      ))}
      <div><Button small onClick={() => put([...items, firstOf(item)])}><Plus aria-hidden />Add</Button></div>
    </div>
  )
}

const firstOf = (kind: FieldKind): unknown => ({ text: '', number: 0, switch: false, object: {}, list: [], messages: [], choice: kind.kind === 'choice' ? kind.options[0] : null, json: null })[kind.kind]

function JsonInput({ name, schema, value, onChange }: { name: string, schema: unknown, value: unknown, onChange: (value: unknown) => void }) {
  const [text, setText] = useState(() => value === undefined ? '' : JSON.stringify(value, null, 2))
  const [told, setTold] = useState(value)
  if (value !== told) {
    setTold(value)
    setText(value === undefined ? '' : JSON.stringify(value, null, 2))
  }
  const tell = (next: unknown) => {
    setTold(next)
    onChange(next)
  }
  return (
    <CodeEditor value={text} schema={schema} ariaLabel={`${name} as JSON`} minHeight={58} maxHeight={220} onChange={(next) => {
      setText(next)
      if (next.trim() === '') return tell(undefined)
      try {
        tell(JSON.parse(next))
      } catch {
        // Half typed: the last whole value stays.
      }
    }} />
  )
}
