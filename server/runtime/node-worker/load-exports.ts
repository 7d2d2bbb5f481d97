import { existsSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { stop as stopBuilding } from 'esbuild'
import type { GraphLoadError, LoadedGraph } from '../../engine/graph-worker.ts'
import { bundleGraphs } from './bundle-graphs.ts'
import { describeThrown } from './describe-thrown.ts'
import { isCompiledGraph, type CompiledGraph } from './user-langgraph.ts'
import type { VirtualModules } from './virtual-modules.ts'

export interface LoadOptions<T> {
  readonly projectDir: string
  readonly appDir: string
  readonly graphs: Readonly<Record<string, { path: string, description: string | null }>>
  /** Makes built modules of one load differ from those of any other. */
  readonly label: string
  readonly modules: VirtualModules
  /** Called before any of the user's code runs, with the files the code is made of. */
  readonly onFiles: (files: readonly string[]) => void
  /** What an entry is called where its trouble is told. */
  readonly labelOf: (id: string) => string
  /** What an export is good for. Throws {@link GraphUnusableError} when it is not. */
  readonly use: (spec: Spec, exported: unknown) => T
}

/** Gives the graph for one use; a factory is called with the run's config each time. */
export type GraphSource = (config: object) => Promise<CompiledGraph>

export interface Loaded<T> {
  readonly graphs: readonly LoadedGraph[]
  readonly sources: ReadonlyMap<string, T>
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

export interface Spec { readonly id: string, readonly label: string, readonly file: string, readonly exportName: string }

/** Loads what langgraph.json names by `path:export`. What fails has its error; the rest serves. */
export async function loadExports<T>(options: LoadOptions<T>): Promise<Loaded<T>> {
  const specs = Object.entries(options.graphs).map(([id, { path }]) => parseSpec(id, options.labelOf(id), path, options.projectDir))
  const refused = new Map(specs.map((spec) => [spec.id, refusal(spec)]))
  const usable = specs.filter(({ id }) => refused.get(id) === null)
  const bundle = await bundleGraphs(usable.map(({ file }) => file), options)
  // Its process has nothing left to do: the next code is built by the next worker.
  await stopBuilding()
  const watch = [...new Set([...bundle.inputs, ...specs.map(({ file }) => file), ...configFiles(specs, options.projectDir)])]
  options.onFiles(watch)
  for (const [url, source] of bundle.modules) options.modules.add(url, source)

  const errors = new Map<string, GraphLoadError | null>(refused)
  const sources = new Map<string, T>()
  for (const spec of usable) {
    const outcome = await loadOne(spec, options.use, bundle.entries.get(spec.file), bundle.failures.get(spec.file))
    if ('use' in outcome) sources.set(spec.id, outcome.use)
    else errors.set(spec.id, outcome)
  }
  return {
    graphs: Object.entries(options.graphs).map(([graph_id, { path, description }]) => ({ graph_id, path, description, error: errors.get(graph_id) ?? null })),
    sources,
    watch,
  }
}

/** `path:export`; a drive letter is not an export. */
function parseSpec(id: string, label: string, path: string, projectDir: string): Spec {
  const colon = path.lastIndexOf(':')
  const hasExport = colon > 1
  return { id, label, file: resolve(projectDir, hasExport ? path.slice(0, colon) : path), exportName: hasExport ? path.slice(colon + 1) : 'default' }
}

function refusal({ file, label }: Spec): GraphLoadError | null {
  if (extname(file) === '.py') return { message: `${label}: Python graphs run by connecting to their own server for now (start it with "langgraph dev" and connect to its URL).`, file }
  if (!existsSync(file)) return { message: `${label}: the file ${file} does not exist. Correct its path in langgraph.json.`, file }
  return null
}

async function loadOne<T>(spec: Spec, use: LoadOptions<T>['use'], url: string | undefined, failure: GraphLoadError | undefined): Promise<{ use: T } | GraphLoadError> {
  if (failure || url === undefined) return failure ?? { message: `${spec.label} was not built.`, file: spec.file }
  try {
    const exports = await import(url) as Record<string, unknown>
    return { use: use(spec, await readExport(spec, exports)) }
  } catch (error) {
    return error instanceof GraphUnusableError ? error.details : describeThrown(error, spec.file)
  }
}

async function readExport({ label, file, exportName }: Spec, exports: Record<string, unknown>): Promise<unknown> {
  // A CommonJS file has one export only: what it gave to module.exports.
  const whole = exports['default']
  const inWhole = typeof whole === 'object' && whole !== null ? whole as Record<string, unknown> : {}
  const value = await (exports[exportName] ?? (exportName === 'default' ? undefined : inWhole[exportName]))
  if (value !== undefined && value !== null) return value
  const names = [...new Set([...Object.keys(exports), ...Object.keys(exports).length === 1 && !isCompiledGraph(whole) ? Object.keys(inWhole) : []])]
  throw new GraphUnusableError({ message: `${label}: ${file} has no export '${exportName}'; it exports: ${names.join(', ') || 'nothing'}.`, file })
}

/** For {@link LoadOptions.use}: a graph, or whatever gives one. */
export function asGraph(spec: Spec, exported: unknown): GraphSource {
  if (typeof exported === 'function') return async (config) => toGraph(spec, await (exported as (config: object) => unknown)(config))
  const graph = toGraph(spec, exported)
  return () => Promise.resolve(graph)
}

/** A compiled graph as it is; a builder is compiled; an agent holds its graph. */
function toGraph(spec: Spec, value: unknown): CompiledGraph {
  if (isCompiledGraph(value)) return value
  if (typeof value === 'object' && value !== null) {
    if ('graph' in value && isCompiledGraph(value.graph)) return value.graph
    if ('compile' in value && typeof value.compile === 'function') return toGraph(spec, value.compile())
  }
  throw new GraphUnusableError({ message: `${spec.label}: export '${spec.exportName}' of ${spec.file} is ${kindOf(value)}; expected a graph, a StateGraph, an agent, or a function that returns one.`, file: spec.file })
}

export const kindOf = (value: unknown) => value === null || value === undefined ? String(value) : typeof value === 'object' ? `an object (${value.constructor?.name ?? 'without a class'})` : `a ${typeof value}`

/** The tsconfig files and package.json files that the build looks at. */
function configFiles(specs: readonly Spec[], projectDir: string): string[] {
  const files = new Set([join(projectDir, 'tsconfig.json'), join(projectDir, 'package.json')])
  for (const { file } of specs) {
    for (let dir = dirname(file); dir.startsWith(projectDir) && dir !== dirname(dir); dir = dirname(dir)) {
      const config = join(dir, 'tsconfig.json')
      if (existsSync(config)) files.add(config)
    }
  }
  return [...files]
}
