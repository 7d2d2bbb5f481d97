import { lazy, Suspense } from 'react'
import { classNames } from './class-names.ts'
import styles from './code-editor.module.css'

export interface Problem { readonly line: number, readonly message: string, readonly isError: boolean }

export interface CodeEditorProps {
  readonly value: string
  readonly onChange?: (value: string) => void
  /** A JSON Schema: completion, hover texts, problems. */
  readonly schema?: unknown
  readonly readOnly?: boolean
  readonly ariaLabel: string
  /** Pixels; grows with its text up to `maxHeight`. Without it the editor fills its parent. */
  readonly minHeight?: number
  readonly maxHeight?: number
  readonly onProblems?: (problems: readonly Problem[]) => void
  /** Ctrl or Command with Enter. */
  readonly onSubmit?: () => void
  /** Ctrl or Command with S. */
  readonly onSave?: () => void
}

const MonacoEditor = lazy(() => import('./monaco-editor.tsx').then((module) => ({ default: module.MonacoEditor })))

/** JSON in Monaco, loaded when the first one is shown; until then the text can be read. */
export function CodeEditor(props: CodeEditorProps) {
  const height = props.minHeight === undefined ? undefined : Math.min(Math.max(props.minHeight, props.value.split('\n').length * 20 + 18), props.maxHeight ?? 420)
  return (
    <div className={classNames(styles['frame'], height === undefined && styles['fill'])} {...(height === undefined ? {} : { style: { height } })}>
      <Suspense fallback={<textarea className={styles['fallback']} readOnly value={props.value.slice(0, 20_000)} aria-label={props.ariaLabel} />}>
        <MonacoEditor {...props} />
      </Suspense>
    </div>
  )
}
