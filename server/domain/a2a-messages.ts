import type { AgentMessage } from '../contract/a2a.ts'
import { partsFrom, textFrom } from './a2a-parts.ts'
import { eventsIn } from './event-batch.ts'

const ROLES: ReadonlyMap<unknown, AgentMessage['role']> = new Map([['human', 'user'], ['user', 'user'], ['HumanMessageChunk', 'user'], ['ai', 'agent'], ['assistant', 'agent'], ['AIMessageChunk', 'agent']])

interface Said { readonly id: string | null, readonly role: AgentMessage['role'], readonly content: unknown }

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function said(message: unknown): Said | null {
  if (!isObject(message)) return null
  const role = ROLES.get(message['type'] ?? message['role'])
  return role ? { id: typeof message['id'] === 'string' ? message['id'] : null, role, content: message['content'] } : null
}

/** What a person and the agent said in a state's `messages`: no instructions, and neither calls nor results of tools. */
export function conversationIn(values: unknown, contextId: string): AgentMessage[] {
  const messages = isObject(values) && Array.isArray(values['messages']) ? values['messages'] : []
  return messages.flatMap((message: unknown, i): AgentMessage[] => {
    const one = said(message)
    const parts = one ? partsFrom(one.content) : []
    return one && parts.length > 0 ? [{ messageId: one.id ?? `${contextId}-${i}`, contextId, role: one.role, parts }] : []
  })
}

/** What the agent has said in these server-sent events of a run, in order; what belongs to one message is joined. */
export function saidIn(bytes: Uint8Array): { readonly id: string, readonly text: string }[] {
  const texts = new Map<string, string>()
  for (const { event, data } of eventsIn({ bytes })) {
    if (event.split(/[|/]/, 1)[0] !== 'messages') continue
    const told: unknown = JSON.parse(Buffer.from(data).toString('utf8'))
    const one = Array.isArray(told) ? said(told[0]) : null
    const text = one?.role === 'agent' ? textFrom(one.content) : ''
    if (one && text) texts.set(one.id ?? '', (texts.get(one.id ?? '') ?? '') + text)
  }
  return Array.from(texts, ([id, text]) => ({ id, text }))
}
