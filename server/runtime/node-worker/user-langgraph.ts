import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { BaseCheckpointSaver, BaseStore } from '@langchain/langgraph-checkpoint'
import type { VirtualModules } from './virtual-modules.ts'

type Constructor<T> = new (...args: never[]) => T

/** A compiled graph, as far as the worker uses it: what stays the same from version to version. */
export interface CompiledGraph {
  readonly lg_is_pregel: true
  readonly nodes: Record<string, unknown>
  readonly channels: Record<string, GraphChannel>
  readonly inputChannels?: string | string[]
  readonly outputChannels?: string | string[]
  readonly streamChannels?: string | string[]
  readonly builder?: Record<string, unknown>
  checkpointer?: BaseCheckpointSaver | boolean
  store?: BaseStore
  stream(input: unknown, options: object): Promise<AsyncIterable<unknown>>
  streamEvents(input: unknown, options: object): AsyncIterable<StreamEvent>
  getState(config: object): Promise<GraphStateSnapshot>
  updateState(config: object, values: unknown, asNode?: string): Promise<GraphConfig>
  /** Not in the oldest versions. */
  bulkUpdateState?(config: object, supersteps: readonly { updates: readonly { values: unknown, asNode: string }[] }[]): Promise<GraphConfig>
  getGraphAsync(config: object): Promise<{ toJSON(): unknown }>
  getSubgraphsAsync(namespace?: string, recurse?: boolean): AsyncIterable<[string, CompiledGraph]>
}

export interface GraphConfig { configurable?: Record<string, unknown> }

export interface GraphChannel { readonly lc_graph_name?: string, readonly operator?: unknown }

export interface GraphStateSnapshot {
  readonly values: unknown
  readonly next: readonly string[]
  readonly tasks: readonly { id: string, name: string, path?: unknown, state?: unknown }[]
  readonly config: { configurable?: Record<string, unknown> }
}

/** A LangChain event of `streamEvents` version 2. */
export interface StreamEvent { readonly event: string, readonly name: string, readonly run_id: string, readonly tags?: string[], readonly data: { chunk?: unknown } }

/** The one copy of LangGraph that the user's code uses too, and the parts of it that the worker needs. */
export interface UserLangGraph {
  readonly version: string | null
  readonly Command: new (fields: { resume?: unknown, update?: unknown, goto?: unknown }) => object
  readonly Send: new (node: string, args: unknown) => object
  readonly BaseCheckpointSaver: Constructor<BaseCheckpointSaver>
  readonly BaseStore: Constructor<BaseStore>
  /** What nodes are given instead of a store, in versions that export it. */
  readonly AsyncBatchedStore: Constructor<BaseStore> | undefined
  /** What a checkpoint of this version has in it. */
  readonly emptyCheckpoint: () => object
  /** The reducers that make a channel a list of messages. */
  readonly messageReducers: readonly unknown[]
  /** `@langchain/core/messages` of the same copy. */
  readonly messages: Record<string, unknown>
  /** `@langchain/core/documents` of the same copy. */
  readonly documents: Record<string, unknown>
  /** `@langchain/langgraph/zod/schema`, where the version has it. */
  readonly schemaReaders: Record<string, unknown>
  /** The node that the calling code runs in. */
  readonly currentNode: () => string | undefined
  /** Tells LangSmith of a run. */
  readonly LangChainTracer: (new (fields: { projectName?: string, exampleId?: string }) => object) | undefined
  /** LangChain's way from zod and other schemas to JSON Schema. */
  readonly toJsonSchema: ((schema: unknown, options?: object) => unknown) | undefined
}

export class LangGraphMissingError extends Error {
  override readonly name = 'LangGraphMissingError'
}

