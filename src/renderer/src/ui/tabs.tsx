import { Tabs as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import styles from './tabs.module.css'

export interface Tab { readonly id: string, readonly title: string, readonly count?: number, readonly content: ReactNode }

/** Tabs with the arrow keys; only the chosen one's content is mounted. `aside` stands at the right end of the row. */
export function Tabs({ tabs, value, onChange, label, aside }: { tabs: readonly Tab[], value: string, onChange: (id: string) => void, label: string, aside?: ReactNode }) {
  return (
    <Radix.Root value={value} onValueChange={onChange} className={styles['root']}>
      <Radix.List className={styles['list']} aria-label={label}>
        {tabs.map(({ id, title, count }) => (
          <Radix.Trigger key={id} value={id} className={styles['tab']}>
            {title}
            {count !== undefined && count > 0 && <span className={styles['count']}>{count}</span>}
          </Radix.Trigger>
        ))}
        <span className={styles['grow']} />
        {aside}
      </Radix.List>
      {tabs.map(({ id, content }) => (
        <Radix.Content key={id} value={id} className={styles['panel']}>{content}</Radix.Content>
      ))}
    </Radix.Root>
  )
}
