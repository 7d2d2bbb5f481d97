import { loudState, type AgentMessage, type Artifact, type Part, type Task, type TaskEvent, type TaskStatus } from '../contract/a2a.ts'

/** How one line of the protocol spells what the other says too. */
export interface Line {
  task(task: Task): object
  /** The answer to a message. */
  sent(task: Task): object
  event(event: TaskEvent): object
}

const message03 = ({ role, parts, ...ids }: AgentMessage) => ({ kind: 'message', ...ids, role, parts: parts.map(part03) })
const artifact03 = ({ parts, ...artifact }: Artifact) => ({ ...artifact, parts: parts.map(part03) })
const status03 = ({ message, ...status }: TaskStatus) => ({ ...status, ...(message ? { message: message03(message) } : {}) })
const task03 = ({ status, artifacts, history, ...ids }: Task) => ({ kind: 'task', ...ids, status: status03(status), artifacts: artifacts.map(artifact03), history: history.map(message03) })

function part03(part: Part): object {
  const metadata = part.metadata ? { metadata: part.metadata } : {}
  if ('text' in part) return { kind: 'text', text: part.text, ...metadata }
  // Data is an object there.
  if ('data' in part) return { kind: 'data', data: typeof part.data === 'object' && part.data !== null && !Array.isArray(part.data) ? part.data : { value: part.data }, ...metadata }
  return { kind: 'file', file: { ...('raw' in part ? { bytes: part.raw } : { uri: part.url }), mimeType: part.mediaType, name: part.filename }, ...metadata }
}

const LINE_03: Line = {
  task: task03, sent: task03,
  event: (event) => {
    if (event.kind === 'task') return task03(event.task)
    const { taskId, contextId } = event
    return event.kind === 'status'
      ? { kind: 'status-update', taskId, contextId, status: status03(event.status), final: event.isFinal }
      : { kind: 'artifact-update', taskId, contextId, artifact: artifact03(event.artifact), append: false, lastChunk: true }
  },
}

const message10 = (message: AgentMessage) => ({ ...message, role: `ROLE_${message.role.toUpperCase()}` })
const status10 = ({ message, state, timestamp }: TaskStatus) => ({ state: loudState(state), timestamp, ...(message ? { message: message10(message) } : {}) })
const task10 = (task: Task) => ({ ...task, status: status10(task.status), history: task.history.map(message10) })

const LINE_10: Line = {
  task: task10,
  sent: (task) => ({ task: task10(task) }),
  event: (event) => {
    if (event.kind === 'task') return { task: task10(event.task) }
    const { taskId, contextId } = event
    return event.kind === 'status'
      ? { statusUpdate: { taskId, contextId, status: status10(event.status) } }
      : { artifactUpdate: { taskId, contextId, artifact: event.artifact, append: false, lastChunk: true } }
  },
}

export type Operation = 'send' | 'stream' | 'get' | 'cancel' | 'list' | 'card'

/** The method's name tells the line. */
export const METHODS: ReadonlyMap<string, { readonly line: Line, readonly does: Operation }> = new Map([
  ...Object.entries({ 'message/send': 'send', 'message/stream': 'stream', 'tasks/get': 'get', 'tasks/cancel': 'cancel', 'agent/getAuthenticatedExtendedCard': 'card' } as const)
    .map(([name, does]) => [name, { line: LINE_03, does }] as const),
  ...Object.entries({ SendMessage: 'send', SendStreamingMessage: 'stream', GetTask: 'get', CancelTask: 'cancel', ListTasks: 'list', GetExtendedAgentCard: 'card' } as const)
    .map(([name, does]) => [name, { line: LINE_10, does }] as const),
])

/** Of the `A2A-Version` header; patch numbers make no difference. */
export const isKnownVersion = (version: string): boolean => /^(0\.3|1\.0)(\.\d+)?$/.test(version.trim())
