import { schemaFields } from '../../lib/schema-fields.ts'
import { isMessageList, readMessage } from '../../stream/read-message.ts'
import type { MessageView, RunView } from '../../stream/run-view.ts'

type Values = Readonly<Record<string, unknown>>

/** Keys that hold a conversation, or would: lists of messages in the state, and what the schemas say is one. */
export function messageKeys(values: Values, schemas: readonly unknown[]): readonly string[] {
  const inState = Object.entries(values).filter(([, value]) => isMessageList(value)).map(([key]) => key)
  const told = schemas.flatMap((schema) => schemaFields(schema) ?? []).filter(({ field }) => field.kind === 'messages').map(({ key }) => key)
  return [...new Set([...told, ...inState])]
}

/** The list under a key, read once for each list: what did not change is drawn as it was. */
export function conversation(values: Values, key: string): readonly MessageView[] {
  const list = values[key]
  return isMessageList(list) ? list.map((raw, i) => readMessage(raw, `${key}-${i}`)) : []
}

/** What the state has, and after it what a run says before its state has it. */
export function withLive(settled: readonly MessageView[], { messageIds, messages }: Pick<RunView, 'messageIds' | 'messages'>): readonly MessageView[] {
  const known = new Set(settled.map(({ id }) => id))
  return [...settled, ...messageIds.filter((id) => !known.has(id)).map((id) => messages[id]!)]
}

/**
 * The index of the first checkpoint of a branch that has it, by halving: messages are added and stay. Null when the last one does
 * not have it.
 */
export async function firstThat(count: number, has: (at: number) => Promise<boolean>): Promise<number | null> {
  if (count === 0 || !await has(count - 1)) return null
  let [low, high] = [0, count - 1]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (await has(middle)) high = middle
    else low = middle + 1
  }
  return low
}
