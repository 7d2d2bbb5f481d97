import type { NewProtocolEvent } from './protocol-event.ts'

type Json = Record<string, unknown>

interface Block { readonly index: number, readonly content: Json, isOpen: boolean }
interface OpenMessage {
  readonly id: string
  readonly namespace: readonly string[]
  readonly node: string | null
  readonly blocks: Map<string, Block>
  usage: Json | null
  reason: string | null
}

/** Turns LangChain's messages, whole ones and the chunks of streamed ones, into the block by block events of protocol v2. */
export interface MessageProjection {
  /** Of a `messages` event: the message or chunk, and what is known of where it comes from. */
  take(message: unknown, metadata: unknown, namespace: readonly string[]): NewProtocolEvent[]
  /** A node has come to its end, and what it said with it. With a task, only that one of the node's. */
  nodeEnded(parent: readonly string[], node: string, task: string | null): NewProtocolEvent[]
  /** Nobody goes on with what is open. */
  allEnded(failure: string | null): NewProtocolEvent[]
}

const ROLES: Readonly<Record<string, string>> = { AIMessageChunk: 'ai', HumanMessageChunk: 'human', SystemMessageChunk: 'system', ToolMessageChunk: 'tool' }

export function createMessageProjection(): MessageProjection {
  const open = new Map<string, OpenMessage>()
  const told = new Set<string>()

  /** Parallel messages of one node are told apart by `run_id`, which clients take for that of the model's call. */
  const said = ({ id, namespace, node }: OpenMessage, data: Json): NewProtocolEvent => ({ method: 'messages', namespace, node, data: JSON.stringify({ ...data, run_id: id }) })

  function finishBlocks(message: OpenMessage): NewProtocolEvent[] {
    return [...message.blocks.values()].filter(({ isOpen }) => isOpen).map((block) => {
      block.isOpen = false
      return said(message, { event: 'content-block-finish', index: block.index, content: finished(block.content) })
    })
  }

  function finish(message: OpenMessage): NewProtocolEvent[] {
    open.delete(message.id)
    return [...finishBlocks(message), said(message, { event: 'message-finish', reason: message.reason ?? 'stop', ...(message.usage ? { usage: message.usage } : {}) })]
  }

  /** A block begins where its key is new; what came before it is complete. */
  function extend(message: OpenMessage, { key, content, grow }: Part): NewProtocolEvent[] {
    const known = message.blocks.get(key)
    const block = known ?? { index: message.blocks.size, content: { ...content }, isOpen: true }
    const events: NewProtocolEvent[] = []
    if (!known) {
      events.push(...finishBlocks(message), said(message, { event: 'content-block-start', index: block.index, content: { ...content } }))
      message.blocks.set(key, block)
    }
    block.isOpen = true
    const delta = grow?.(block.content)
    return delta ? [...events, said(message, { event: 'content-block-delta', index: block.index, delta })] : events
  }

  function begin(id: string, message: Json, metadata: Json, namespace: readonly string[]): [OpenMessage, NewProtocolEvent[]] {
    const type = String(message['type'] ?? 'ai')
    const node = metadata['langgraph_node']
    const begun: OpenMessage = { id, namespace, node: typeof node === 'string' ? node : null, blocks: new Map(), usage: null, reason: null }
    open.set(id, begun)
    told.add(id)
    return [begun, [said(begun, {
      event: 'message-start', role: ROLES[type] ?? type, id, ...present({ name: message['name'], tool_call_id: message['tool_call_id'] }),
      metadata: present({ provider: metadata['ls_provider'], model: metadata['ls_model_name'], model_type: metadata['ls_model_type'], run_id: metadata['run_id'], thread_id: metadata['thread_id'] }),
    })]]
  }

  return {
    take: (given, about, fallback) => {
      if (!isRecord(given) || typeof given['id'] !== 'string') return []
      const { id } = given
      const metadata = isRecord(about) ? about : {}
      const current = open.get(id)
      if (!current && told.has(id)) return []
      const [message, events] = current ? [current, []] : begin(id, given, metadata, namespaceOf(metadata) ?? fallback)
      for (const part of partsOf(given)) events.push(...extend(message, part))
      message.usage = sum(message.usage, given['usage_metadata'])
      const reason = isRecord(given['response_metadata']) ? given['response_metadata']['finish_reason'] : null
      if (typeof reason === 'string') message.reason = reason
      return isChunk(given) ? events : [...events, ...finish(message)]
    },
    nodeEnded: (parent, node, task) => [...open.values()].filter((message) => isOf(message, parent, node, task)).flatMap(finish),
    allEnded: (failure) => [...open.values()].flatMap((message) => {
      if (failure === null) return finish(message)
      open.delete(message.id)
      return [said(message, { event: 'error', message: failure })]
    }),
  }
}

