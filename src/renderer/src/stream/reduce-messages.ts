import { nodePath, type RunEvent } from './run-event.ts'
import { isMessage, readMessage, textOf } from './read-message.ts'
import type { MessageView, RunView } from './run-view.ts'

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function put(view: RunView, message: MessageView): RunView {
  const isNew = !(message.id in view.messages)
  return { ...view, messages: { ...view.messages, [message.id]: message }, messageIds: isNew ? [...view.messageIds, message.id] : view.messageIds }
}

/**
 * `messages`: a tuple of a message and its metadata. A model's message comes in pieces of one id, which are appended; servers name the
 * pieces `AIMessageChunk` or plain `ai` (the SDK joins both). It stays open until the state has it.
 */
export function reduceMessageTuple(view: RunView, { data, namespace, seq }: RunEvent): RunView {
  const [raw, metadata] = Array.isArray(data) ? data as unknown[] : []
  if (!isMessage(raw)) return view
  const node = isRecord(metadata) && typeof metadata['langgraph_node'] === 'string' ? nodePath(namespace, metadata['langgraph_node']) : null
  const isChunk = String(raw['type']).endsWith('Chunk') || raw['type'] === 'ai'
  const piece = readMessage(raw, `seq-${seq}`, node)
  const before = view.messages[piece.id]
  if (!isChunk || !before?.isStreaming) return put(view, { ...piece, isStreaming: isChunk, partialCalls: partialCallsOf({}, raw) })
  return put(view, {
    ...before,
    content: appendContent(before.content, piece.content),
    toolCalls: piece.toolCalls.length ? mergeCalls(before, piece) : before.toolCalls,
    partialCalls: partialCallsOf(before.partialCalls, raw),
    reasoning: before.reasoning === null && piece.reasoning === null ? null : (before.reasoning ?? '') + (piece.reasoning ?? ''),
    tokens: (before.tokens ?? 0) + (piece.tokens ?? 0) || null,
  })
}

const appendContent = (before: unknown, piece: unknown): unknown =>
  Array.isArray(before) && Array.isArray(piece) ? [...before, ...piece as unknown[]] : textOf(before) + textOf(piece)

const mergeCalls = (before: MessageView, piece: MessageView) => [...before.toolCalls.filter((call) => !piece.toolCalls.some(({ id }) => id === call.id)), ...piece.toolCalls]

function partialCallsOf(before: MessageView['partialCalls'], raw: Record<string, unknown>): MessageView['partialCalls'] {
  const chunks = raw['tool_call_chunks']
  if (!Array.isArray(chunks) || chunks.length === 0) return before
  const next: Record<string, { id: string | null, name: string, args: string }> = { ...before }
  for (const chunk of chunks.filter(isRecord)) {
    const key = String(chunk['index'] ?? chunk['id'] ?? 0)
    const old = next[key] ?? { id: null, name: '', args: '' }
    next[key] = { id: typeof chunk['id'] === 'string' ? chunk['id'] : old.id, name: old.name + String(chunk['name'] ?? ''), args: old.args + String(chunk['args'] ?? '') }
  }
  return next
}

/** `messages/partial` carries the message so far, `messages/complete` the whole: the newest one wins. */
export function reduceWholeMessages(view: RunView, { data, event, namespace, seq }: RunEvent): RunView {
  if (!Array.isArray(data)) return view
  return data.filter(isMessage).reduce((current, raw, i) => {
    const message = readMessage(raw, `seq-${seq}-${i}`)
    return put(current, { ...message, node: current.messages[message.id]?.node ?? (namespace.length ? nodePath(namespace.slice(0, -1), namespace.at(-1)!.split(':', 1)[0]!) : null), isStreaming: event === 'messages/partial' })
  }, view)
}

/** Messages that stand in the state are finished; the state's word on them is the last one. */
export function settleMessages(view: RunView, values: Record<string, unknown>): RunView {
  const known = Object.values(values).filter(Array.isArray).flat().filter(isMessage)
  return known.reduce((current, raw) => {
    const id = raw['id']
    const before = typeof id === 'string' ? current.messages[id] : undefined
    if (typeof id !== 'string' || (before && !before.isStreaming)) return current
    return put(current, { ...readMessage(raw, id, before?.node ?? null) })
  }, view)
}
