import type { AgentStatus, AgentTree } from '../contract/protocol.ts'
import type { RunStatus } from '../contract/run.ts'
import type { BatchedEvent } from './event-batch.ts'
import { interruptId, type TaskInterrupt } from './interrupt-id.ts'
import { numbered, type NewProtocolEvent, type ProtocolEvent } from './protocol-event.ts'
import { createLifecycleProjection } from './protocol-lifecycle.ts'
import { createMessageProjection } from './protocol-messages.ts'
import { toolEvent } from './protocol-tools.ts'

/** What one run's part of the log says in protocol v2. Fed from the run's first event on, it gives the same events, with the same numbers, at any time. */
export interface RunProjection {
  take(event: BatchedEvent): ProtocolEvent[]
  /** The run is over; `last` is the number of its last event. */
  end(last: number, status: RunStatus | null): ProtocolEvent[]
  tree(): AgentTree
}

type Namespace = readonly string[]
type Handler = (data: Uint8Array, namespace: Namespace) => NewProtocolEvent[]

const INTERRUPT = '__interrupt__'

export function createRunProjection(graphName: string): RunProjection {
  const lifecycle = createLifecycleProjection(graphName)
  const messages = createMessageProjection()
  const asked = new Set<string>()
  let isInterrupted = false
  let hasTasks = false
  let failure: string | null = null
  let last = { seq: 0, events: 0 }

  /** The same question is told by the graph that asks it, and by all graphs around it. */
  function questions(interrupts: unknown, namespace: Namespace): NewProtocolEvent[] {
    if (!Array.isArray(interrupts)) return []
    isInterrupted = true
    return (interrupts as TaskInterrupt[]).flatMap((interrupt) => {
      const id = interruptId(interrupt, namespace)
      if (asked.has(id)) return []
      asked.add(id)
      // Python's client reads `value`.
      return [{ method: 'input.requested', channel: 'input', namespace, data: JSON.stringify({ interrupt_id: id, payload: interrupt.value, value: interrupt.value }) }]
    })
  }

  /** Where tasks are told, they say more exactly when a graph begins and a node ends. */
  const seen = (namespace: Namespace) => hasTasks ? [] : lifecycle.seen(namespace)
  const nodeEnded = (namespace: Namespace, node: string, task: string | null) => [...messages.nodeEnded(namespace, node, task), ...lifecycle.completed(namespace, node, task)]

  function values(data: Uint8Array, namespace: Namespace): NewProtocolEvent[] {
    const state = textOf(data)
    if (!state.includes(INTERRUPT)) return [...seen(namespace), { method: 'values', namespace, data: state }]
    const parsed = parse(state)
    if (!isRecord(parsed)) return [{ method: 'values', namespace, data: state }]
    const { [INTERRUPT]: interrupts, ...rest } = parsed
    // An interrupt alone is no state.
    const isState = interrupts === undefined || Object.keys(rest).length > 0
    return [...seen(namespace), ...questions(interrupts, namespace), ...(isState ? [{ method: 'values', namespace, data: JSON.stringify(rest) }] : [])]
  }

  function updates(data: Uint8Array, namespace: Namespace): NewProtocolEvent[] {
    const parsed = parse(data)
    if (!isRecord(parsed)) return []
    return [...seen(namespace), ...Object.entries(parsed).flatMap(([node, update]) => {
      if (node === INTERRUPT) return questions(update, namespace)
      const told = { method: 'updates', namespace, node, data: JSON.stringify({ node, values: typeof update === 'object' ? update ?? {} : { value: update } }) }
      return hasTasks || node.startsWith('__') ? [told] : [told, ...nodeEnded(namespace, node, null)]
    })]
  }

  function tasks(data: Uint8Array, namespace: Namespace): NewProtocolEvent[] {
    const task = parse(data)
    if (!isRecord(task)) return []
    const isStart = 'input' in task
    if (isStart) lifecycle.task(namespace, task)
    hasTasks = true
    const isThrough = !isStart && !('error' in task && task['error']) && !(Array.isArray(task['interrupts']) && task['interrupts'].length > 0)
    return [
      ...lifecycle.seen(namespace), { method: 'tasks', namespace, data: textOf(data) },
      ...(isThrough ? nodeEnded(namespace, String(task['name']), String(task['id'])) : []),
    ]
  }

  function custom(data: Uint8Array, namespace: Namespace): NewProtocolEvent[] {
    const text = textOf(data)
    const name = text.includes('"name"') ? nameIn(parse(text)) : undefined
    return [...seen(namespace), name === undefined ? { method: 'custom', namespace, data: `{"payload":${text}}` } : { method: 'custom', channel: `custom:${name}`, namespace, data: text }]
  }

  const handlers: Readonly<Record<string, Handler>> = {
    values, updates, tasks, custom,
    metadata: () => [...messages.allEnded('The run is tried again.'), ...lifecycle.rootRuns()],
    messages: (data, namespace) => {
      const chunk = parse(data)
      return Array.isArray(chunk) ? messages.take(chunk[0], chunk[1], namespace) : []
    },
    'messages/complete': (data, namespace) => {
      const complete = parse(data)
      return Array.isArray(complete) ? complete.flatMap((message) => messages.take(whole(message), null, namespace)) : []
    },
    tools: (data, namespace) => toolEvent(parse(data), namespace),
    checkpoints: (data, namespace) => {
      const ref = checkpointRef(parse(data))
      return ref ? [{ method: 'checkpoints', namespace, data: JSON.stringify(ref) }] : []
    },
    checkpoint_refs: (data, namespace) => [{ method: 'checkpoints', namespace, data: textOf(data) }],
    error: (data) => {
      const error = parse(data) as { message?: unknown } | null
      failure = String(error?.message ?? 'The run failed.')
      return []
    },
  }

  return {
    tree: lifecycle.tree,
    take: (event) => {
      const [name, ...namespace] = event.event.split('|') as [string, ...string[]]
      const events = (Object.hasOwn(handlers, name) ? handlers[name]! : none)(event.data, namespace)
      last = { seq: event.seq, events: events.length }
      return numbered(events, event.seq, 0)
    },
    end: (lastSeq, status) => {
      const how = statusOf(status, failure !== null, isInterrupted)
      const error = how === 'failed' ? failure ?? 'The run failed.' : null
      const events = [...messages.allEnded(error), ...lifecycle.ended(how, error)]
      return numbered(events, lastSeq, last.seq === lastSeq ? last.events : 0)
    },
  }
}

