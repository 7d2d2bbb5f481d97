import { Type, type Static } from 'typebox'
import { JsonObject, Literals, Maybe } from './common.ts'

/** Agent to agent (wire reference §1.8): both lines of the protocol are read by the same schemas, and answered each in its own spelling. */
export const TASK_STATES = ['submitted', 'working', 'completed', 'failed', 'canceled', 'input-required'] as const
export type TaskState = (typeof TASK_STATES)[number]

/** How a state is spelt from 1.0 on: `input-required` is `TASK_STATE_INPUT_REQUIRED`. */
export const loudState = (state: TaskState): string => `TASK_STATE_${state.toUpperCase().replace('-', '_')}`

/** Those of the JSON-RPC specification and of A2A's. */
export const RPC_CODES = {
  not_json: -32700, invalid_request: -32600, method_not_found: -32601, invalid_params: -32602, internal: -32603,
  task_not_found: -32001, not_cancelable: -32002, no_push: -32003, unsupported: -32004, version_not_supported: -32009,
} as const
export type RpcCode = keyof typeof RPC_CODES

export const HISTORY_SCOPES = ['context', 'task'] as const
export type HistoryScope = (typeof HISTORY_SCOPES)[number]
export const HISTORY_SCOPE_HEADER = 'langgraph-a2a-history-scope'
/** Messages of a task's history, at most and unless said. */
export const MOST_HISTORY = 10

export const RpcRequest = Type.Object({
  jsonrpc: Type.Literal('2.0'),
  id: Maybe(Type.Union([Type.String(), Type.Number()])),
  method: Type.String(),
  params: Type.Optional(Type.Unknown()),
})
export type RpcRequest = Static<typeof RpcRequest>
export interface RpcError { code: number, message: string }
export type RpcAnswer = { jsonrpc: '2.0', id: string | number | null } & ({ result: unknown } | { error: RpcError })

const File = Type.Object({ bytes: Maybe(Type.String()), uri: Maybe(Type.String()), mimeType: Maybe(Type.String()), name: Maybe(Type.String()) })
/** Text, data or a file: in `file` before 1.0, then as `raw` (base64) or `url`. */
const GivenPart = Type.Object({
  text: Maybe(Type.String()), data: Type.Optional(Type.Unknown()), file: Maybe(File),
  raw: Maybe(Type.String()), url: Maybe(Type.String()), mediaType: Maybe(Type.String()), filename: Maybe(Type.String()),
})
export type GivenPart = Static<typeof GivenPart>
/** Empty ids count as none: what is made from Protocol Buffers has them. */
const Id = Maybe(Type.String({ maxLength: 1000 }))
const GivenMessage = Type.Object({
  role: Literals(['user', 'agent', 'ROLE_USER', 'ROLE_AGENT']),
  parts: Type.Array(GivenPart, { minItems: 1, maxItems: 1000 }),
  messageId: Id, contextId: Id, taskId: Id, metadata: Maybe(JsonObject),
})
const History = { historyLength: Maybe(Type.Integer({ minimum: 0, maximum: MOST_HISTORY })), historyScope: Maybe(Literals(HISTORY_SCOPES)) }

/** `blocking` is false before 1.0 for what is `returnImmediately` since. */
export const SendParams = Type.Object({
  message: GivenMessage,
  configuration: Maybe(Type.Object({
    ...History, blocking: Maybe(Type.Boolean()), returnImmediately: Maybe(Type.Boolean()),
    pushNotificationConfig: Maybe(JsonObject), taskPushNotificationConfig: Maybe(JsonObject),
  })),
  metadata: Maybe(JsonObject),
})
export type SendParams = Static<typeof SendParams>
export const GetParams = Type.Object({ id: Type.String(), ...History })
export type GetParams = Static<typeof GetParams>
export const CancelParams = Type.Object({ id: Type.String() })
export const ListParams = Type.Object({
  contextId: Type.String({ minLength: 1 }),
  status: Maybe(Literals(TASK_STATES.map(loudState))),
  statusTimestampAfter: Maybe(Type.String({ format: 'date-time' })),
  pageSize: Maybe(Type.Integer({ minimum: 1, maximum: 100 })),
  pageToken: Maybe(Type.String({ pattern: '^\\d{0,9}$' })),
  includeArtifacts: Maybe(Type.Boolean()),
  ...History,
})

/** What a message or an artifact consists of, as it is spelt from 1.0 on. */
export type Part = { readonly metadata?: JsonObject } & ({ readonly text: string } | { readonly data: unknown } | FilePart)
export type FilePart = ({ readonly raw: string } | { readonly url: string }) & { readonly mediaType?: string, readonly filename?: string }
export interface AgentMessage { readonly messageId: string, readonly contextId: string, readonly taskId?: string, readonly role: 'user' | 'agent', readonly parts: readonly Part[] }
export interface Artifact { readonly artifactId: string, readonly name: string, readonly parts: readonly Part[] }
export interface TaskStatus { readonly state: TaskState, readonly timestamp: string, readonly message?: AgentMessage }
export interface Task { readonly id: string, readonly contextId: string, readonly status: TaskStatus, readonly artifacts: readonly Artifact[], readonly history: readonly AgentMessage[] }
interface OfTask { readonly taskId: string, readonly contextId: string }
/** What a stream tells; `isFinal` for the last of it. */
export type TaskEvent =
  | { readonly kind: 'task', readonly task: Task }
  | OfTask & { readonly kind: 'status', readonly status: TaskStatus, readonly isFinal: boolean }
  | OfTask & { readonly kind: 'artifact', readonly artifact: Artifact }
