import type { NewProtocolEvent } from './protocol-event.ts'

interface ToolPayload { event?: unknown, toolCallId?: unknown, name?: unknown, input?: unknown, data?: unknown, output?: unknown, error?: unknown, checkpoint_ns?: unknown }

type Told = (payload: ToolPayload) => Record<string, unknown>

/** What LangGraph tells of tools, in the protocol's words. */
const EVENTS: Readonly<Record<string, Told>> = {
  on_tool_start: ({ name, input }) => ({ event: 'tool-started', tool_name: String(name ?? 'unknown'), input: parsed(input) }),
  on_tool_event: ({ data }) => ({ event: 'tool-output-delta', delta: typeof data === 'string' ? data : JSON.stringify(data ?? '') }),
  on_tool_end: ({ output }) => ({ event: 'tool-finished', output }),
  on_tool_error: ({ error }) => ({ event: 'tool-error', message: messageOf(error) }),
}

/** An event of mode `tools`; its namespace is that of the node that calls the tool, where that is known. */
export function toolEvent(given: unknown, graph: readonly string[]): NewProtocolEvent[] {
  const payload = (given ?? {}) as ToolPayload
  const name = String(payload.event)
  if (!Object.hasOwn(EVENTS, name)) return []
  const namespace = typeof payload.checkpoint_ns === 'string' && payload.checkpoint_ns !== '' ? payload.checkpoint_ns.split('|') : graph
  return [{ method: 'tools', namespace, data: JSON.stringify({ ...EVENTS[name]!(payload), tool_call_id: String(payload.toolCallId ?? '') }) }]
}

/** LangChain tells the input as text. */
function parsed(input: unknown): unknown {
  if (typeof input !== 'string' || !/^\s*[{[]/.test(input)) return input
  try {
    return JSON.parse(input)
  } catch {
    return input
  }
}

function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : error
  return typeof message === 'string' ? message : JSON.stringify(error ?? 'unknown error')
}
