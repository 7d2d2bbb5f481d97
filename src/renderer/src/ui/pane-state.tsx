import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'
import styles from './pane-state.module.css'

/** Nothing here yet: what belongs here, why there is none, and the one next step. */
export function EmptyState({ icon, title, children, action }: { icon?: ReactNode, title: string, children?: ReactNode, action?: ReactNode }) {
  return (
    <div className={styles['state']}>
      {icon}
      <p className={styles['title']}>{title}</p>
      {children && <div className={styles['text']}>{children}</div>}
      {action && <div className={styles['actions']}>{action}</div>}
    </div>
  )
}

export function LoadingState({ label }: { label: string }) {
  return (
    <div className={styles['state']} role="status">
      <span className={styles['spinner']} />
      <p className={styles['text']}>{label}</p>
    </div>
  )
}

/** What failed, in words, and how to go on. */
export function FailedState({ title, children, detail, action }: { title: string, children?: ReactNode, detail?: string | null, action?: ReactNode }) {
  return (
    <div className={classNames(styles['state'], styles['failed'])} role="alert">
      <CircleAlert aria-hidden />
      <p className={styles['title']}>{title}</p>
      {children && <div className={styles['text']}>{children}</div>}
      {detail && <pre className={styles['detail']} tabIndex={0}>{detail}</pre>}
      {action && <div className={styles['actions']}>{action}</div>}
    </div>
  )
}
