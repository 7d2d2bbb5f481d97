import { classNames } from './class-names.ts'
import styles from './status-dot.module.css'

export type DotStatus = 'ok' | 'wait' | 'err' | 'busy' | 'off'

/** Colour is never the only sign: the label is read, and text stands beside it. */
export function StatusDot({ status, label }: { status: DotStatus, label: string }) {
  return <span role="img" aria-label={label} title={label} className={classNames(styles['dot'], status !== 'off' && styles[status])} />
}
