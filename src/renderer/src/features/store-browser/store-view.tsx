import type { Item } from '@langchain/langgraph-sdk'
import { Database, Plus } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { EmptyState, FailedState, LoadingState } from '../../ui/pane-state.tsx'
import { ItemEditor } from './item-editor.tsx'
import { ItemList } from './item-list.tsx'
import { NamespaceList } from './namespace-list.tsx'
import { pathKey } from './namespace-tree.ts'
import styles from './store-browser.module.css'
import { useStoreItems } from './use-store-items.ts'

export type Place = Pick<Item, 'namespace' | 'key'>
export const placeKey = ({ namespace, key }: Place): string => pathKey([...namespace, key])

/** What graphs remember across threads: namespaces, their items, and one of them to edit. */
export function StoreView() {
  const store = useStoreItems()
  const [chosen, setChosen] = useState<Place | 'new' | null>(null)
  const [drafts, setDrafts] = useState<Readonly<Record<string, string>>>({})
  const putDraft = (at: string, text: string | null) => setDrafts(({ [at]: _, ...others }) => text === null ? others : { ...others, [at]: text })
  if (store.status === 'loading') return <LoadingState label="Reading the store" />
  if (store.status === 'failed' && store.namespaces.length === 0)
    return <FailedState title="The store can't be read" detail={store.error} action={<Button onClick={() => void store.reload()}>Try again</Button>} />
  if (store.namespaces.length === 0 && store.items.length === 0 && chosen !== 'new') {
    return (
      <EmptyState icon={<Database aria-hidden />} title="Nothing remembered yet" action={<><Button kind="primary" onClick={() => setChosen('new')}><Plus aria-hidden />Add an item</Button><Button onClick={() => void store.reload()}>Look again</Button></>}>
        Graphs put items here with <code>store.put</code>; you can add one by hand.
      </EmptyState>
    )
  }
  const item = chosen && chosen !== 'new' ? store.items.find((candidate) => placeKey(candidate) === placeKey(chosen)) : undefined
  const at = item ? placeKey(item) : 'new'
  const open = (prefix: readonly string[]) => {
    setChosen(null)
    void store.open(prefix)
  }
  return (
    <div className={styles['frame']}>
      <div className={styles['view']}>
        <NamespaceList store={store} onOpen={open} />
        <ItemList store={store} chosen={item ?? null} onChoose={setChosen} onNew={() => setChosen('new')} />
        {chosen === 'new' || item
          ? (
            <ItemEditor
              key={at} item={item ?? null} prefix={store.prefix} draft={drafts[at]} onDraft={(text) => putDraft(at, text)} isTaken={(place) => store.items.some((candidate) => placeKey(candidate) === placeKey(place))}
              onSave={async (place, value) => {
                await store.put(place.namespace, place.key, value)
                putDraft(at, null)
                setChosen(place)
              }}
              onDelete={(place) => store.remove(place.namespace, place.key)} onClose={() => setChosen(null)}
            />
            )
          : <div className={styles['editor']}><EmptyState title="No item chosen">Choose one to see and edit its value.</EmptyState></div>}
      </div>
    </div>
  )
}