/** Imports LangGraph as the project sees it; the app's own copy when the project has none installed. */
export async function importUserLangGraph(modules: VirtualModules, projectDir: string, appDir: string): Promise<UserLangGraph> {
  const base = [projectDir, appDir].map((dir) => pathToFileURL(join(dir, 'package.json')).href)
    .map((parent) => modules.locate(parent, '@langchain/langgraph')).find((url) => url !== null)
  if (!base) throw new LangGraphMissingError(`Cannot find package '@langchain/langgraph' imported from ${projectDir}; run npm install in ${projectDir}.`)
  const [langgraph, messages, documents, schemaReaders, jsonSchema, singletons, tracers] = await Promise.all([
    import(base) as Promise<Record<string, unknown>>,
    modules.importFrom(base, '@langchain/core/messages'),
    optional(modules, base, '@langchain/core/documents'),
    optional(modules, base, '@langchain/langgraph/zod/schema'),
    optional(modules, base, '@langchain/core/utils/json_schema'),
    optional(modules, base, '@langchain/core/singletons'),
    optional(modules, base, '@langchain/core/tracers/tracer_langchain'),
  ])
  return {
    version: versionOf(base),
    Command: langgraph['Command'] as UserLangGraph['Command'],
    Send: langgraph['Send'] as UserLangGraph['Send'],
    BaseCheckpointSaver: langgraph['BaseCheckpointSaver'] as UserLangGraph['BaseCheckpointSaver'],
    BaseStore: langgraph['BaseStore'] as UserLangGraph['BaseStore'],
    AsyncBatchedStore: langgraph['AsyncBatchedStore'] as UserLangGraph['AsyncBatchedStore'],
    emptyCheckpoint: langgraph['emptyCheckpoint'] as UserLangGraph['emptyCheckpoint'],
    messageReducers: ['messagesStateReducer', 'addMessages', 'messagesDeltaReducer'].map((name) => langgraph[name]).filter((reducer) => reducer !== undefined),
    messages,
    documents,
    schemaReaders,
    currentNode: nodeFinder(singletons),
    LangChainTracer: tracers['LangChainTracer'] as UserLangGraph['LangChainTracer'],
    toJsonSchema: jsonSchema['toJsonSchema'] as UserLangGraph['toJsonSchema'],
  }
}

interface ConfigHolder { getRunnableConfig?(): { metadata?: Record<string, unknown> } | undefined }

/** LangChain carries the config of what runs along with it, where the version does. */
function nodeFinder(singletons: Record<string, unknown>): () => string | undefined {
  const holder = singletons['AsyncLocalStorageProviderSingleton'] as ConfigHolder | undefined
  return () => {
    const node = holder?.getRunnableConfig?.()?.metadata?.['langgraph_node']
    return typeof node === 'string' ? node : undefined
  }
}

async function optional(modules: VirtualModules, parentUrl: string, specifier: string): Promise<Record<string, unknown>> {
  return modules.locate(parentUrl, specifier) === null ? {} : await modules.importFrom(parentUrl, specifier)
}

function versionOf(url: string): string | null {
  const path = fileURLToPath(url)
  const root = path.slice(0, path.lastIndexOf('langgraph') + 'langgraph'.length)
  try {
    return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version?: string }).version ?? null
  } catch {
    // A layout we don't know: the version is only information.
    return null
  }
}

/** Whether the installed version is at least `major.minor`; true when it can't be told. */
export function isAtLeast(version: string | null, major: number, minor: number): boolean {
  const [own, ownMinor] = (version ?? '').split('.').map(Number)
  if (own === undefined || ownMinor === undefined || Number.isNaN(own)) return true
  return own > major || (own === major && ownMinor >= minor)
}

export const isCompiledGraph = (value: unknown): value is CompiledGraph =>
  typeof value === 'object' && value !== null && 'lg_is_pregel' in value && value.lg_is_pregel === true

/** A copy of the graph that has a checkpointer and a store of its own, so that runs don't share any. */
export function withPersistence(graph: CompiledGraph, checkpointer: BaseCheckpointSaver | undefined, store: BaseStore | undefined): CompiledGraph {
  const clone = Object.create(Object.getPrototypeOf(graph) as object, Object.getOwnPropertyDescriptors(graph)) as CompiledGraph
  if (checkpointer) clone.checkpointer = checkpointer
  if (store) clone.store = store
  return clone
}
