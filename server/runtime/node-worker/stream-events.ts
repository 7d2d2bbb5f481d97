import { checkpointPayload, debugPayload, taskPayload } from './debug-payloads.ts'
import { createMessageEvents, type NamedEvent } from './message-events.ts'

/** What LangGraph yields with several modes and subgraphs: where, in which mode, what. */
export type StreamChunk = readonly [namespace: readonly string[], mode: string, payload: unknown]

interface Options { readonly modes: readonly string[], readonly includeSubgraphs: boolean }

export type ChunkEvents = (chunk: StreamChunk) => NamedEvent[]

/** LangGraph writes these to the root's stream from any depth, whether or not subgraphs are streamed. */
const FROM_ANY_DEPTH = new Set(['messages', 'custom', 'tools'])

/** Their namespace is that of the node they come from; the graph is one level up. */
const TOLD_BY_NODE = new Set(['messages', 'tools'])

const PAYLOADS: Readonly<Record<string, (payload: unknown) => unknown>> = { debug: debugPayload, checkpoints: checkpointPayload, tasks: taskPayload }

/** The modes to ask LangGraph for, given those that a client asked for. `describing` is always among them. */
export function libraryModes(requested: readonly string[], describing: string): string[] {
  const modes = new Set<string>([describing])
  for (const mode of requested) {
    if (mode === 'messages-tuple') modes.add('messages')
    else if (mode === 'messages') modes.add('messages').add('values')
    else if (mode !== 'events') modes.add(mode)
  }
  return [...modes]
}

/** Turns LangGraph's chunks into the events that were asked for (wire reference §2.3, §2.4). */
export function createChunkEvents({ modes, includeSubgraphs }: Options): ChunkEvents {
  const requested = new Set(modes)
  const legacy = requested.has('messages') ? createMessageEvents() : null

  const messageEvents = (payload: unknown, suffix: string): NamedEvent[] => [
    ...(requested.has('messages-tuple') ? [{ event: `messages${suffix}`, data: payload }] : []),
    ...(legacy?.message(payload, suffix) ?? []),
  ]

  return ([namespace, mode, payload]) => {
    const path = TOLD_BY_NODE.has(mode) ? namespace.slice(0, -1) : namespace
    if (path.length > 0 && !includeSubgraphs && !FROM_ANY_DEPTH.has(mode)) return []
    const suffix = includeSubgraphs && path.length > 0 ? `|${path.join('|')}` : ''
    if (mode === 'messages') return messageEvents(payload, suffix)
    const own = requested.has(mode) ? [{ event: mode + suffix, data: (PAYLOADS[mode] ?? same)(payload) }] : []
    return mode === 'values' && legacy && path.length === 0 ? [...own, ...legacy.state(payload)] : own
  }
}

const same = (payload: unknown) => payload
