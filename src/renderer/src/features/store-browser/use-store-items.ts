import type { Item } from '@langchain/langgraph-sdk'
import { useCallback, useEffect, useRef, useState } from 'react'
import { errorText } from '../../api/api-error.ts'
import { clientFor } from '../../api/client.ts'
import { studioStore, useStudio } from '../../app-store.ts'
import { pathKey } from './namespace-tree.ts'

const PAGE = 1000
const NOTHING: readonly Item[] = []

export interface StoreItems {
  readonly status: 'loading' | 'ready' | 'failed'
  readonly error: string | null
  readonly namespaces: readonly (readonly string[])[]
  /** Which part is looked at: a namespace and all below it. */
  readonly prefix: readonly string[]
  readonly items: readonly Item[]
  readonly isReading: boolean
  /** There are more than are shown. */
  readonly isCut: boolean
  /** Of the namespaces that were opened, by `pathKey`. */
  readonly counts: Readonly<Record<string, number>>
  open(prefix: readonly string[]): Promise<void>
  reload(): Promise<void>
  put(namespace: readonly string[], key: string, value: Record<string, unknown>): Promise<void>
  remove(namespace: readonly string[], key: string): Promise<void>
}

const client = () => clientFor(studioStore.getState().connection).store

async function readPart(prefix: readonly string[]): Promise<{ namespaces: string[][], items: Item[] }> {
  const [{ namespaces }, { items }] = await Promise.all([client().listNamespaces({ limit: PAGE }), client().searchItems([...prefix], { limit: PAGE })])
  return { namespaces, items: items.toSorted((a, b) => b.updatedAt.localeCompare(a.updatedAt)) }
}

/** What graphs put into the server's store, read when it is looked at. */
export function useStoreItems(): StoreItems {
  const url = useStudio((state) => state.connection.url)
  const isConnected = useStudio((state) => state.connection.status === 'ready' || state.connection.status === 'lost')
  const [tree, setTree] = useState<{ status: StoreItems['status'], error: string | null, namespaces: readonly string[][] }>({ status: 'loading', error: null, namespaces: [] })
  const [found, setFound] = useState<{ prefix: readonly string[], items: readonly Item[], isReading: boolean }>({ prefix: [], items: NOTHING, isReading: true })
  const [counts, setCounts] = useState<Readonly<Record<string, number>>>({})
  const reads = useRef(0)

  const read = useCallback((prefix: readonly string[]): Promise<void> => {
    const own = ++reads.current
    return readPart(prefix).then(({ namespaces, items }) => {
      if (own !== reads.current) return
      setTree({ status: 'ready', error: null, namespaces })
      setFound({ prefix, items, isReading: false })
      setCounts((known) => ({ ...known, [pathKey(prefix)]: items.length }))
    }, (error: unknown) => {
      if (own !== reads.current) return
      setTree((known) => ({ ...known, status: 'failed', error: errorText(error) }))
      setFound((known) => ({ ...known, isReading: false }))
    })
  }, [])
  useEffect(() => {
    if (isConnected && url) void read([])
  }, [url, isConnected, read])

  const { prefix } = found
  const change = async (act: Promise<void>) => {
    await act
    setCounts({})
    await read(prefix)
  }
  return {
    ...tree, ...found, counts, isCut: found.items.length >= PAGE,
    open: (next) => {
      setFound({ prefix: next, items: NOTHING, isReading: true })
      return read(next)
    },
    reload: () => {
      setCounts({})
      return read(prefix)
    },
    put: (namespace, key, value) => change(client().putItem([...namespace], key, value)),
    remove: (namespace, key) => change(client().deleteItem([...namespace], key)),
  }
}
