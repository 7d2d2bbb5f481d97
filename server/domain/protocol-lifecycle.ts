import type { AgentStatus, AgentTree } from '../contract/protocol.ts'
import type { NewProtocolEvent } from './protocol-event.ts'

interface Agent { readonly namespace: readonly string[], readonly graph_name: string, status: AgentStatus }

/** The graphs of one run, from the root down, and how each of them fares: the channel `lifecycle` of protocol v2. */
export interface LifecycleProjection {
  rootRuns(): NewProtocolEvent[]
  /** Something came from a graph that may not have been told yet. */
  seen(namespace: readonly string[]): NewProtocolEvent[]
  /** A task of a graph: the tool call that it answers, and the name of the agent whose graph it is. */
  task(namespace: readonly string[], task: Record<string, unknown>): void
  /** The graph in a node is through; without a task, in the first that is under way. */
  completed(parent: readonly string[], node: string, task: string | null): NewProtocolEvent[]
  ended(status: AgentStatus, error: string | null): NewProtocolEvent[]
  tree(): AgentTree
}

export function createLifecycleProjection(rootName: string): LifecycleProjection {
  const agents = new Map<string, Agent>()
  const names = new Map<string, string>()
  const toolCalls = new Map<string, string>()
  const keyOf = (namespace: readonly string[]) => namespace.join('|')

  function tell(namespace: readonly string[], status: AgentStatus, more: Record<string, unknown> = {}): NewProtocolEvent {
    const key = keyOf(namespace)
    const agent = agents.get(key) ?? { namespace, graph_name: names.get(key) ?? nameOf(namespace) ?? rootName, status }
    agent.status = status
    agents.set(key, agent)
    return { method: 'lifecycle', namespace, data: JSON.stringify({ event: status, graph_name: agent.graph_name, ...more }) }
  }

  /** Only of agents with a name is it known that a tool call started them. */
  function causeOf(namespace: readonly string[]): Record<string, unknown> {
    const call = names.has(keyOf(namespace)) ? toolCalls.get(taskOf(namespace) ?? '') : undefined
    return call === undefined ? {} : { cause: { type: 'toolCall', tool_call_id: call } }
  }

  const children = (parent: readonly string[]) => [...agents.values()].filter(({ namespace }) => namespace.length === parent.length + 1 && keyOf(namespace.slice(0, -1)) === keyOf(parent))

  function treeAt(agent: Agent): AgentTree {
    const below = children(agent.namespace).map(treeAt)
    return { namespace: [...agent.namespace], status: agent.status, graph_name: agent.graph_name, ...(below.length ? { children: below } : {}) }
  }

  return {
    rootRuns: () => agents.has('') ? [] : [tell([], 'running')],
    seen: (namespace) => namespace.map((_, i) => namespace.slice(0, i + 1)).filter((prefix) => !agents.has(keyOf(prefix)))
      .map((prefix) => tell(prefix, 'started', causeOf(prefix))),
    task: (namespace, { id, input, metadata }) => {
      const name = (metadata as { lc_agent_name?: unknown } | null | undefined)?.lc_agent_name
      if (typeof name === 'string' && name !== '' && namespace.length > 0) names.set(keyOf(namespace), name)
      const call = toolCallIn(input)
      if (typeof id === 'string' && call !== null) toolCalls.set(id, call)
    },
    completed: (parent, node, task) => {
      const agent = task === null ? children(parent).find(({ namespace, status }) => status === 'started' && nameOf(namespace) === node) : agents.get(keyOf([...parent, `${node}:${task}`]))
      return agent?.status === 'started' ? [tell(agent.namespace, 'completed')] : []
    },
    ended: (status, error) => [
      ...[...agents.values()].filter((agent) => agent.namespace.length > 0 && agent.status === 'started').map(({ namespace }) => tell(namespace, status)),
      tell([], status, error === null ? {} : { error }),
    ],
    tree: () => treeAt(agents.get('') ?? { namespace: [], graph_name: rootName, status: 'started' }),
  }
}

const nameOf = (namespace: readonly string[]): string | null => namespace.at(-1)?.split(':', 1)[0] ?? null
const taskOf = (namespace: readonly string[]): string | null => /:(.+)$/.exec(namespace.at(-1) ?? '')?.[1] ?? null

/** A task of a tool node is given its call, or in older versions a list of them. */
function toolCallIn(input: unknown): string | null {
  if (typeof input !== 'object' || input === null) return null
  const call = Array.isArray(input) ? input.find((item: { id?: unknown } | null) => typeof item?.id === 'string') as unknown : (input as { tool_call?: unknown }).tool_call
  const id = typeof call === 'object' && call !== null ? (call as { id?: unknown }).id : null
  return typeof id === 'string' ? id : null
}
