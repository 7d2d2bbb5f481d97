import type { GraphSchema } from '@langchain/langgraph-sdk'
import { sameJson } from '../../lib/diff-keys.ts'
import { schemaFields, type FieldKind, type SchemaField } from '../../lib/schema-fields.ts'
import { EmptyState } from '../../ui/pane-state.tsx'
import styles from './versions-panel.module.css'

const WORDS: Readonly<Record<FieldKind['kind'], string>> = { messages: 'messages', text: 'string', number: 'number', switch: 'boolean', choice: 'one of', object: 'object', list: 'list', json: 'JSON' }

function typeText(field: FieldKind): string {
  if (field.kind === 'number') return [field.isInteger ? 'integer' : 'number', boundsText(field.minimum, field.maximum)].filter(Boolean).join(' ')
  if (field.kind === 'choice') return field.options.map((option) => JSON.stringify(option)).join(' | ')
  if (field.kind === 'list') return `list of ${typeText(field.item)}`
  return WORDS[field.kind]
}

function boundsText(minimum: number | null, maximum: number | null): string {
  if (minimum !== null && maximum !== null) return `${minimum} to ${maximum}`
  return minimum !== null ? `from ${minimum}` : maximum !== null ? `to ${maximum}` : ''
}

/** What the graph expects of an assistant, in its own words. */
export function SchemaPanel({ graphId, schemas }: { graphId: string, schemas: GraphSchema | null }) {
  const context = schemaFields(schemas?.context_schema)
  const config = sameJson(schemas?.context_schema, schemas?.config_schema) ? null : schemaFields(schemas?.config_schema)
  if (!context && !config) return <EmptyState title={schemas ? 'No schema' : 'The schemas can\'t be read'}>{graphId} declares none, so that any JSON object is accepted.</EmptyState>
  return (
    <div className={styles['body']}>
      {context && <Fields title="Context" fields={context} />}
      {config && <Fields title="Config · configurable" fields={config} />}
    </div>
  )
}

function Fields({ title, fields }: { title: string, fields: readonly SchemaField[] }) {
  return (
    <section>
      <h3 className={styles['heading']}>{title}</h3>
      <dl className={styles['fields']}>
        {fields.map(({ key, field, description, initial, isRequired }) => (
          <div key={key} className={styles['field']}>
            <dt><code>{key}</code>{isRequired && <span className={styles['dim']}>required</span>}</dt>
            <dd className={styles['type']}>{typeText(field)}</dd>
            {description && <dd>{description}</dd>}
            {initial !== undefined && <dd className={styles['dim']}>Default <code>{JSON.stringify(initial)}</code></dd>}
          </div>
        ))}
      </dl>
    </section>
  )
}
