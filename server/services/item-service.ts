import type { FoundItem, Item, ItemDelete, ItemPut, ItemSearch, NamespaceQuery } from '../contract/item.ts'
import type { ItemMemory } from '../engine/item-memory.ts'

export interface ItemService {
  put(body: ItemPut): Promise<void>
  /** `refresh` as {@link ItemMemory.get} has it. */
  get(namespace: string[], key: string, refresh: boolean | null): Promise<Item | null>
  delete(body: ItemDelete): Promise<void>
  search(body: ItemSearch): Promise<{ items: FoundItem[] }>
  namespaces(body: NamespaceQuery): { namespaces: string[][] }
}

export function createItemService({ memory }: { memory: ItemMemory }): ItemService {
  return {
    put: (body) => memory.put([body]),
    get: (namespace, key, refresh) => memory.get({ namespace, key }, refresh),
    delete: ({ namespace, key }) => memory.put([{ namespace, key, value: null }]),
    search: async (body) => ({ items: await memory.search(body) }),
    namespaces: (body) => ({ namespaces: memory.namespaces(body) }),
  }
}
