import { hunksOf, type DiffLine } from '../lib/diff-lines.ts'
import { classNames } from './class-names.ts'
import styles from './diff-lines.module.css'

const SIGNS = { same: ' ', added: '+', removed: '−' } as const
const WORDS = { same: '', added: 'added: ', removed: 'removed: ' } as const

/** Lines that went and came, with some around them. */
export function DiffLines({ lines, label }: { lines: readonly DiffLine[], label: string }) {
  return (
    <section className={styles['diff']} aria-label={label}>
      {hunksOf(lines).map((hunk, i) => (
        <div key={i}>
          {hunk.skipped > 0 && <div className={styles['skipped']}>{hunk.skipped === 1 ? '1 line' : `${hunk.skipped} lines`} the same</div>}
          {hunk.lines.map((line, at) => (
            <div key={at} className={classNames(styles['line'], styles[line.kind])}>
              <span aria-hidden className={styles['sign']}>{SIGNS[line.kind]}</span>
              <span className="visually-hidden">{WORDS[line.kind]}</span>
              {line.text}
            </div>
          ))}
        </div>
      ))}
    </section>
  )
}
