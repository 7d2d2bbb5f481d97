import type { TSchema, Static } from 'typebox'
import {
  CancelParams, GetParams, HISTORY_SCOPE_HEADER, HISTORY_SCOPES, ListParams, loudState, RPC_CODES, SendParams,
  type HistoryScope, type Part, type RpcAnswer, type RpcError, type RpcRequest, type TaskEvent, type TaskState,
} from '../contract/a2a.ts'
import type { Assistant } from '../contract/assistant.ts'
import type { JsonObject } from '../contract/common.ts'
import type { ErrorCode } from '../contract/errors.ts'
import { RunCreate } from '../contract/run.ts'
import { isKnownVersion, METHODS, type Line, type Operation } from '../domain/a2a-lines.ts'
import { saidIn } from '../domain/a2a-messages.ts'
import { answerFrom, contentFrom, readParts } from '../domain/a2a-parts.ts'
import { A2aRefusal } from '../domain/a2a-refusal.ts'
import { agentCard } from '../domain/agent-card.ts'
import { uuid7 } from '../domain/uuid7.ts'
import { stamp, type Clock } from '../engine/clock.ts'
import { PlatformError, threadNotFound } from '../errors.ts'
import type { LogKey, Storage } from '../storage/storage.ts'
import { createA2aTasks, howMuch, type HowMuch, type TaskRuns } from './a2a-tasks.ts'
import type { AssistantService } from './assistant-service.ts'
import { checkValue } from './check-value.ts'
import type { GraphService } from './graph-service.ts'
import type { Permissions } from './permissions.ts'
import type { RunOrigin, RunService } from './run-service.ts'
import type { StateService } from './state-service.ts'

/** Who calls an agent, and from where. */
export interface AgentCaller extends RunOrigin {
  /** What is asked of the project's auth code; null where there is none. */
  readonly may: Pick<Permissions, 'createRun' | 'thread'> | null
  /** Where the assistant's agent is. */
  readonly url: string
  /** Aborts when nobody listens any more. What was begun goes on. */
  readonly signal: AbortSignal
}

/** An answer at once, one that takes its time, or one after the other. */
export type AgentAnswer = { readonly now: RpcAnswer } | { readonly later: Promise<RpcAnswer> } | { readonly events: AsyncGenerator<RpcAnswer> }

/** Assistants as agents for other agents (wire reference §1.8): a context is a thread, a task a run with those that answer its questions. */
export interface A2aService {
  card(assistantRef: string, url: string): JsonObject
  /** Refusals are answers. Throws what HTTP says better: that there is no such assistant, that it is not allowed, and bugs. */
  call(assistantRef: string, request: RpcRequest, caller: AgentCaller): Promise<AgentAnswer>
}

interface Parts { readonly storage: Storage, readonly assistants: AssistantService, readonly graphs: GraphService, readonly runs: RunService, readonly states: StateService, readonly clock: Clock }
interface Asked { readonly assistant: Assistant, readonly line: Line, readonly params: unknown, readonly caller: AgentCaller, readonly scope: HistoryScope }
/** What an operation comes to: a result, now or later, or several. */
type Outcome = { readonly result: unknown } | { readonly later: Promise<unknown> } | { readonly each: AsyncGenerator<unknown> }

/** What is told of a run while it goes on. */
const MODES = ['values', 'messages-tuple'] as const
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const BY_STATUS: ReadonlySet<ErrorCode> = new Set(['unauthorized', 'forbidden', 'auth_failed', 'assistant_not_found', 'worker_unavailable', 'storage_failed', 'storage_full', 'storage_busy', 'internal'])
const CODES: Partial<Record<ErrorCode, RpcError['code']>> = { thread_not_found: RPC_CODES.task_not_found, run_not_found: RPC_CODES.task_not_found, thread_busy: RPC_CODES.unsupported, graph_load_failed: RPC_CODES.internal, graph_failed: RPC_CODES.internal, graph_not_found: RPC_CODES.internal }
const GOES_ON: ReadonlySet<TaskState> = new Set(['submitted', 'working'])

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)
/** Told by the status of HTTP, as everywhere: also where the project's code chose it. */
const isForHttp = ({ code, status }: PlatformError) => status !== null || BY_STATUS.has(code)

