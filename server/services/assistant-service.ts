import { createHash, randomUUID } from 'node:crypto'
import type { Assistant, AssistantConfig, AssistantCreate, AssistantFilter, AssistantPatch, AssistantSearch, AssistantVersions } from '../contract/assistant.ts'
import type { JsonObject } from '../contract/common.ts'
import { systemAssistantId } from '../domain/uuid5.ts'
import { stamp, type Clock } from '../engine/clock.ts'
import type { GraphRuntime } from '../engine/graph-worker.ts'
import { assistantNotFound, PlatformError } from '../errors.ts'
import type { AssistantVersion, Storage } from '../storage/storage.ts'
import { selectFields } from './select-fields.ts'

export interface AssistantService {
  /** Gives every graph of the project its system assistant (§3.1). */
  ensureSystemAssistants(): Promise<void>
  /** Gives system assistants a version with their defaults, where these have changed since it last was given one. */
  applyDefaults(): Promise<void>
  create(body: AssistantCreate): Promise<Assistant>
  /** By id, or by graph id for the graph's system assistant. */
  get(ref: string): Assistant
  find(ref: string): Assistant | null
  patch(ref: string, body: AssistantPatch): Promise<Assistant>
  delete(ref: string, deleteThreads: boolean): Promise<void>
  search(body: AssistantSearch): { items: Partial<Assistant>[], total: number }
  count(body: AssistantFilter): number
  versions(ref: string, body: AssistantVersions): { items: AssistantVersion[], total: number }
  setLatest(ref: string, version: number): Promise<Assistant>
}

/** By graph id, what its system assistant is made with (LANGGRAPH_CONFIG). */
export type AssistantDefaults = Readonly<Record<string, { readonly config: AssistantConfig, readonly context: JsonObject }>>

interface Parts { readonly storage: Storage, readonly runtime: GraphRuntime, readonly clock: Clock, readonly defaults: AssistantDefaults, deleteThread(threadId: string): Promise<void> }

/** In the metadata of system assistants: tells the defaults they have from those that came later. Later versions by people keep it. */
const DEFAULTS_MARK = 'defaults_hash'

export function createAssistantService({ storage, runtime, clock, defaults, deleteThread }: Parts): AssistantService {
  const { assistants } = storage
  const graphIds = () => runtime.status().graphs.map((graph) => graph.graph_id)

  const find = (ref: string) => assistants.get(ref) ?? (graphIds().includes(ref) ? assistants.get(systemAssistantId(ref)) : null)

  function get(ref: string): Assistant {
    const found = find(ref)
    if (!found) throw assistantNotFound(ref)
    return found
  }

  function requireGraph(graphId: string): void {
    if (!graphIds().includes(graphId))
      throw new PlatformError('graph_not_found', `Graph "${graphId}" not found. langgraph.json has: ${graphIds().join(', ') || 'no graphs'}.`)
  }

  const defaultsOf = (graphId: string) => defaults[graphId] ?? { config: {}, context: {} }
  const markOf = (graphId: string): JsonObject => defaults[graphId] ? { [DEFAULTS_MARK]: createHash('sha256').update(JSON.stringify(defaults[graphId])).digest('hex').slice(0, 16) } : {}

  const isSystem = (assistant: Assistant) => assistant.assistant_id === systemAssistantId(assistant.graph_id)

  return {
    get, find,
    ensureSystemAssistants: async () => {
      const now = stamp(clock)
      const missing = runtime.status().graphs.filter(({ graph_id }) => !assistants.get(systemAssistantId(graph_id)))
      await Promise.all(missing.map(({ graph_id, description }) => assistants.insert({
        assistant_id: systemAssistantId(graph_id), graph_id, version: 1, name: graph_id, description,
        ...defaultsOf(graph_id), metadata: { created_by: 'system', ...markOf(graph_id) }, created_at: now, updated_at: now,
      })))
    },
    applyDefaults: async () => {
      const outdated = Object.keys(defaults).filter((graphId) => {
        const assistant = assistants.get(systemAssistantId(graphId))
        return assistant !== null && assistant.metadata[DEFAULTS_MARK] !== markOf(graphId)[DEFAULTS_MARK]
      })
      await Promise.all(outdated.map((graphId) => assistants.addVersion(systemAssistantId(graphId), (current) =>
        ({ ...current, ...defaultsOf(graphId), metadata: { ...current.metadata, ...markOf(graphId) }, updated_at: stamp(clock) }))))
    },
    create: async (body) => {
      requireGraph(body.graph_id)
      refuseBoth(body)
      const now = stamp(clock)
      const assistant: Assistant = {
        assistant_id: body.assistant_id ?? randomUUID(), graph_id: body.graph_id, version: 1, name: body.name ?? 'Untitled', description: body.description ?? null,
        config: withoutNulls(body.config), context: body.context ?? {}, metadata: body.metadata ?? {}, created_at: now, updated_at: now,
      }
      if (await assistants.insert(assistant)) return assistant
      if (body.if_exists === 'do_nothing') return get(assistant.assistant_id)
      throw new PlatformError('assistant_exists', `Assistant ${assistant.assistant_id} already exists. Pass if_exists: "do_nothing" to get it instead.`)
    },
    patch: async (ref, body) => {
      const { assistant_id } = get(ref)
      if (body.graph_id) requireGraph(body.graph_id)
      refuseBoth(body)
      const updated = await assistants.addVersion(assistant_id, (current) => ({
        ...current,
        graph_id: body.graph_id ?? current.graph_id,
        config: body.config ? withoutNulls(body.config) : current.config,
        context: body.context ?? current.context,
        metadata: { ...current.metadata, ...body.metadata },
        name: body.name ?? current.name,
        description: body.description === undefined ? current.description : body.description,
        updated_at: stamp(clock),
      }))
      if (!updated) throw assistantNotFound(ref)
      return updated
    },
    delete: async (ref, deleteThreads) => {
      const assistant = get(ref)
      if (isSystem(assistant)) throw new PlatformError('conflict', `"${assistant.name}" is the system assistant of its graph and can't be deleted.`)
      if (deleteThreads) await Promise.all(storage.threads.idsOfAssistant(assistant.assistant_id).map(deleteThread))
      await assistants.delete(assistant.assistant_id)
    },
    search: (body) => {
      const { rows, total } = assistants.search(body, { by: body.sort_by ?? 'created_at', descending: body.sort_order !== 'asc' }, { limit: body.limit ?? 10, offset: body.offset ?? 0 })
      return { total, items: selectFields(rows, body.select) }
    },
    count: (body) => assistants.search(body, { by: 'created_at', descending: true }, null).total,
    versions: (ref, { limit, offset, metadata }) => {
      const { rows, total } = assistants.versions(get(ref).assistant_id, metadata ?? null, { limit: limit ?? 10, offset: offset ?? 0 })
      return { total, items: rows }
    },
    setLatest: async (ref, version) => {
      const updated = await assistants.setLatest(get(ref).assistant_id, version, stamp(clock))
      if (!updated) throw new PlatformError('assistant_not_found', `Assistant ${ref} has no version ${version}.`)
      return updated
    },
  }
}

/** §3.3: a caller says it one way or the other. */
export function refuseBoth({ config, context }: { config?: { configurable?: unknown } | null, context?: unknown }): void {
  const has = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length > 0
  if (has(config?.configurable) && has(context)) throw new PlatformError('conflict_of_config', 'Cannot specify both configurable and context. Prefer context.')
}

const withoutNulls = (config: object | null | undefined): Record<string, unknown> =>
  Object.fromEntries(Object.entries(config ?? {}).filter(([, value]) => value !== null && value !== undefined))
