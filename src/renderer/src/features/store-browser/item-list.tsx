import type { Item } from '@langchain/langgraph-sdk'
import { Plus, Search } from 'lucide-react'
import { useMemo, useState } from 'react'
import { formatAgo } from '../../lib/format-time.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { EmptyState, LoadingState } from '../../ui/pane-state.tsx'
import { useNow } from '../../ui/use-now.ts'
import { preview } from './namespace-tree.ts'
import styles from './store-browser.module.css'
import type { StoreItems } from './use-store-items.ts'

interface ItemListProps { readonly store: StoreItems, readonly chosen: Item | null, onChoose(item: Item): void, onNew(): void }

/** The items of the opened namespace and of those below it. */
export function ItemList({ store, chosen, onChoose, onNew }: ItemListProps) {
  const [wanted, setWanted] = useState('')
  const shown = useMemo(() => {
    const text = wanted.trim().toLowerCase()
    return text ? store.items.filter((item) => `${item.namespace.join('/')}/${item.key} ${JSON.stringify(item.value)}`.toLowerCase().includes(text)) : store.items
  }, [store.items, wanted])
  return (
    <section className={styles['items']} aria-label="Items">
      <div className={styles['head']}>
        <h2 className={styles['title']} title={store.prefix.join(' / ')}>{store.prefix.length ? store.prefix.join(' / ') : 'Everything'}</h2>
        <span className={styles['count']}>{store.isReading ? '' : store.isCut ? `first ${store.items.length}` : store.items.length}</span>
        <span className={styles['grow']} />
        <IconButton label="New item" onClick={onNew}><Plus aria-hidden /></IconButton>
      </div>
      <label className={styles['find']}>
        <Search aria-hidden />
        <input type="search" placeholder="Filter by key or value" aria-label="Filter items" value={wanted} onChange={(event) => setWanted(event.target.value)} />
      </label>
      {store.isReading ? <LoadingState label="Reading items" />
        : shown.length > 0 ? <Rows items={shown} prefix={store.prefix} chosen={chosen} onChoose={onChoose} />
        : store.items.length > 0 ? <EmptyState title="Nothing matches" action={<Button onClick={() => setWanted('')}>Show all items</Button>}>No key or value here has “{wanted}” in it.</EmptyState>
        : <EmptyState title="No items here" action={<Button onClick={onNew}><Plus aria-hidden />Add an item</Button>} />}
    </section>
  )
}

interface RowsProps { readonly items: readonly Item[], readonly prefix: readonly string[], readonly chosen: Item | null, onChoose(item: Item): void }

function Rows({ items, prefix, chosen, onChoose }: RowsProps) {
  const now = useNow()
  return (
    <ul className={styles['list']}>
      {items.map((item) => (
        <li key={JSON.stringify([item.namespace, item.key])} className={styles['row']}>
          <button type="button" className={classNames(styles['item'], item === chosen && styles['chosen'])} aria-current={item === chosen ? 'true' : undefined} title={`${item.namespace.join(' / ')}\n${item.key}`} onClick={() => onChoose(item)}>
            <span className={styles['line']}><b className={styles['key']}>{item.key}</b><span className={styles['count']}>{formatAgo(item.updatedAt, now)}</span></span>
            <span className={styles['below']}>{item.namespace.slice(prefix.length).join(' / ')}</span>
            <code className={styles['preview']}>{preview(item.value)}</code>
          </button>
        </li>
      ))}
    </ul>
  )
}
