import { type TSchema, type Static } from 'typebox'
import type { JsonObject } from '../contract/common.ts'
import { GetTree, InputRespondMany, InputRespondOne, ListCheckpoints, RunStart, StateFork, StateGet, type ProtocolAnswer, type ProtocolCommand, type ProtocolErrorCode } from '../contract/protocol.ts'
import type { ErrorCode } from '../contract/errors.ts'
import type { RunCreate } from '../contract/run.ts'
import { hasOwnId, interruptId } from '../domain/interrupt-id.ts'
import { checkpointOf } from '../domain/merge-run.ts'
import { PlatformError, runNotFound, threadNotFound } from '../errors.ts'
import type { Storage } from '../storage/storage.ts'
import { checkValue } from './check-value.ts'
import type { ProtocolService } from './protocol-service.ts'
import type { RunOrigin, RunService } from './run-service.ts'
import type { StateService } from './state-service.ts'

export interface ProtocolCommands {
  /** Does what a command asks. A refusal is an answer; throws for a thread that does not exist, and for bugs. */
  execute(threadId: string, command: ProtocolCommand, from: RunOrigin): Promise<ProtocolAnswer>
}

/** A refusal that the platform's own codes have no word for. */
export class ProtocolRefusal extends Error {
  override readonly name = 'ProtocolRefusal'
  readonly code: ProtocolErrorCode
  constructor(code: ProtocolErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** What a run must tell so that every channel has its events. */
const MODES = ['values', 'updates', 'messages-tuple', 'tools', 'custom', 'tasks', 'checkpoint_refs'] as const

const CODES: Partial<Record<ErrorCode, ProtocolErrorCode>> = {
  invalid_request: 'invalid_argument', assistant_not_found: 'invalid_argument', graph_not_found: 'invalid_argument', conflict_of_config: 'invalid_argument', thread_not_found: 'invalid_argument',
  checkpoint_not_found: 'no_such_checkpoint', run_not_found: 'no_such_run', unauthorized: 'permission_denied', forbidden: 'permission_denied',
}

/** A refusal as the answer to a command; anything else is a bug, and thrown. */
export function refusalOf(error: unknown, id: number | null): ProtocolAnswer {
  if (error instanceof ProtocolRefusal) return { type: 'error', id, error: error.code, message: error.message }
  if (error instanceof PlatformError) return { type: 'error', id, error: CODES[error.code] ?? 'unknown_error', message: error.message }
  throw error
}

/** The parameters of a command; a refusal names the field. */
export const checked = <T extends TSchema>(schema: T, params: unknown): Static<T> =>
  checkValue(schema, params, (problem) => { throw new ProtocolRefusal('invalid_argument', `params${problem}`) })

interface Parts { readonly storage: Storage, readonly runs: RunService, readonly states: StateService, readonly protocol: ProtocolService }

type Handler = (threadId: string, params: unknown, from: RunOrigin) => Promise<JsonObject>

export function createProtocolCommands({ storage, runs, states, protocol }: Parts): ProtocolCommands {
  const namespaceText = (namespace: readonly string[] | null | undefined) => namespace?.join('|') ?? ''

  function requireThread(threadId: string) {
    const thread = storage.threads.get(threadId)
    if (!thread) throw threadNotFound(threadId)
    return thread
  }

  /** Whose run the thread's newest one was. */
  function assistantOf(threadId: string): string {
    const thread = requireThread(threadId)
    const id = storage.runs.list(threadId, { status: null, newestFirst: true }, { limit: 1, offset: 0 })[0]?.assistant_id ?? thread.metadata['assistant_id'] ?? thread.metadata['graph_id']
    if (typeof id !== 'string') throw new ProtocolRefusal('no_such_run', `Thread ${threadId} has had no run yet.`)
    return id
  }

  const start = (threadId: string, body: RunCreate, from: RunOrigin) =>
    runs.create(threadId, { ...body, stream_mode: [...MODES], stream_subgraphs: true, stream_resumable: true }, from)

  const pending = (threadId: string) => storage.threads.get(threadId) ? states.whole(threadId, {}).interrupts : []

  const handlers: Readonly<Record<string, Handler>> = {
    'run.start': async (threadId, params, from) => {
      const { assistant_id, input, config = null, metadata = null, context = null, langsmith_tracer = null, multitask_strategy = null, multitaskStrategy = null } = checked(RunStart, params)
      // An input to a thread that waits for an answer is the answer, unless it goes on from elsewhere.
      const resumes = input !== undefined && input !== null && !checkpointOf({ config }) && pending(threadId).length > 0
      const run = await start(threadId, {
        assistant_id, config, metadata, context, langsmith_tracer, multitask_strategy: multitask_strategy ?? multitaskStrategy, if_not_exists: 'create',
        ...(resumes ? { command: { resume: input } } : { input: input ?? null }),
      }, from)
      return { run_id: run.run_id }
    },

    'input.respond': async (threadId, params, from) => {
      const isMany = typeof params === 'object' && params !== null && 'responses' in params
      const many = isMany ? checked(InputRespondMany, params) : null
      const one = isMany ? null : checked(InputRespondOne, params)
      const answers = many?.responses ?? [one!]
      const { update, goto, config = null, metadata = null } = many ?? one!
      const assistant_id = assistantOf(threadId)
      const open = new Map(pending(threadId).map((interrupt) => [interruptId(interrupt, []), interrupt]))
      const unknown = answers.filter(({ interrupt_id }) => !open.has(interrupt_id)).map(({ interrupt_id }) => interrupt_id)
      if (unknown.length > 0 && (many?.strict_resume === true || unknown.length === answers.length))
        throw new ProtocolRefusal('no_such_interrupt', `Nothing waits for an answer to ${unknown.join(', ')}. Pending: ${[...open.keys()].join(', ') || 'none'}.`)
      const known = answers.filter(({ interrupt_id }) => open.has(interrupt_id))
      // Before LangGraph had ids, a task's one question was answered by the value alone.
      const resume = known.length === 1 && !hasOwnId(open.get(known[0]!.interrupt_id)!) ? known[0]!.response : Object.fromEntries(known.map(({ interrupt_id, response }) => [interrupt_id, response ?? null]))
      const run = await start(threadId, { assistant_id, config, metadata, command: { resume, update, goto } }, from)
      return { run_id: run.run_id }
    },

    'state.get': async (threadId, params) => {
      const { namespace, keys } = checked(StateGet, params)
      const ns = requireNamespace(threadId, namespace)
      const { values, checkpoint_id } = states.whole(threadId, { checkpoint_ns: ns })
      const chosen = keys && typeof values === 'object' && values !== null ? Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key))) : values
      return { values: chosen, ...(checkpoint_id ? { checkpoint: { id: checkpoint_id, ns } } : {}) }
    },

