import { useMemo } from 'react'
import { schemaFields, type JsonSchema } from '../../lib/schema-fields.ts'
import { CodeEditor, type Problem } from '../../ui/code-editor.tsx'
import { EmptyState } from '../../ui/pane-state.tsx'
import { SchemaForm } from '../run-input/index.ts'
import styles from './assistants-view.module.css'
import { parseObject, type Part } from './drafts.ts'
import { fieldProblems } from './form-problems.ts'

interface PartEditorProps {
  readonly part: Part
  readonly text: string
  readonly schema: JsonSchema | null
  readonly asForm: boolean
  readonly label: string
  onChange(text: string): void
  onProblems(problems: readonly Problem[]): void
  onSave(): void
}

/** One part's JSON, as text or by fields. */
export function PartEditor({ part, text, schema, asForm, label, onChange, onProblems, onSave }: PartEditorProps) {
  if (asForm) return <PartForm text={text} schema={schema} onChange={onChange} />
  return (
    <div className={styles['editor']}>
      <CodeEditor value={text} onChange={onChange} ariaLabel={`${part} of ${label} as JSON`} onProblems={onProblems} onSave={onSave} {...(schema ? { schema } : {})} />
    </div>
  )
}

function PartForm({ text, schema, onChange }: { text: string, schema: JsonSchema | null, onChange: (text: string) => void }) {
  const fields = useMemo(() => schemaFields(schema), [schema])
  const { value, problem } = parseObject(text)
  if (!fields) return <EmptyState title="No fields to show">The graph's schema names none. Write it as JSON.</EmptyState>
  if (value === null) return <EmptyState title="The JSON can't be read">{problem} Put it right as JSON first.</EmptyState>
  const named = new Set(fields.map(({ key }) => key))
  const others = Object.keys(value).filter((key) => !named.has(key))
  return (
    <div className={styles['form']}>
      <SchemaForm fields={fields} value={value} problems={fieldProblems(schema, text)} onChange={(next) => onChange(JSON.stringify(next, null, 2))} />
      {others.length > 0 && <p className={styles['note']}>Only in JSON, as the schema does not name them: {others.join(', ')}.</p>}
    </div>
  )
}
