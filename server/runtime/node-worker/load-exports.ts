import { existsSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { stop as stopBuilding } from 'esbuild'
import type { GraphLoadError } from '../../engine/graph-worker.ts'
import { parsePath } from '../parse-path.ts'
import { bundleGraphs } from './bundle-graphs.ts'
import { describeThrown } from './describe-thrown.ts'
import type { VirtualModules } from './virtual-modules.ts'

/** Code that langgraph.json names as `path:export`. It is called by its `title` where something is wrong with it. */
export interface Entry<T> {
  readonly title: string
  readonly path: string
  /** What the export is good for. Throws {@link GraphUnusableError} when it is not. */
  readonly use: (exported: unknown, spec: Spec) => T
}

export interface Spec { readonly title: string, readonly file: string, readonly exportName: string }

export interface LoadOptions {
  readonly projectDir: string
  readonly appDir: string
  /** Makes built modules of one load differ from those of any other. */
  readonly label: string
  readonly modules: VirtualModules
  /** Called before any of the user's code runs, with the files the code is made of. */
  readonly onFiles: (files: readonly string[]) => void
}

export type Loaded<T> = { readonly value: T, readonly error: null } | { readonly error: GraphLoadError }

/** User code that can't be loaded, with the place and the remedy. */
export class GraphUnusableError extends Error {
  override readonly name = 'GraphLoadError'
  readonly details: GraphLoadError
  constructor(details: GraphLoadError) {
    super(details.message)
    this.details = details
  }
}

interface Parsed<T> { readonly entry: Entry<T>, readonly spec: Spec, readonly refusal: GraphLoadError | null }

/** Loads entries in one go, so that what they share is one module. One that fails has its error; the others serve. `watch`: absolute files whose change may change the outcome. */
export async function loadExports<T>(entries: readonly Entry<T>[], options: LoadOptions): Promise<{ loaded: Loaded<T>[], watch: string[] }> {
  const parsed = entries.map((entry): Parsed<T> => {
    const spec = { title: entry.title, ...parsePath(entry.path, options.projectDir) }
    return { entry, spec, refusal: refusalOf(spec) }
  })
  const bundle = await bundleGraphs(parsed.filter(({ refusal }) => refusal === null).map(({ spec }) => spec.file), options)
  // Its process has nothing left to do: the next code is built by the next worker.
  await stopBuilding()
  const specs = parsed.map(({ spec }) => spec)
  const watch = [...new Set([...bundle.inputs, ...specs.map(({ file }) => file), ...configFiles(specs, options.projectDir)])]
  options.onFiles(watch)
  for (const [url, source] of bundle.modules) options.modules.add(url, source)
  const loaded: Loaded<T>[] = []
  for (const { entry, spec, refusal } of parsed)
    loaded.push(refusal ? { error: refusal } : await loadOne(entry, spec, { url: bundle.entries.get(spec.file), failure: bundle.failures.get(spec.file) }))
  return { loaded, watch }
}

function refusalOf({ file, title }: Spec): GraphLoadError | null {
  if (extname(file) === '.py') return { message: `${title}: Python graphs run by connecting to their own server for now (start it with "langgraph dev" and connect to its URL).`, file }
  if (!existsSync(file)) return { message: `${title}: the file ${file} does not exist. Correct its path in langgraph.json.`, file }
  return null
}

async function loadOne<T>({ use }: Entry<T>, spec: Spec, { url, failure }: { url: string | undefined, failure: GraphLoadError | undefined }): Promise<Loaded<T>> {
  if (failure || url === undefined) return { error: failure ?? { message: `${spec.title} was not built.`, file: spec.file } }
  try {
    return { value: use(await readExport(spec, await import(url) as Record<string, unknown>), spec), error: null }
  } catch (error) {
    return { error: error instanceof GraphUnusableError ? error.details : describeThrown(error, spec.file) }
  }
}

async function readExport({ title, file, exportName }: Spec, exports: Record<string, unknown>): Promise<unknown> {
  // A CommonJS file has one export only: what it gave to module.exports.
  const whole = exports['default']
  const inWhole = typeof whole === 'object' && whole !== null ? whole as Record<string, unknown> : {}
  const value = await (exports[exportName] ?? (exportName === 'default' ? undefined : inWhole[exportName]))
  if (value !== undefined && value !== null) return value
  const names = [...new Set([...Object.keys(exports), ...Object.keys(exports).length === 1 && isPlain(whole) ? Object.keys(inWhole) : []])]
  throw new GraphUnusableError({ message: `${title}: ${file} has no export '${exportName}'; it exports: ${names.join(', ') || 'nothing'}.`, file })
}

/** Of a graph or another object with a class, the fields are no exports. */
const isPlain = (value: unknown) => typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

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
