import type { KeyboardEvent, ReactNode } from 'react'
import { Button } from './button.tsx'
import { classNames } from './class-names.ts'
import styles from './master-detail.module.css'
import { StatusDot, type DotStatus } from './status-dot.tsx'

export interface MasterRow {
  readonly id: string
  readonly dot: { readonly status: DotStatus, readonly label: string }
  readonly title: string
  readonly sub?: string
  readonly aside?: string
  readonly tip?: string
}

interface MasterProps {
  /** Of the list, for screen readers and as its heading. */
  readonly title: string
  readonly count?: string | number
  readonly tools?: ReactNode
  readonly filters?: ReactNode
  readonly problem?: string | null
  readonly rows: readonly MasterRow[]
  readonly chosen: string | null
  /** In the place of rows where there are none. */
  readonly empty: ReactNode
  readonly hasMore?: boolean
  readonly children: ReactNode
  onChoose(id: string): void
  onMore?(): void
}

/** A list, and beside it (below it, where it is narrow) what is chosen. `j`, `k` and the arrow keys go through the list. */
export function MasterDetail({ title, count, tools, filters, problem, rows, chosen, empty, hasMore, children, onChoose, onMore }: MasterProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key]
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    const next = rows[Math.min(rows.length - 1, Math.max(0, rows.findIndex(({ id }) => id === chosen) + step))]
    if (!next) return
    onChoose(next.id)
    event.currentTarget.querySelector<HTMLElement>(`[data-row="${CSS.escape(next.id)}"]`)?.focus()
  }
  return (
    <div className={styles['frame']}>
      <div className={styles['view']}>
        <section className={styles['master']} aria-label={title}>
          <div className={styles['head']}>
            <h2 className={styles['title']}>{title}</h2>
            {count !== undefined && <span className={styles['count']}>{count}</span>}
            <span className={styles['grow']} />
            {tools}
          </div>
          {filters && <div className={styles['filters']}>{filters}</div>}
          {problem && <p className={styles['problem']} role="alert">{problem}</p>}
          {rows.length === 0 ? empty : (
            <ul className={styles['list']} aria-label={title} onKeyDown={onKeyDown}>
              {rows.map((row) => <li key={row.id} className={styles['row']}><Row row={row} isChosen={row.id === chosen} onChoose={onChoose} /></li>)}
              {hasMore && <li className={styles['more']}><Button small onClick={onMore}>Show more</Button></li>}
            </ul>
          )}
        </section>
        <section className={styles['detail']} aria-label="Chosen">{children}</section>
      </div>
    </div>
  )
}

function Row({ row: { id, dot, title, sub, aside, tip }, isChosen, onChoose }: { row: MasterRow, isChosen: boolean, onChoose: (id: string) => void }) {
  return (
    <button type="button" data-row={id} className={classNames(styles['item'], isChosen && styles['chosen'])} aria-current={isChosen ? 'true' : undefined} title={tip} onClick={() => onChoose(id)}>
      <StatusDot {...dot} />
      <span className={styles['name']}>{title}</span>
      <span className={styles['aside']}>{aside}</span>
      {sub && <span className={styles['sub']}>{sub}</span>}
    </button>
  )
}

export function DetailHead({ title, tip, children }: { title: string, tip?: string, children?: ReactNode }) {
  return <div className={classNames(styles['head'], styles['detailHead'])}><h2 className={styles['title']} title={tip ?? title}>{title}</h2><span className={styles['grow']} />{children}</div>
}

export function DetailBody({ children }: { children: ReactNode }) {
  return <div className={styles['body']} tabIndex={0} role="region" aria-label="Details">{children}</div>
}

/** Names and values; what is null is left out. */
export function FactList({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return <dl className={styles['facts']}>{facts.map(([name, value]) => value === null || value === undefined || value === '' ? null : <div key={name} style={{ display: 'contents' }}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
}

export function JsonSection({ title, value }: { title: string, value: unknown }) {
  if (value === null || value === undefined) return null
  return (
    <section className={styles['section']} aria-label={title}>
      <h3>{title}</h3>
      <pre className={styles['json']} tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>
    </section>
  )
}
