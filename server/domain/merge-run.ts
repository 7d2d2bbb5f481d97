import type { Assistant, AssistantConfig } from '../contract/assistant.ts'
import type { JsonObject, RunCommand } from '../contract/common.ts'
import type { RunCreate, RunKwargs } from '../contract/run.ts'
import type { AuthUser } from './auth-user.ts'

interface MergeSources {
  readonly assistant: Assistant
  readonly thread: { readonly config: JsonObject, readonly metadata: JsonObject }
  readonly request: RunCreate
  /** Request headers that reach the graph, lower case (§3.3). */
  readonly headers: JsonObject
  readonly ids: { readonly run_id: string, readonly thread_id: string }
  readonly temporary: boolean
  /** Who asked, where the project knows its users. */
  readonly user: AuthUser | null
}

const RESERVED_METADATA = new Set(['run_id', 'assistant_id', 'graph_id', 'thread_id', 'created_by'])

/** Later sources win; `undefined` never overwrites. Built on own keys only. */
const merge = (...sources: (JsonObject | null | undefined)[]): JsonObject =>
  Object.fromEntries(sources.flatMap((source) => Object.entries(source ?? {}).filter(([, value]) => value !== undefined)))

/** Merging order of §3.3: assistant < thread < request < server keys. */
export function mergeRun(sources: MergeSources): { kwargs: RunKwargs, metadata: JsonObject } {
  const { assistant, thread, request, ids, user } = sources
  const context = request.context ?? null
  const serverKeys = { ...ids, graph_id: assistant.graph_id, assistant_id: assistant.assistant_id, ...(user ? { langgraph_auth_user: user, langgraph_auth_user_id: user.identity, langgraph_auth_permissions: user.permissions } : {}) }
  const configurable = merge(
    assistant.config.configurable,
    assistant.context,
    withoutPlace(thread.config['configurable'] as JsonObject | undefined),
    withoutPlace(request.config?.configurable),
    // Old graphs read configurable, new ones context: whichever is given is mirrored.
    context,
    sources.headers,
    serverKeys,
  )
  const metadata = merge(assistant.metadata, thread.metadata, withoutReserved(request.config?.metadata), withoutReserved(request.metadata), {
    assistant_id: assistant.assistant_id,
    graph_id: assistant.graph_id,
    run_id: ids.run_id,
    created_by: 'user',
  })
  return { metadata, kwargs: { ...instructions(request), context: mergedContext(assistant, request), config: { ...baseConfig(assistant.config, request), configurable, metadata: { ...metadata, thread_id: ids.thread_id } }, temporary: sources.temporary } }
}

function mergedContext(assistant: Assistant, request: RunCreate): JsonObject | null {
  const context = merge(assistant.config.configurable, assistant.context, withoutUser(request.config?.configurable), request.context)
  return Object.keys(context).length ? context : null
}

function baseConfig(assistant: AssistantConfig, request: RunCreate): { tags?: string[], recursion_limit?: number } {
  const tags = [...assistant.tags ?? [], ...request.config?.tags ?? []]
  // Unset must stay unset, so that the graph's own limit holds.
  const limit = request.config?.recursion_limit ?? assistant.recursion_limit
  return { ...(tags.length ? { tags: [...new Set(tags)] } : {}), ...(limit ? { recursion_limit: limit } : {}) }
}

function instructions(request: RunCreate): Omit<RunKwargs, 'config' | 'context' | 'temporary'> {
  const modes = request.stream_mode ?? 'values'
  return {
    input: request.input ?? null,
    command: commandOf(request),
    checkpoint: checkpointOf(request),
    stream_mode: [...new Set(Array.isArray(modes) ? modes : [modes])],
    subgraphs: request.stream_subgraphs ?? false,
    resumable: request.stream_resumable ?? false,
    interrupt_before: request.interrupt_before ?? null,
    interrupt_after: request.interrupt_after ?? null,
    durability: durabilityOf(request),
    webhook: request.webhook ?? null,
    feedback_keys: request.feedback_keys ?? null,
    strict_resume: request.strict_resume ?? false,
    langsmith_tracer: request.langsmith_tracer ?? null,
  }
}

const commandOf = ({ command }: RunCreate): RunCommand | null =>
  command && ['resume', 'update', 'goto'].some((key) => command[key as keyof RunCommand] != null) ? command : null

/** `checkpoint_during` is the deprecated spelling (§3.9). */
const durabilityOf = (request: RunCreate): RunKwargs['durability'] =>
  request.durability ?? (request.checkpoint_during === false ? 'exit' : 'async')

/** Where a run starts is its own: kept in a thread's config it would send every later run back there. Who asks is the server's to say. */
const PLACE = new Set(['checkpoint_id', 'checkpoint_ns', 'checkpoint_map', 'thread_id', 'run_id', 'thread_ts'])
export const withoutPlace = (configurable: JsonObject | null | undefined): JsonObject =>
  Object.fromEntries(Object.entries(configurable ?? {}).filter(([key]) => !PLACE.has(key) && !/^(__pregel_|langgraph_auth_)/.test(key)))

/** A thread keeps the config of its runs, the newest on top (§3.3). */
export function mergeThreadConfig(current: JsonObject, config: RunCreate['config']): JsonObject {
  if (!config) return current
  const { metadata: _, configurable: given, ...rest } = config
  const configurable = given && withoutPlace(given)
  const kept = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null && value !== undefined))
  return { ...current, ...kept, ...(configurable ? { configurable: { ...current['configurable'] as object | undefined, ...configurable } } : {}) }
}

/** Named directly, or the older way in `config.configurable`. */
export function checkpointOf({ checkpoint: given, checkpoint_id, config }: Pick<RunCreate, 'checkpoint' | 'checkpoint_id' | 'config'>): RunKwargs['checkpoint'] {
  const place = config?.configurable ?? {}
  const text = (key: string) => typeof place[key] === 'string' && place[key] !== '' ? place[key] : null
  const checkpoint = given ?? { checkpoint_ns: text('checkpoint_ns') }
  const id = checkpoint.checkpoint_id ?? checkpoint_id ?? text('checkpoint_id')
  if (!id && !checkpoint?.checkpoint_ns) return null
  return {
    ...(id ? { checkpoint_id: id } : {}),
    ...(checkpoint?.checkpoint_ns ? { checkpoint_ns: checkpoint.checkpoint_ns } : {}),
    ...(checkpoint?.checkpoint_map ? { checkpoint_map: checkpoint.checkpoint_map as Record<string, string> } : {}),
  }
}

const withoutUser = (configurable: JsonObject | null | undefined): JsonObject =>
  Object.fromEntries(Object.entries(configurable ?? {}).filter(([key]) => !key.startsWith('langgraph_auth_')))

const withoutReserved = (metadata: JsonObject | null | undefined): JsonObject =>
  Object.fromEntries(Object.entries(metadata ?? {}).filter(([key]) => !RESERVED_METADATA.has(key)))
