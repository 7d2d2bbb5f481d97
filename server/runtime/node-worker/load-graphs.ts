import { existsSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { stop as stopBuilding } from 'esbuild'
import type { GraphLoadError, LoadedGraph } from '../../engine/graph-worker.ts'
import { bundleGraphs } from './bundle-graphs.ts'
import { describeThrown } from './describe-thrown.ts'
import { isCompiledGraph, type CompiledGraph } from './user-langgraph.ts'
import type { VirtualModules } from './virtual-modules.ts'

export interface LoadOptions {
  readonly projectDir: string
  readonly appDir: string
  readonly graphs: Readonly<Record<string, { path: string, description: string | null }>>
  /** `path:export` of the embedding function, where the project has one of its own. */
  readonly embedding: string | null
  /** Makes built modules of one load differ from those of any other. */
  readonly label: string
  readonly modules: VirtualModules
  /** Called before any of the user's code runs, with the files the code is made of. */
  readonly onFiles: (files: readonly string[]) => void
}

/** Gives the graph for one use; a factory is called with the run's config each time. */
export type GraphSource = (config: object) => Promise<CompiledGraph>

export interface LoadedGraphs {
  readonly graphs: readonly LoadedGraph[]
  readonly sources: ReadonlyMap<string, GraphSource>
  /** What the embedding function's file exports. Throws {@link GraphUnusableError}. */
  readonly embedding: () => unknown
  /** Absolute files whose change may change the outcome. */
  readonly watch: readonly string[]
}

/** A graph that can't be loaded, with the place and the remedy. */
export class GraphUnusableError extends Error {
  override readonly name = 'GraphLoadError'
  readonly details: GraphLoadError
  constructor(details: GraphLoadError) {
    super(details.message)
    this.details = details
  }
}

/** What is loaded is called by its `title` where something is wrong with it. */
interface ExportSpec { readonly id: string, readonly title: string, readonly file: string, readonly exportName: string }

/** Loads every graph of a project. One that fails has its error; the others serve. */
export async function loadGraphs(options: LoadOptions): Promise<LoadedGraphs> {
  const graphSpecs = Object.entries(options.graphs).map(([id, { path }]) => parseSpec({ id, title: `Graph "${id}"` }, path, options.projectDir))
  // A graph's id has no slash: this one is nobody else's.
  const embedding = options.embedding === null ? null : parseSpec({ id: '/embedding', title: 'store.index.embed' }, options.embedding, options.projectDir)
  const specs = embedding ? [...graphSpecs, embedding] : graphSpecs
  const refused = new Map(specs.map((spec) => [spec.id, refusal(spec)]))
  const usable = specs.filter(({ id }) => refused.get(id) === null)
  const bundle = await bundleGraphs(usable.map(({ file }) => file), options)
  // Its process has nothing left to do: the next code is built by the next worker.
  await stopBuilding()
  const watch = [...new Set([...bundle.inputs, ...specs.map(({ file }) => file), ...configFiles(specs, options.projectDir)])]
  options.onFiles(watch)
  for (const [url, source] of bundle.modules) options.modules.add(url, source)

  const errors = new Map<string, GraphLoadError | null>(refused)
  const sources = new Map<string, GraphSource>()
  let embeddingExport: unknown
  for (const spec of usable) {
    try {
      const value = await loadExport(spec, bundle.entries.get(spec.file), bundle.failures.get(spec.file))
      if (spec === embedding) embeddingExport = value
      else sources.set(spec.id, createSource(spec, value))
    } catch (error) {
      errors.set(spec.id, error instanceof GraphUnusableError ? error.details : describeThrown(error, spec.file))
    }
  }
  return {
    graphs: Object.entries(options.graphs).map(([graph_id, { path, description }]) => ({ graph_id, path, description, error: errors.get(graph_id) ?? null })),
    sources,
    embedding: () => {
      const error = embedding && errors.get(embedding.id)
      if (error) throw new GraphUnusableError(error)
      return embeddingExport
    },
    watch,
  }
}

/** `path:export`; a drive letter is not an export. */
function parseSpec(names: Pick<ExportSpec, 'id' | 'title'>, path: string, projectDir: string): ExportSpec {
  const colon = path.lastIndexOf(':')
  const hasExport = colon > 1
  return { ...names, file: resolve(projectDir, hasExport ? path.slice(0, colon) : path), exportName: hasExport ? path.slice(colon + 1) : 'default' }
}

function refusal({ file, title }: ExportSpec): GraphLoadError | null {
  if (extname(file) === '.py') return { message: `${title}: Python graphs run by connecting to their own server for now (start it with "langgraph dev" and connect to its URL).`, file }
  if (!existsSync(file)) return { message: `${title}: the file ${file} does not exist. Correct its path in langgraph.json.`, file }
  return null
}

async function loadExport(spec: ExportSpec, url: string | undefined, failure: GraphLoadError | undefined): Promise<unknown> {
  if (failure || url === undefined) throw new GraphUnusableError(failure ?? { message: `${spec.title} was not built.`, file: spec.file })
  return readExport(spec, await import(url) as Record<string, unknown>)
}

async function readExport({ title, file, exportName }: ExportSpec, exports: Record<string, unknown>): Promise<unknown> {
  // A CommonJS file has one export only: what it gave to module.exports.
  const whole = exports['default']
  const inWhole = typeof whole === 'object' && whole !== null ? whole as Record<string, unknown> : {}
  const value = await (exports[exportName] ?? (exportName === 'default' ? undefined : inWhole[exportName]))
  if (value !== undefined && value !== null) return value
  const names = [...new Set([...Object.keys(exports), ...Object.keys(exports).length === 1 && !isCompiledGraph(whole) ? Object.keys(inWhole) : []])]
  throw new GraphUnusableError({ message: `${title}: ${file} has no export '${exportName}'; it exports: ${names.join(', ') || 'nothing'}.`, file })
}

function createSource(spec: ExportSpec, exported: unknown): GraphSource {
  if (typeof exported === 'function') return async (config) => toGraph(spec, await (exported as (config: object) => unknown)(config))
  const graph = toGraph(spec, exported)
  return () => Promise.resolve(graph)
}

/** A compiled graph as it is; a builder is compiled; an agent holds its graph. */
function toGraph(spec: ExportSpec, value: unknown): CompiledGraph {
  if (isCompiledGraph(value)) return value
  if (typeof value === 'object' && value !== null) {
    if ('graph' in value && isCompiledGraph(value.graph)) return value.graph
    if ('compile' in value && typeof value.compile === 'function') return toGraph(spec, value.compile())
  }
  throw new GraphUnusableError({ message: `${spec.title}: export '${spec.exportName}' of ${spec.file} is ${kindOf(value)}; expected a graph, a StateGraph, an agent, or a function that returns one.`, file: spec.file })
}

const kindOf = (value: unknown) => value === null || value === undefined ? String(value) : typeof value === 'object' ? `an object (${value.constructor?.name ?? 'without a class'})` : `a ${typeof value}`

/** The tsconfig files and package.json files that the build looks at. */
function configFiles(specs: readonly ExportSpec[], projectDir: string): string[] {
  const files = new Set([join(projectDir, 'tsconfig.json'), join(projectDir, 'package.json')])
  for (const { file } of specs) {
    for (let dir = dirname(file); dir.startsWith(projectDir) && dir !== dirname(dir); dir = dirname(dir)) {
      const config = join(dir, 'tsconfig.json')
      if (existsSync(config)) files.add(config)
    }
  }
  return [...files]
}
