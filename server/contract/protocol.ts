import { Type, type Static } from 'typebox'
import { AssistantRef, CheckpointId, JsonObject, Literals, Maybe, Uuid } from './common.ts'
import { MULTITASK_STRATEGIES, RunCreate } from './run.ts'

/** Streaming protocol v2, wire reference §2.8. */
export const CHANNELS = ['values', 'updates', 'messages', 'tools', 'lifecycle', 'input', 'checkpoints', 'tasks', 'custom'] as const

export type AgentStatus = 'started' | 'running' | 'completed' | 'failed' | 'interrupted'
export interface AgentTree { namespace: string[], status: AgentStatus, graph_name: string, children?: AgentTree[] }

export const PROTOCOL_ERRORS = [
  'invalid_argument', 'unknown_command', 'unknown_error', 'no_such_run', 'no_such_subscription', 'no_such_namespace', 'no_such_interrupt', 'no_such_checkpoint',
  'permission_denied', 'not_supported',
] as const
export type ProtocolErrorCode = (typeof PROTOCOL_ERRORS)[number]

export interface ProtocolSuccess { type: 'success', id: number, result: JsonObject, meta?: { applied_through_seq: number, thread_id: string } }
export interface ProtocolFailure { type: 'error', id: number | null, error: ProtocolErrorCode, message: string }
export type ProtocolAnswer = ProtocolSuccess | ProtocolFailure

const Channel = Type.String({ maxLength: 255, pattern: `^(?:${CHANNELS.join('|')}|custom:.+)$` })
const Namespace = Type.Array(Type.String({ maxLength: 1024 }), { maxItems: 100 })
const Seq = Type.Integer({ minimum: -1, maximum: Number.MAX_SAFE_INTEGER })

export const Subscription = Type.Object({
  channels: Type.Array(Channel, { minItems: 1, maxItems: 1000 }),
  namespaces: Maybe(Type.Array(Namespace, { maxItems: 1000 })),
  depth: Maybe(Type.Integer({ minimum: 0, maximum: 1000 })),
  /** Events up to this number are known. */
  since: Maybe(Seq),
})
export type Subscription = Static<typeof Subscription>

export const ProtocolCommand = Type.Object({
  id: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  method: Type.String({ maxLength: 255 }),
  params: Maybe(JsonObject),
})
export type ProtocolCommand = Static<typeof ProtocolCommand>

const Strategy = Maybe(Literals(MULTITASK_STRATEGIES))
export const RunStart = Type.Object({
  assistant_id: AssistantRef,
  input: Type.Optional(Type.Unknown()),
  config: RunCreate.properties.config,
  metadata: Maybe(JsonObject),
  context: Maybe(JsonObject),
  langsmith_tracer: RunCreate.properties.langsmith_tracer,
  multitask_strategy: Strategy,
  /** The JavaScript client's spelling. */
  multitaskStrategy: Strategy,
})

const InputAnswer = Type.Object({ namespace: Maybe(Namespace), interrupt_id: Type.String({ minLength: 1, maxLength: 4096 }), response: Type.Optional(Type.Unknown()) })
const Resume = { update: Type.Optional(Type.Unknown()), goto: Type.Optional(Type.Unknown()), config: RunCreate.properties.config, metadata: Maybe(JsonObject) }
export const InputRespondOne = Type.Object({ ...InputAnswer.properties, ...Resume })
export const InputRespondMany = Type.Object({ responses: Type.Array(InputAnswer, { minItems: 1, maxItems: 1000 }), strict_resume: Maybe(Type.Boolean()), ...Resume })

export const StateGet = Type.Object({ namespace: Maybe(Namespace), keys: Maybe(Type.Array(Type.String(), { maxItems: 1000 })) })
export const ListCheckpoints = Type.Object({ namespace: Maybe(Namespace), limit: Maybe(Type.Integer({ minimum: 1, maximum: 1000 })), before: Maybe(CheckpointId) })
export const StateFork = Type.Object({ checkpoint_id: CheckpointId, input: Type.Optional(Type.Unknown()), config: RunCreate.properties.config })
export const GetTree = Type.Object({ run_id: Maybe(Uuid) })
export const Unsubscribe = Type.Object({ subscription_id: Type.String({ maxLength: 255 }) })
