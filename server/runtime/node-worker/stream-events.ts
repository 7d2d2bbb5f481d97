import { checkpointPayload, checkpointRef, debugPayload, taskPayload } from './debug-payloads.ts'
import { createMessageEvents, type NamedEvent } from './message-events.ts'

/** What LangGraph yields with several modes and subgraphs: where, in which mode, what. */
export type StreamChunk = readonly [namespace: readonly string[], mode: string, payload: unknown]

interface Options { readonly modes: readonly string[], readonly includeSubgraphs: boolean, /** The mode that tells of checkpoints. */ readonly describing: string }

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
    else if (mode !== 'events' && mode !== 'checkpoint_refs') modes.add(mode)
  }
  return [...modes]
}

/** Turns LangGraph's chunks into the events that were asked for (wire reference §2.3, §2.4). */
export function createChunkEvents({ modes, includeSubgraphs, describing }: Options): ChunkEvents {
  const requested = new Set(modes)
  const legacy = requested.has('messages') ? createMessageEvents() : null

  const messageEvents = (payload: unknown, suffix: string): NamedEvent[] => [
    ...(requested.has('messages-tuple') ? [{ event: `messages${suffix}`, data: payload }] : []),
    ...(legacy?.message(payload, suffix) ?? []),
  ]

  const checkpointRefs = (mode: string, payload: unknown, suffix: string): NamedEvent[] => {
    const ref = requested.has('checkpoint_refs') && mode === describing ? checkpointRef(payload) : null
    return ref ? [{ event: `checkpoint_refs${suffix}`, data: ref }] : []
  }

  return ([namespace, mode, payload]) => {
    const path = TOLD_BY_NODE.has(mode) ? namespace.slice(0, -1) : namespace
    if (path.length > 0 && !includeSubgraphs && !FROM_ANY_DEPTH.has(mode)) return []
    const suffix = includeSubgraphs && path.length > 0 ? `|${path.join('|')}` : ''
    if (mode === 'messages') return messageEvents(payload, suffix)
    const own = [
      ...checkpointRefs(mode, payload, suffix),
      ...(requested.has(mode) ? [{ event: mode + suffix, data: mode === 'tools' ? toolPayload(payload, namespace) : (PAYLOADS[mode] ?? same)(payload) }] : []),
    ]
    return mode === 'values' && legacy && path.length === 0 ? [...own, ...legacy.state(payload)] : own
  }
}

const same = (payload: unknown) => payload

/** The event's name says the graph; this says the node. */
const toolPayload = (payload: unknown, namespace: readonly string[]): unknown => ({ ...payload as object, checkpoint_ns: namespace.join('|') })
