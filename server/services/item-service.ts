import type { FoundItem, Item, ItemDelete, ItemPut, ItemSearch, NamespaceQuery } from '../contract/item.ts'
import { stamp, type Clock } from '../engine/clock.ts'
import { PlatformError } from '../errors.ts'
import type { Storage } from '../storage/storage.ts'

export interface ItemService {
  put(body: ItemPut): Promise<void>
  get(namespace: string[], key: string): Item | null
  delete(body: ItemDelete): Promise<void>
  search(body: ItemSearch): { items: FoundItem[] }
  namespaces(body: NamespaceQuery): { namespaces: string[][] }
}

export function createItemService({ storage: { items }, clock }: { storage: Storage, clock: Clock }): ItemService {
  return {
    put: async ({ namespace, key, value }) => {
      if (namespace[0] === 'langgraph') throw new PlatformError('invalid_request', 'namespace/0: the root label "langgraph" is reserved.')
      await items.put([{ namespace, key, value }], stamp(clock))
    },
    get: (namespace, key) => items.get(namespace, key),
    delete: ({ namespace, key }) => items.put([{ namespace, key, value: null }], stamp(clock)),
    search: (body) => ({ items: items.search(body) }),
    namespaces: (body) => ({ namespaces: items.namespaces(body) }),
  }
}
