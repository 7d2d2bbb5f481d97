import type { BaseStore } from '@langchain/langgraph'

export interface Memory {
  readonly name?: string
  readonly channel?: string
}

const namespaceOf = (userId: string): string[] => ['memories', userId]

export function factsIn(text: string): Memory {
  const name = /\bmy name is (\p{L}+)/iu.exec(text)?.[1]
  const channel = /\bI prefer (e-?mail|phone|chat)\b/i.exec(text)?.[1]?.toLowerCase()
  return { ...(name && { name }), ...(channel && { channel }) }
}

export async function remember(store: BaseStore, userId: string, facts: Memory): Promise<void> {
  for (const [key, value] of Object.entries(facts)) await store.put(namespaceOf(userId), key, { value })
}

export async function recall(store: BaseStore, userId: string): Promise<Memory> {
  const items = await store.search(namespaceOf(userId))
  return Object.fromEntries(items.map(({ key, value }) => [key, String(value['value'])]))
}
