/** A message or a piece of one that streams in; chunks can be joined. */
interface StreamedMessage { readonly id?: string, concat?(next: unknown): StreamedMessage }

export interface NamedEvent { readonly event: string, readonly data: unknown }

export interface MessageEvents {
  /** A `messages` stream chunk: `[message or chunk, metadata]`. */
  message(payload: unknown, suffix: string): NamedEvent[]
  /** A state of the root graph: messages in it that were not told yet are complete. */
  state(values: unknown): NamedEvent[]
}

/**
 * The older `messages` mode: metadata once per message, then the message as accumulated so far with each
 * token, and each message once it is complete.
 */
export function createMessageEvents(): MessageEvents {
  const partial = new Map<string, StreamedMessage>()
  const complete = new Set<string>()
  const told = new Set<string>()

  const metadataOnce = (id: string, metadata: unknown, suffix: string): NamedEvent[] => {
    if (told.has(id)) return []
    told.add(id)
    return [{ event: `messages/metadata${suffix}`, data: { [id]: { metadata } } }]
  }

  return {
    message(payload, suffix) {
      const [message, metadata] = payload as [StreamedMessage, unknown]
      const { id } = message
      if (!id) return []
      const first = metadataOnce(id, metadata, suffix)
      if (!message.concat) {
        if (complete.has(id)) return []
        complete.add(id)
        return [...first, { event: `messages/complete${suffix}`, data: [message] }]
      }
      const soFar = partial.get(id)?.concat?.(message) ?? message
      partial.set(id, soFar)
      return [...first, { event: `messages/partial${suffix}`, data: [soFar] }]
    },
    state(values) {
      const messages = [readMessages(values)].flat() as (StreamedMessage | null | undefined)[]
      const fresh = messages.filter((message) => message?.id && !complete.has(message.id))
      for (const message of fresh) {
        complete.add(message!.id!)
        partial.delete(message!.id!)
      }
      return fresh.length > 0 ? [{ event: 'messages/complete', data: fresh }] : []
    },
  }
}

const readMessages = (values: unknown): unknown =>
  typeof values === 'object' && values !== null && 'messages' in values && !('lc_serializable' in values) ? values.messages : []
