import { reasoningOf } from './message-parts.ts'
import type { MessageView, ToolCall } from './run-view.ts'

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string | null => typeof value === 'string' ? value : null

/** Chunk classes speak for the message they grow into. */
const TYPES: Readonly<Record<string, string>> = { AIMessageChunk: 'ai', HumanMessageChunk: 'human', ToolMessageChunk: 'tool', SystemMessageChunk: 'system', user: 'human', assistant: 'ai' }

export function isMessage(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && ('content' in value) && (typeof value['type'] === 'string' || typeof value['role'] === 'string')
}

export const isMessageList = (value: unknown): value is Record<string, unknown>[] => Array.isArray(value) && value.length > 0 && value.every(isMessage)

function toolCallsOf(raw: Record<string, unknown>): ToolCall[] {
  const calls = raw['tool_calls']
  return Array.isArray(calls) ? calls.filter(isRecord).map((call) => ({ id: text(call['id']), name: text(call['name']) ?? '', args: call['args'] })) : []
}

const tokensOf = (raw: Record<string, unknown>): number | null => {
  const usage = raw['usage_metadata']
  return isRecord(usage) && typeof usage['total_tokens'] === 'number' ? usage['total_tokens'] : null
}

/** Reads a message of the wire (flat dict form). `fallbackId` names one without an id. */
export function readMessage(raw: Record<string, unknown>, fallbackId: string, node: string | null = null): MessageView {
  const type = text(raw['type']) ?? text(raw['role']) ?? 'ai'
  return {
    id: text(raw['id']) ?? fallbackId, type: TYPES[type] ?? type, content: raw['content'], name: text(raw['name']), toolCalls: toolCallsOf(raw),
    toolCallId: text(raw['tool_call_id']), partialCalls: {}, node, tokens: tokensOf(raw), reasoning: reasoningOf(raw['content'], raw['additional_kwargs']), isStreaming: false,
  }
}

/** What a message says, as text: blocks that are text joined. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return content === null || content === undefined ? '' : JSON.stringify(content)
  return content.map((block: unknown) => typeof block === 'string' ? block : isRecord(block) && typeof block['text'] === 'string' ? block['text'] : '').join('')
}
