import type { ProtocolEvent } from './protocol-event.ts'

/** What a subscription asks for; events up to `since` are known to it. */
export interface ProtocolFilter {
  readonly channels: readonly string[]
  readonly namespaces?: readonly (readonly string[])[] | null
  /** Levels below the prefix. */
  readonly depth?: number | null
  readonly since?: number | null
}

/** Whether a subscription gets an event (§2.8). */
export function isSubscribed(filter: ProtocolFilter, event: Pick<ProtocolEvent, 'seq' | 'channel' | 'namespace'>): boolean {
  if (event.seq <= (filter.since ?? -1)) return false
  const { channel, namespace } = event
  if (!filter.channels.includes(channel) && !(channel.startsWith('custom:') && filter.channels.includes('custom'))) return false
  if (!filter.namespaces?.length) return true
  return filter.namespaces.some((prefix) => isBelow(namespace, prefix) && namespace.length - prefix.length <= (filter.depth ?? Infinity))
}

/** A segment is `node:task`; a prefix that names no task means all of the node's. */
function isBelow(namespace: readonly string[], prefix: readonly string[]): boolean {
  return prefix.length <= namespace.length
    && prefix.every((segment, i) => namespace[i] === segment || !segment.includes(':') && namespace[i]!.split(':', 1)[0] === segment)
}