/** What a message or chunk adds to one block: how the block begins, and how it grows. */
interface Part { readonly key: string, readonly content: Json, readonly grow?: (block: Json) => Json | null }

function* partsOf(message: Json): Generator<Part> {
  const { content } = message
  const calls = recordsIn(message['tool_call_chunks'])
  const whole = isChunk(message) ? [] : recordsIn(message['tool_calls'])
  if (typeof content === 'string' && content !== '') yield textPart('text', content)
  for (const [i, item] of recordsIn(content).entries()) {
    // Providers' own form of what `tool_calls` says.
    if ((calls.length > 0 || whole.length > 0) && TOOL_CONTENT.has(String(item['type']))) continue
    yield contentPart(item, item['index'] ?? i)
  }
  for (const [i, call] of calls.entries()) yield callPart(call, call['index'] ?? i)
  for (const [i, call] of whole.entries()) yield { key: `call ${i}`, content: { ...call, type: 'tool_call' } }
}

const TOOL_CONTENT = new Set(['tool_use', 'input_json_delta', 'tool_call', 'tool_call_chunk', 'function_call'])

const textPart = (key: string, text: string): Part => ({
  key, content: { type: 'text', text: '' },
  grow: (block) => {
    block['text'] = String(block['text'] ?? '') + text
    return { type: 'text-delta', text }
  },
})

function contentPart(item: Json, index: unknown): Part {
  const { type, text, reasoning, thinking } = item
  if (type === 'text') return textPart(`text ${String(index)}`, String(text ?? ''))
  const thought = reasoning ?? thinking
  if ((type === 'reasoning' || type === 'thinking') && typeof thought === 'string') return {
    key: `reasoning ${String(index)}`, content: { type: 'reasoning', reasoning: '' },
    grow: (block) => {
      block['reasoning'] = String(block['reasoning']) + thought
      return { type: 'reasoning-delta', reasoning: thought }
    },
  }
  return {
    key: `${String(type)} ${String(index)}`, content: item,
    grow: (block) => {
      const fresh = Object.entries(item).filter(([key, value]) => block[key] !== value)
      if (fresh.length === 0) return null
      Object.assign(block, Object.fromEntries(fresh))
      return { type: 'block-delta', fields: { ...Object.fromEntries(fresh), type: String(type) } }
    },
  }
}

/** Clients put the fields of a `block-delta` in place of the block's: the arguments are told as far as they are known. */
const callPart = ({ id, name, args }: Json, index: unknown): Part => ({
  key: `call ${String(index)}`, content: { type: 'tool_call_chunk', id: id ?? null, name: name ?? null, args: '' },
  grow: (block) => {
    block['id'] ??= id ?? null
    block['name'] ??= name ?? null
    block['args'] = String(block['args']) + (typeof args === 'string' ? args : '')
    return { type: 'block-delta', fields: { type: 'tool_call_chunk', id: block['id'], name: block['name'], args: block['args'] } }
  },
})

function finished(content: Json): Json {
  if (content['type'] !== 'tool_call_chunk') return content
  const { id, name, args } = content
  try {
    const parsed: unknown = JSON.parse(String(args) || '{}')
    if (isRecord(parsed)) return { type: 'tool_call', id, name, args: parsed }
  } catch {
    // Told below.
  }
  return { type: 'invalid_tool_call', id, name, args, error: 'The arguments are not a JSON object.' }
}

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const recordsIn = (value: unknown): Json[] => Array.isArray(value) ? value.filter(isRecord) : []
const isChunk = (message: Json): boolean => String(message['type']).endsWith('Chunk') || Array.isArray(message['tool_call_chunks'])
const present = (fields: Json): Json => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null))

/** A message is told by its node, of which this is the namespace. */
function namespaceOf(metadata: Json): string[] | null {
  const ns = metadata['langgraph_checkpoint_ns'] ?? metadata['checkpoint_ns']
  return typeof ns === 'string' && ns !== '' ? ns.split('|') : null
}

function isOf({ namespace, node }: OpenMessage, parent: readonly string[], name: string, task: string | null): boolean {
  if (namespace.length !== parent.length + 1 || !parent.every((segment, i) => namespace[i] === segment)) return false
  return task === null ? node === name : namespace.at(-1) === `${name}:${task}`
}

/** Providers tell the tokens of each chunk, or those of the message in one of them. */
function sum(before: Json | null, usage: unknown): Json | null {
  if (!isRecord(usage)) return before
  if (!before) return usage
  return Object.fromEntries([...new Set([...Object.keys(before), ...Object.keys(usage)])].map((key) => {
    const [a, b] = [before[key], usage[key]]
    return [key, typeof a === 'number' && typeof b === 'number' ? a + b : isRecord(a) && isRecord(b) ? sum(a, b) : b ?? a]
  }))
}
