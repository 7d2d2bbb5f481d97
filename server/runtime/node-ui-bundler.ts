import { relative } from 'node:path'
import type { BuildContext, BuildFailure, Loader, OutputFile, Plugin } from 'esbuild'
import { UI_SCRIPT, UI_STYLES, type UiBundle, type UiBundler, type UiFile } from '../engine/ui-bundler.ts'
import { PlatformError } from '../errors.ts'
import { ALWAYS_PROVIDED, DEV_RUNTIME, DEV_RUNTIME_SOURCE, entrySource, providedModuleSource, scriptOf } from './ui-sources.ts'

export interface NodeUiBundlerOptions {
  /** Absolute. */
  readonly projectDir: string
  /** Absolute source files by key. */
  readonly files: ReadonlyMap<string, string>
  /** Modules that the page provides beside React's and the SDK's. */
  readonly shared: readonly string[]
  /** Whether changed sources are built anew. */
  readonly reload: boolean
  readonly log: (entry: { level: 'warn', msg: string }) => void
}

/**
 * Builds components with esbuild, in esbuild's own process. Nothing is watched: with `reload` every question builds again what
 * changed since the last, which esbuild finds out by itself, down to new files and settings that change what a path means.
 */
export function createNodeUiBundler(options: NodeUiBundlerOptions): UiBundler {
  const builds = new Map<string, Build>()

  /** What esbuild's process knew ended with it; the next question starts another. */
  async function startAnew(key: string, cause: Error): Promise<never> {
    builds.clear()
    await (await import('esbuild')).stop()
    throw new PlatformError('ui_build_failed', `ui.${key} of langgraph.json can't be built: esbuild's process has ended. Ask again.`, { cause })
  }

  return {
    keys: new Set(options.files.keys()),
    bundle: (key) => {
      const build = builds.get(key) ?? createBuild(key, options)
      builds.set(key, build)
      return build.latest().catch((error: unknown) => hasEnded(error) ? startAnew(key, error) : Promise.reject(error))
    },
    stop: async () => void await Promise.all([...builds.values()].map((build) => build.dispose())),
  }
}

const hasEnded = (error: unknown): error is Error => error instanceof Error && /^The service (is no longer running|was stopped)/.test(error.message)

interface Build {
  latest(): Promise<UiBundle>
  dispose(): Promise<void>
}

function createBuild(key: string, options: NodeUiBundlerOptions): Build {
  let context: Promise<BuildContext> | null = null
  let known: { readonly hash: string, readonly bundle: UiBundle } | null = null

  async function build(): Promise<UiBundle> {
    const opened = await (context ??= openContext(key, options))
    const { outputFiles = [] } = await opened.rebuild().catch((error: unknown) => { throw refusalFor(error, key, options) })
    const hash = outputFiles.map((file) => file.hash).join()
    if (known?.hash !== hash) {
      known = { hash, bundle: read(key, outputFiles) }
      if (/@(tailwind|apply|theme|utility)\b/.test(known.bundle.files.get(UI_STYLES)?.text ?? ''))
        options.log({ level: 'warn', msg: `The styles of ui.${key} have directives of Tailwind's, which are served as they are: have its command line build them, and import the css that it writes.` })
    }
    return known.bundle
  }

  const again = inTurns(build)
  return {
    latest: () => known && !options.reload ? Promise.resolve(known.bundle) : again(),
    dispose: async () => (await context?.catch(() => null))?.dispose(),
  }
}

/** Each call gets the outcome of a turn that began after the call: one runs, and one waits for all who came meanwhile. */
function inTurns<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  let waiting: Promise<T> | null = null
  const begin = () => {
    waiting = null
    const turn = work().finally(() => { if (running === turn) running = null })
    running = turn
    return turn
  }
  return () => waiting ?? (running ? waiting = running.then(begin, begin) : begin())
}

const ENTRY = 'entrypoint'
const globalOf = (key: string) => `__LGUI_${key.replaceAll(/\W/g, '_')}`

/** Loaded with the first request: most projects have no components. */
async function openContext(key: string, options: NodeUiBundlerOptions): Promise<BuildContext> {
  const { context } = await import('esbuild')
  return context({
    stdin: { contents: entrySource(key, options.files.get(key)!), resolveDir: options.projectDir, sourcefile: ENTRY },
    absWorkingDir: options.projectDir,
    outfile: UI_SCRIPT,
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'browser',
    jsx: 'automatic',
    charset: 'utf8',
    define: { 'process.env.NODE_ENV': '"production"' },
    loader: EMBEDDED,
    plugins: [pageProvides([...ALWAYS_PROVIDED, ...options.shared])],
    logLevel: 'silent',
  })
}

/** Pictures and fonts go into the bundle: it is to work wherever its two files are taken to. */
const EMBEDDED: Record<string, Loader> = Object.fromEntries(
  ['.png', '.jpg', '.jpeg', '.gif', '.svg', '.webp', '.avif', '.woff', '.woff2', '.ttf', '.otf'].map((extension) => [extension, 'dataurl' as const]))

function pageProvides(names: readonly string[]): Plugin {
  const filter = new RegExp(`^(?:${[...names, DEV_RUNTIME].map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})$`)
  const namespace = 'provided'
  return {
    name: 'page-provides',
    setup(api) {
      // What the source of a provided module asks for by the same name is left to the page.
      api.onResolve({ filter }, ({ path, importer, ...from }) => from.namespace === namespace && importer === path ? { path, external: true } : { path, namespace, sideEffects: false })
      api.onLoad({ filter: /.*/, namespace }, ({ path }) => ({ contents: path === DEV_RUNTIME && !names.includes(path) ? DEV_RUNTIME_SOURCE : providedModuleSource(path) }))
    },
  }
}

function read(key: string, outputs: readonly OutputFile[]): UiBundle {
  const global = globalOf(key)
  const [script, styles] = ['.js', '.css'].map((extension) => outputs.find(({ path }) => path.endsWith(extension)))
  const files = new Map<string, UiFile>([[UI_SCRIPT, { type: 'text/javascript; charset=utf-8', text: scriptOf(global, script!.text), hash: script!.hash }]])
  if (styles) files.set(UI_STYLES, { type: 'text/css; charset=utf-8', text: styles.text, hash: styles.hash })
  return { global, files }
}

const isBuildFailure = (error: unknown): error is BuildFailure => error instanceof Error && 'errors' in error && Array.isArray(error.errors)

/** Paths are relative to the project, lines and columns count from 1. */
function refusalFor(error: unknown, key: string, { projectDir, files }: NodeUiBundlerOptions): unknown {
  const first = isBuildFailure(error) ? error.errors[0] : undefined
  if (!isBuildFailure(error) || !first) return error
  const { text, location } = first
  const isOurs = !location || location.file === ENTRY
  const where = isOurs ? relative(projectDir, files.get(key)!) : `${location.file}:${location.line}:${location.column + 1}`
  const hint = isOurs && text.startsWith('No matching export') ? ' It has to export the map of its components as its default.' : ''
  const more = error.errors.length > 1 ? ` (and ${error.errors.length - 1} more)` : ''
  return new PlatformError('ui_build_failed', `ui.${key} of langgraph.json can't be built: ${where}: ${text}${hint}${more}`, { cause: error })
}