    'state.listCheckpoints': async (threadId, params) => {
      const { namespace, limit, before } = checked(ListCheckpoints, params)
      requireNamespace(threadId, namespace)
      const rows = storage.checkpoints.list(threadId, namespaceText(namespace), { before: before ?? null, limit: limit ?? 10, metadata: null })
      return { checkpoints: rows.map(({ checkpoint_id, parent_checkpoint_id, created_at, metadata }) => ({ id: checkpoint_id, parent_id: parent_checkpoint_id, timestamp: created_at, step: metadata['step'], source: metadata['source'], metadata })) }
    },

    'state.fork': async (threadId, params, from) => {
      const { checkpoint_id, input, config = null } = checked(StateFork, params)
      const run = await start(threadId, { assistant_id: assistantOf(threadId), checkpoint_id, input: input ?? null, config }, from)
      return { run_id: run.run_id, thread_id: threadId }
    },

    'agent.getTree': async (threadId, params) => {
      const { run_id } = checked(GetTree, params)
      requireThread(threadId)
      const run = run_id ? storage.runs.get(run_id) : storage.runs.list(threadId, { status: null, newestFirst: true }, { limit: 1, offset: 0 })[0]
      if (!run || run.thread_id !== threadId) throw run_id ? runNotFound(run_id) : new ProtocolRefusal('no_such_run', `Thread ${threadId} has had no run yet.`)
      return { tree: await protocol.tree(run, run.graph_id) }
    },
  }

  function requireNamespace(threadId: string, namespace: readonly string[] | null | undefined): string {
    requireThread(threadId)
    const ns = namespaceText(namespace)
    if (ns !== '' && !storage.checkpoints.hasNamespace(threadId, ns)) throw new ProtocolRefusal('no_such_namespace', `Thread ${threadId} has no state in ${ns}.`)
    return ns
  }

  const NOT_SUPPORTED = new Set(['input.inject', 'subscription.reconnect', 'subscription.subscribe', 'subscription.unsubscribe'])

  return {
    execute: async (threadId, { id, method, params }, from) => {
      try {
        if (NOT_SUPPORTED.has(method)) throw new ProtocolRefusal('not_supported', `${method} is not supported here.`)
        if (!Object.hasOwn(handlers, method)) throw new ProtocolRefusal('unknown_command', `There is no command "${method.slice(0, 100)}".`)
        const result = await handlers[method]!(threadId, params ?? {}, from)
        return { type: 'success', id, result, meta: { applied_through_seq: protocol.appliedThrough(threadId, typeof result['run_id'] === 'string' ? result['run_id'] : null), thread_id: threadId } }
      } catch (error) {
        if (error instanceof PlatformError && error.code === 'thread_not_found') throw error
        return refusalOf(error, id)
      }
    },
  }
}