/** A run that stops for a question ends as a success of its own (§3.4); one whose row is gone is judged by what it told. */
function statusOf(status: RunStatus | null, hasFailed: boolean, isInterrupted: boolean): AgentStatus {
  if (status === 'error' || status === 'timeout' || status !== 'success' && hasFailed) return 'failed'
  return status === 'interrupted' || isInterrupted ? 'interrupted' : 'completed'
}

const none: Handler = () => []
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (data: Uint8Array): string => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8')

/** What a worker sends is passed on as it is: one event that is no JSON must not keep readers from all others. */
function parse(data: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof data === 'string' ? data : textOf(data))
  } catch {
    return null
  }
}

function nameIn(payload: unknown): string | undefined {
  const name = isRecord(payload) ? payload['name'] : undefined
  return name === undefined || name === null ? undefined : String(name)
}

/** A message of the older mode `messages` is told once it is complete, whatever class it has. */
function whole(message: unknown): unknown {
  if (!isRecord(message)) return message
  const { tool_call_chunks: _, ...rest } = message
  return { ...rest, type: String(message['type']).replace('MessageChunk', '').toLowerCase() }
}

function checkpointRef(payload: unknown): Record<string, unknown> | null {
  if (!isRecord(payload)) return null
  const { checkpoint, parent_checkpoint, metadata } = payload as { checkpoint?: { checkpoint_id?: unknown } | null, parent_checkpoint?: { checkpoint_id?: unknown } | null, metadata?: { step?: unknown, source?: unknown } | null }
  if (typeof checkpoint?.checkpoint_id !== 'string') return null
  const parent = parent_checkpoint?.checkpoint_id
  return { id: checkpoint.checkpoint_id, ...(typeof parent === 'string' ? { parent_id: parent } : {}), step: metadata?.step, source: metadata?.source }
}
