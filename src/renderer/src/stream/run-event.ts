/** One frame of a run as the reducers see it. */
export interface RunEvent {
  /** Order of arrival, from 0: ids of servers are opaque, so this is what replay is judged by. */
  readonly seq: number
  /** When it came, in milliseconds since 1970. */
  readonly at: number
  /** Base name: `values`, `messages/partial` … */
  readonly event: string
  /** `node:task` segments from the root to the subgraph that emitted it; empty for the root. */
  readonly namespace: readonly string[]
  readonly data: unknown
}

/** Splits `updates|researcher:uuid|…` into its base name and namespace. */
export function decodeEvent(frame: { event: string, data: unknown }, seq: number, at: number): RunEvent {
  const [event = '', ...namespace] = frame.event.split('|')
  return { seq, at, event, namespace, data: frame.data }
}

/** `researcher:uuid` is the node `researcher`. */
export const nodeOfSegment = (segment: string): string => segment.split(':', 1)[0]!

/** The id that a drawn graph gives a node: its name, after the names of the subgraphs around it. */
export const nodePath = (namespace: readonly string[], node: string): string => [...namespace.map(nodeOfSegment), node].join(':')
