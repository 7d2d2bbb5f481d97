import { CircleAlert, CircleCheck } from 'lucide-react'
import type { Problem } from '../../ui/code-editor.tsx'
import { classNames } from '../../ui/class-names.ts'
import styles from './assistants-view.module.css'

/** The first thing to put right, and how many there are. */
export function ProblemsBar({ problems, against }: { problems: readonly Problem[], against: string | null }) {
  const [first] = problems
  return (
    <output className={styles['problems']}>
      {first ? <CircleAlert aria-hidden className={classNames(styles['sign'], first.isError ? styles['error'] : styles['warning'])} /> : <CircleCheck aria-hidden className={styles['sign']} />}
      <span className={styles['message']} title={first?.message}>{first?.message ?? 'No problems'}</span>
      {first && <span className={styles['where']}>{[first.line > 0 && `line ${first.line}`, against].filter(Boolean).join(' · ')}</span>}
      {!first && against && <span className={styles['where']}>checked against the {against}</span>}
      <span className={styles['grow']} />
      {problems.length > 1 && <span className={styles['where']}>{problems.length} problems</span>}
    </output>
  )
}
