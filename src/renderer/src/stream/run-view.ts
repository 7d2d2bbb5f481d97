export type NodeStatus = 'running' | 'done' | 'error' | 'interrupted'

export interface NodeActivity {
  readonly status: NodeStatus
  /** How often it was begun in this run. */
  readonly passes: number
  /** Instances under way at the moment (fan-out). */
  readonly live: number
  /** Most instances at one time. */
  readonly widest: number
  readonly startedAt: number
  /** Milliseconds of the last finished pass. */
  readonly lastMs: number | null
  /** Tokens that model calls in it reported. */
  readonly tokens: number
}

export interface TaskActivity { readonly node: string, readonly startedAt: number }

export interface ToolCall { readonly id: string | null, readonly name: string, readonly args: unknown }

/** A message as read, whichever way it came: whole, growing, or in pieces. */
export interface MessageView {
  readonly id: string
  readonly type: string
  readonly content: unknown
  readonly name: string | null
  readonly toolCalls: readonly ToolCall[]
  readonly toolCallId: string | null
  /** Text of tool call arguments that still grow, by index. */
  readonly partialCalls: Readonly<Record<string, { id: string | null, name: string, args: string }>>
  /** The node that speaks, as a path. */
  readonly node: string | null
  readonly tokens: number | null
  /** What the model thought before it spoke, where it says so. */
  readonly reasoning: string | null
  readonly isStreaming: boolean
}

export interface LogEntry { readonly seq: number, readonly at: number, readonly kind: 'update' | 'custom', readonly node: string | null, readonly data: unknown }

export interface RunFailureView { readonly error: string, readonly message: string }

export interface RunView {
  readonly runId: string | null
  readonly attempt: number
  readonly lastSeq: number
  readonly startedAt: number | null
  readonly values: Readonly<Record<string, unknown>> | null
  readonly messageIds: readonly string[]
  readonly messages: Readonly<Record<string, MessageView>>
  readonly nodes: Readonly<Record<string, NodeActivity>>
  readonly tasks: Readonly<Record<string, TaskActivity>>
  readonly log: readonly LogEntry[]
  /** Supersteps finished so far: counts root checkpoints. */
  readonly checkpoints: number
  readonly hasInterrupt: boolean
  readonly failure: RunFailureView | null
}

export const EMPTY_RUN_VIEW: RunView = {
  runId: null, attempt: 0, lastSeq: -1, startedAt: null, values: null, messageIds: [], messages: {}, nodes: {}, tasks: {}, log: [],
  checkpoints: 0, hasInterrupt: false, failure: null,
}
