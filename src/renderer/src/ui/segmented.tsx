import styles from './segmented.module.css'

export interface Segment<T extends string> { readonly id: T, readonly title: string, readonly disabled?: boolean, readonly hint?: string }

interface SegmentedProps<T extends string> { readonly label: string, readonly segments: readonly Segment<T>[], readonly value: T, onChange(id: T): void }

/** One of a few, side by side. */
export function Segmented<T extends string>({ label, segments, value, onChange }: SegmentedProps<T>) {
  return (
    <fieldset aria-label={label} className={styles['segments']}>
      {segments.map(({ id, title, disabled, hint }) => (
        <button key={id} type="button" aria-pressed={id === value} disabled={disabled} title={hint} onClick={() => onChange(id)}>{title}</button>
      ))}
    </fieldset>
  )
}
