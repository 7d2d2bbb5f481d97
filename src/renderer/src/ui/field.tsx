import type { InputHTMLAttributes, ReactNode, Ref, SelectHTMLAttributes, TextareaHTMLAttributes } from 'react'
import { classNames } from './class-names.ts'
import styles from './field.module.css'

interface FieldProps { readonly label: string, readonly htmlFor?: string, readonly hint?: string | undefined, readonly error?: string | null, readonly badge?: string | undefined, readonly aside?: ReactNode, readonly children: ReactNode }

export function Field({ label, htmlFor, hint, error, badge, aside, children }: FieldProps) {
  return (
    <div className={styles['field']}>
      <div className={styles['label']}>
        <label htmlFor={htmlFor}>{label}</label>
        {badge && <span className={styles['badge']}>{badge}</span>}
        <span style={{ flex: 1 }} />
        {aside}
      </div>
      {children}
      {hint && <p className={styles['hint']}>{hint}</p>}
      {error && <p className={styles['error']} role="alert">{error}</p>}
    </div>
  )
}

export function TextInput({ className, ...rest }: InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }) {
  return <input type="text" autoComplete="off" {...rest} className={classNames(styles['input'], className)} />
}

export function TextArea({ className, mono, ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement> & { mono?: boolean, ref?: Ref<HTMLTextAreaElement> }) {
  return <textarea rows={2} {...rest} className={classNames(styles['input'], mono && styles['mono'], className)} />
}

export function Select({ className, ...rest }: SelectHTMLAttributes<HTMLSelectElement>) {
  return <select {...rest} className={classNames(styles['input'], className)} />
}

export function Switch({ checked, label, onChange, id }: { checked: boolean, label: string, onChange: (checked: boolean) => void, id?: string }) {
  return <button type="button" role="switch" aria-checked={checked} aria-label={label} {...(id ? { id } : {})} className={styles['switch']} onClick={() => onChange(!checked)} />
}
