import type { Item, FoundItem, ItemIndex, ItemSearch, NamespaceQuery } from '../contract/item.ts'
import type { JsonObject } from '../contract/common.ts'
import { putProblem } from '../domain/put-problem.ts'
import type { StoreConfig } from '../domain/store-config.ts'
import { PlatformError } from '../errors.ts'
import type { ItemPlace, ItemStore } from '../storage/storage.ts'
import type { Clock } from './clock.ts'
import type { GraphRuntime } from './graph-worker.ts'
import { createItemIndexer } from './item-index.ts'

/** `ttl` in minutes: absent means the default, null for ever. A null value removes the item. */
export interface MemoryPut extends ItemPlace { readonly namespace: string[], readonly value: JsonObject | null, readonly index?: ItemIndex | null, readonly ttl?: number | null }

/** Long-term memory, the same for requests and for graphs. */
export interface ItemMemory {
  /** All or none. Rejects with `invalid_request`, or with `embedding_failed` or `worker_unavailable` where what is put can't be indexed. */
  put(items: readonly MemoryPut[]): Promise<void>
  /** `refresh` gives the item its whole time again; by the configuration when it is not said. */
  get(at: ItemPlace, refresh: boolean | null): Promise<Item | null>
  search(query: ItemSearch): Promise<FoundItem[]>
  namespaces(query: NamespaceQuery): string[][]
  /** Removes items whose time is over, as long as `goOn` says so between the slices. */
  expire(goOn: () => boolean): Promise<void>
  /** Indexes what was put while another index, or none, was configured, or the embedding function failed; as long as `goOn` says so. */
  catchUp(goOn: () => boolean): Promise<void>
}

interface Parts { readonly items: ItemStore, readonly runtime: Pick<GraphRuntime, 'embed'>, readonly clock: Clock, readonly config: StoreConfig, readonly tell: (text: string) => void }

export function createItemMemory({ items, runtime, clock, config, tell }: Parts): ItemMemory {
  const indexer = config.index && createItemIndexer({ items, runtime, index: config.index, tell })

  async function touch(found: readonly ItemPlace[], refresh: boolean | null | undefined): Promise<void> {
    if (!(refresh ?? config.refreshOnRead)) return
    // What was read is answered, also where its time can't be written (a full disk).
    await items.touch(found, clock.now()).catch((error: unknown) => tell(`The time of items that were read can't be renewed: ${(error as Error).message}`))
  }

  return {
    put: async (puts) => {
      puts.forEach(requireUsable)
      const kept = puts.flatMap(({ value, index }) => value === null ? [] : { value, index: index ?? null })
      const vectors = indexer ? (await indexer.vectorsOf(kept)).values() : null
      const writes = puts.map(({ namespace, key, value, index = null, ttl = config.defaultTtl }) =>
        ({ namespace, key, value, index, ttl, vectors: value === null ? null : vectors?.next().value ?? null }))
      await items.put(writes, clock.now())
    },
    get: async (at, refresh) => {
      const item = items.get(at, clock.now())
      if (item) await touch([item], refresh)
      return item
    },
    search: async ({ query, refresh_ttl, ...lookup }) => {
      const found = await items.search({ ...lookup, query: query && indexer ? await indexer.query(query) : null }, clock.now())
      await touch(found, refresh_ttl)
      return found
    },
    namespaces: (query) => items.namespaces(query, clock.now()),
    expire: async (goOn) => {
      while (goOn() && await items.expire(clock.now()));
    },
    catchUp: async (goOn) => indexer?.catchUp(goOn),
  }
}

/** Removing what could not be put is no fault: there is nothing. */
function requireUsable(put: MemoryPut): void {
  const problem = put.value === null ? null : putProblem(put)
  if (problem) throw new PlatformError('invalid_request', problem)
}
