/** An event of streaming protocol v2 (§2.8). `data` is JSON; `channel` is what subscriptions name, a named custom event's `custom:<name>`. */
export interface ProtocolEvent {
  readonly seq: number
  readonly event_id: string
  readonly method: string
  readonly channel: string
  readonly namespace: readonly string[]
  readonly node: string | null
  readonly data: string
}

/** What of an event its place in the log does not say. */
export type NewProtocolEvent = Omit<ProtocolEvent, 'seq' | 'event_id' | 'channel' | 'node'> & { readonly channel?: string, readonly node?: string | null }

/** So many protocol events can one event of the log become, each with a number of its own; further ones differ by their ids only. */
export const SLOTS = 4096

/** Numbers the events that became of the log's event `logSeq`, from the `first` one on. The same log gives the same numbers at any time. */
export const numbered = (events: readonly NewProtocolEvent[], logSeq: number, first: number): ProtocolEvent[] => events.map((event, i) => {
  const slot = first + i
  const seq = logSeq * SLOTS + Math.min(slot, SLOTS - 1)
  return { ...event, seq, event_id: slot < SLOTS ? String(seq) : `${seq}.${slot}`, channel: event.channel ?? event.method, node: event.node ?? null }
})

/** The number in the log of the event that became the protocol event `seq`. */
export const logSeqOf = (seq: number): number => Math.floor(seq / SLOTS)

/** As it goes over the wire; `timestamp` is in milliseconds since 1970. */
export function frameOf({ seq, event_id, method, namespace, node, data }: ProtocolEvent, timestamp: number): string {
  const params = `"namespace":${JSON.stringify(namespace)},"timestamp":${timestamp},${node === null ? '' : `"node":${JSON.stringify(node)},`}"data":${data}`
  return `{"type":"event","event_id":"${event_id}","seq":${seq},"method":"${method}","params":{${params}}}`
}
