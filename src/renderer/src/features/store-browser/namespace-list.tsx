import { ChevronDown, ChevronRight, RefreshCw } from 'lucide-react'
import { useMemo, useState } from 'react'
import { IconButton } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { namespaceTree, pathKey, visibleRows } from './namespace-tree.ts'
import styles from './store-browser.module.css'
import type { StoreItems } from './use-store-items.ts'

interface NamespaceListProps { readonly store: StoreItems, onOpen(prefix: readonly string[]): void }

/** Where items are kept. Counts are known of those that were opened. */
export function NamespaceList({ store, onOpen }: NamespaceListProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const rows = useMemo(() => visibleRows(namespaceTree(store.namespaces), closed), [store.namespaces, closed])
  const current = pathKey(store.prefix)
  const toggle = (key: string) => setClosed((known) => {
    const next = new Set(known)
    if (!next.delete(key)) next.add(key)
    return next
  })
  return (
    <nav className={styles['panel']} aria-label="Namespaces">
      <div className={styles['head']}>
        <h2>Memory</h2>
        <span className={styles['grow']} />
        <IconButton label="Read again" onClick={() => void store.reload()}><RefreshCw aria-hidden /></IconButton>
      </div>
      {store.status === 'failed' && <p className={styles['failed']} role="alert">{store.error}</p>}
      <ul className={styles['list']}>
        <li className={classNames(styles['space'], current === '[]' && styles['chosen'])}>
          <span className={styles['toggle']} />
          <button type="button" className={styles['open']} aria-current={current === '[]' ? 'true' : undefined} onClick={() => onOpen([])}>Everything</button>
          {store.counts['[]'] !== undefined && <span className={styles['count']}>{store.counts['[]']}</span>}
        </li>
        {rows.map(({ node, depth, isOpen }) => {
          const key = pathKey(node.path)
          return (
            <li key={key} className={classNames(styles['space'], key === current && styles['chosen'])} style={{ paddingLeft: 4 + depth * 14 }}>
              {node.children.length > 0
                ? <button type="button" className={styles['toggle']} aria-expanded={isOpen} aria-label={`${isOpen ? 'Close' : 'Open'} ${node.path.join(' / ')}`} onClick={() => toggle(key)}>{isOpen ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}</button>
                : <span className={styles['toggle']} />}
              <button type="button" className={styles['open']} title={node.path.join(' / ')} aria-current={key === current ? 'true' : undefined} onClick={() => onOpen(node.path)}>{node.label}</button>
              {store.counts[key] !== undefined && <span className={styles['count']}>{store.counts[key]}</span>}
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