/** A refusal as JSON-RPC tells it; anything else is thrown. */
function errorOf(error: unknown): RpcError {
  if (error instanceof A2aRefusal) return { code: RPC_CODES[error.code], message: error.message }
  if (error instanceof PlatformError && !isForHttp(error)) return { code: CODES[error.code] ?? RPC_CODES.invalid_params, message: error.message }
  throw error
}

const checked = <T extends TSchema>(schema: T, params: unknown): Static<T> =>
  checkValue(schema, params, (problem) => { throw new A2aRefusal('invalid_params', `params${problem}`) })

const noTask = (id: string) => new A2aRefusal('task_not_found', `There is no task ${id.slice(0, 100)}.`)

export function createA2aService({ storage, assistants, graphs, runs, states, clock }: Parts): A2aService {
  const tasks = createA2aTasks(storage)

  /** A task of the assistant's that the caller may see, or do that to. */
  async function taskOf({ assistant, caller }: Asked, id: string, action = 'read', more: JsonObject = {}): Promise<TaskRuns> {
    const task = tasks.find(id)
    if (task?.[0].assistant_id !== assistant.assistant_id) throw noTask(id)
    const { thread_id, run_id } = task[0]
    await caller.may?.thread(action, thread_id, { run_id, ...more }).catch((error: unknown) => {
      // What is another's is answered like what is not there.
      throw error instanceof PlatformError && error.code === 'thread_not_found' ? noTask(id) : error
    })
    return task
  }

  /** As it is now: the runs that were read before have gone on. */
  const readNow = ({ run_id }: LogKey, how: HowMuch) => {
    const task = tasks.find(run_id)
    if (!task) throw noTask(run_id)
    return tasks.read(task, how)
  }

  async function startRun({ assistant, caller }: Asked, threadId: string, asked: Omit<RunCreate, 'assistant_id'>): Promise<LogKey> {
    const body: RunCreate = { ...asked, assistant_id: assistant.assistant_id, stream_mode: [...MODES] }
    if (!caller.may) return runs.create(threadId, body, caller)
    const allowed = await caller.may.createRun(threadId, body)
    const changed = checkValue(RunCreate, allowed.body, (problem) => { throw new PlatformError('auth_failed', `The auth code made a run that can't be started: ${problem}`) })
    return runs.create(threadId, changed, { ...caller, owned: allowed.owned })
  }

  async function begin(asked: Asked): Promise<{ run: LogKey, params: SendParams }> {
    const params = checked(SendParams, asked.params)
    const { message: { taskId, contextId, parts }, configuration } = params
    if (configuration?.pushNotificationConfig || configuration?.taskPushNotificationConfig) throw new A2aRefusal('no_push', 'Push notifications are not sent. Ask for the task, or stream.')
    const given = readParts(parts)
    return { run: taskId ? await resume(asked, taskId, contextId || null, given) : await startTask(asked, contextId || null, params, given), params }
  }

  async function resume(asked: Asked, id: string, contextId: string | null, parts: readonly Part[]): Promise<LogKey> {
    const task = await taskOf(asked, id)
    const { thread_id } = task[0]
    if (contextId && contextId !== thread_id) throw new A2aRefusal('invalid_params', `Task ${id} belongs to the context ${thread_id}, not to ${contextId.slice(0, 100)}.`)
    const { state } = tasks.status(task)
    if (state !== 'input-required') throw new A2aRefusal('unsupported', `Task ${id} is ${state}: it takes a message only while it is input-required. Without a taskId the message begins a new task of the context.`)
    return startRun(asked, thread_id, { command: { resume: answerFrom(parts) }, multitask_strategy: 'reject' })
  }

  async function startTask(asked: Asked, contextId: string | null, params: SendParams, parts: readonly Part[]): Promise<LogKey> {
    if (contextId && !UUID.test(contextId)) throw new A2aRefusal('invalid_params', 'params/message/contextId must be a UUID. Without one a new context is made.')
    const schemas = await schemasOf(asked.assistant)
    const context = params.message.metadata?.['context'] ?? params.metadata?.['context']
    return startRun(asked, contextId ?? uuid7(clock.now()), {
      input: inputFrom(params, parts, asked.assistant, schemas.input),
      if_not_exists: 'create',
      ...(isObject(context) && isObject(schemas.context) ? { context } : {}),
    })
  }

  /** A graph that can't say what it takes is not asked for it. */
  async function schemasOf({ assistant_id }: Assistant): Promise<{ input: unknown, context: unknown }> {
    try {
      const { input_schema: input, context_schema: context } = await graphs.schemas(assistant_id)
      return { input, context }
    } catch (error) {
      if (error instanceof PlatformError) return { input: null, context: null }
      throw error
    }
  }

  async function untilEnd(run: LogKey, signal: AbortSignal): Promise<void> {
    for await (const _ of runs.stream(run, { after: -1, modes: [], signal })) if (signal.aborted) return
  }

  async function* follow({ caller: { signal }, line }: Asked, run: LogKey, how: HowMuch): AsyncGenerator<unknown> {
    const task = readNow(run, how)
    const ids = { taskId: task.id, contextId: task.contextId }
    const tell = (event: TaskEvent) => line.event(event)
    const working = (said?: { id: string, text: string }): TaskEvent => ({
      kind: 'status', ...ids, isFinal: false,
      status: { state: 'working', timestamp: stamp(clock), ...(said ? { message: { messageId: said.id || run.run_id, ...ids, role: 'agent', parts: [{ text: said.text }] } } : {}) },
    })
    yield tell({ kind: 'task', task })
    let isTold = task.status.state !== 'submitted'
    for await (const bytes of runs.stream(run, { after: -1, modes: ['messages-tuple'], signal })) {
      if (!isTold) yield tell(working())
      isTold = true
      for (const said of saidIn(bytes)) yield tell(working(said))
    }
    if (signal.aborted) return
    const { status, artifacts } = readNow(run, how)
    for (const artifact of artifacts) yield tell({ kind: 'artifact', ...ids, artifact })
    yield tell({ kind: 'status', ...ids, status, isFinal: !GOES_ON.has(status.state) })
  }

  async function cancel(asked: Asked): Promise<unknown> {
    const { id } = checked(CancelParams, asked.params)
    const task = await taskOf(asked, id, 'update', { action: 'interrupt' })
    const { state } = tasks.status(task)
    const { thread_id, run_id } = task.at(-1) ?? task[0]
    if (GOES_ON.has(state)) {
      await runs.cancel(thread_id, run_id, 'interrupt', true).catch((error: unknown) => {
        throw error instanceof PlatformError && error.code === 'run_not_found' ? new A2aRefusal('not_cancelable', `Task ${id} has just ended.`) : error
      })
    // Nothing runs: the thread is brought to its end instead, so that nobody is asked any more.
    } else if (state === 'input-required') await states.update(thread_id, { values: null, as_node: '__end__' })
    else throw new A2aRefusal('not_cancelable', `Task ${id} is ${state}.`)
    return asked.line.task(readNow(task[0], howMuch(null, asked.scope)))
  }

  async function list({ params, assistant, caller, line, scope }: Asked): Promise<unknown> {
    const { contextId, status, statusTimestampAfter, pageSize, pageToken, includeArtifacts, ...history } = checked(ListParams, params)
    if (!storage.threads.get(contextId)) throw threadNotFound(contextId)
    await caller.may?.thread('read', contextId)
    const since = statusTimestampAfter ? Date.parse(statusTimestampAfter) : 0
    const found = Array.from(tasks.of(contextId)).filter(([{ assistant_id }]) => assistant_id === assistant.assistant_id).filter((task) => {
      const { state, timestamp } = tasks.status(task)
      return (!status || loudState(state) === status) && Date.parse(timestamp) >= since
    })
    const from = Number(pageToken || 0)
    const size = pageSize ?? 50
    const page = found.slice(from, from + size)
    const how = howMuch(history, scope, includeArtifacts ?? false)
    return { tasks: page.map((task) => line.task(tasks.read(task, how))), nextPageToken: from + page.length < found.length && page.length > 0 ? String(from + page.length) : '', pageSize: size, totalSize: found.length }
  }

  const card = (ref: string, url: string) => agentCard(assistants.get(ref), url)

  const operations: Readonly<Record<Operation, (asked: Asked) => Promise<Outcome>>> = {
    send: async (asked) => {
      const { run, params: { configuration } } = await begin(asked)
      const read = () => asked.line.sent(readNow(run, howMuch(configuration, asked.scope)))
      if (configuration?.returnImmediately || configuration?.blocking === false) return { result: read() }
      return { later: untilEnd(run, asked.caller.signal).then(read) }
    },
    stream: async (asked) => {
      const { run, params: { configuration } } = await begin(asked)
      return { each: follow(asked, run, howMuch(configuration, asked.scope)) }
    },
    get: async (asked) => {
      const { id, ...history } = checked(GetParams, asked.params)
      return { result: asked.line.task(tasks.read(await taskOf(asked, id), howMuch(history, asked.scope))) }
    },
    cancel: async (asked) => ({ result: await cancel(asked) }),
    list: async (asked) => ({ result: await list(asked) }),
    card: async ({ assistant, caller }) => ({ result: card(assistant.assistant_id, caller.url) }),
  }

  function methodOf(name: string) {
    const method = METHODS.get(name)
    if (!method) throw new A2aRefusal('method_not_found', `There is no method "${name.slice(0, 100)}". There are ${[...METHODS.keys()].join(', ')}.`)
    return method
  }

  return {
    card,
    call: async (assistantRef, { method: name, params, id: given }, caller) => {
      const assistant = assistants.get(assistantRef)
      const id = given ?? null
      const answer = (result: unknown): RpcAnswer => ({ jsonrpc: '2.0', id, result })
      const refuse = (error: unknown): RpcAnswer => ({ jsonrpc: '2.0', id, error: errorOf(error) })
      try {
        requireVersion(caller)
        const { line, does } = methodOf(name)
        const outcome = await operations[does]({ assistant, line, params: params ?? {}, caller, scope: scopeOf(caller) })
        if ('each' in outcome) return { events: answersOf(outcome.each, answer, refuse) }
        return 'later' in outcome ? { later: outcome.later.then(answer, refuse) } : { now: answer(outcome.result) }
      } catch (error) {
        return { now: refuse(error) }
      }
    },
  }
}

