import type { ItemSearch, NamespaceQuery } from '../contract/item.ts'
import type { StoreOp } from './graph-worker.ts'
import type { ItemMemory, MemoryPut } from './item-memory.ts'

interface At { namespace: string[], key: string, refresh_ttl?: boolean | null }

/**
 * What a graph asks of the store, in order: a read after a write of the same batch sees it. Writes that follow one another are
 * one write. One result each: an item, a list of items, a list of namespaces, or null.
 */
export async function doStoreOps(memory: ItemMemory, ops: readonly StoreOp[]): Promise<unknown[]> {
  const results: unknown[] = []
  let puts: MemoryPut[] = []
  const flush = async () => {
    if (puts.length) await memory.put(puts)
    puts = []
  }
  for (const { op, args } of ops) {
    if (op === 'put') puts.push(args as unknown as MemoryPut)
    else if (op === 'delete') puts.push({ ...args as unknown as At, value: null })
    else await flush()
    results.push(op === 'put' || op === 'delete' ? null : await read(memory, { op, args }))
  }
  await flush()
  return results
}

async function read(memory: ItemMemory, { op, args }: StoreOp): Promise<unknown> {
  if (op === 'get') return memory.get(args as unknown as At, (args as unknown as At).refresh_ttl ?? null)
  return op === 'search' ? memory.search(args as ItemSearch) : memory.namespaces(args as NamespaceQuery)
}