/** Objects are the graph's input, key by key; everything else is a message. */
function inputFrom({ message: { role, messageId } }: SendParams, parts: readonly Part[], { name }: Assistant, schema: unknown): JsonObject {
  const data = parts.flatMap((part) => 'data' in part ? [part.data] : [])
  const rest = parts.filter((part) => !('data' in part))
  if (!data.every(isObject)) throw new A2aRefusal('invalid_params', 'A data part that begins a task must be an object: its keys are the input of the graph.')
  const input = Object.fromEntries(data.flatMap((one) => Object.entries(one)))
  if (rest.length === 0) return input
  const keys = isObject(schema) && isObject(schema['properties']) ? Object.keys(schema['properties']) : null
  if (keys && !keys.includes('messages'))
    throw new A2aRefusal('invalid_params', `The graph of "${name}" holds no conversation: its state has no messages. Send a data part with its input${keys.length ? ` (${keys.join(', ')})` : ''} instead of text and files.`)
  // Others are not known to be unique: the graph gives its own, or a message would take the place of an older one.
  const id = messageId && UUID.test(messageId) ? { id: messageId } : {}
  return { ...input, messages: [{ type: role.toLowerCase().endsWith('agent') ? 'ai' : 'human', content: contentFrom(rest), ...id }] }
}

const headerOf = ({ headers }: AgentCaller, name: string): string => [headers[name] ?? []].flat().join(',')

/** What is asked for where the request does not say it. */
function scopeOf(caller: AgentCaller): HistoryScope {
  const text = headerOf(caller, HISTORY_SCOPE_HEADER)
  const scope = HISTORY_SCOPES.find((one) => one === (text || 'context'))
  if (!scope) throw new A2aRefusal('invalid_params', `${HISTORY_SCOPE_HEADER} must be one of ${HISTORY_SCOPES.join(', ')}.`)
  return scope
}

function requireVersion(caller: AgentCaller): void {
  const version = headerOf(caller, 'a2a-version')
  if (version && !isKnownVersion(version)) throw new A2aRefusal('version_not_supported', `A2A-Version "${version.slice(0, 20)}" is not spoken here: 0.3 and 1.0 are.`)
}

/** What goes wrong on the way is the last answer. */
async function* answersOf(results: AsyncIterable<unknown>, answer: (result: unknown) => RpcAnswer, refuse: (error: unknown) => RpcAnswer): AsyncGenerator<RpcAnswer> {
  try {
    for await (const result of results) yield answer(result)
  } catch (error) {
    yield refuse(error)
  }
}
