import { readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { dirname, extname, join, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type BuildFailure, type BuildResult, type Loader, type Message, type OnResolveResult, type Plugin, type PluginBuild } from 'esbuild'
import type { GraphLoadError } from '../../engine/graph-worker.ts'
import { BUNDLED_WITH_APP } from '../bundled-with-app.ts'

export interface BundleOptions {
  readonly projectDir: string
  readonly appDir: string
  /** Makes the URLs of this bundle differ from those of any other. */
  readonly label: string
}

export interface Bundle {
  /** Absolute source file → URL of its built module. */
  readonly entries: ReadonlyMap<string, string>
  /** URL → source text. */
  readonly modules: ReadonlyMap<string, string>
  /** Absolute source file → why it can't be built. */
  readonly failures: ReadonlyMap<string, GraphLoadError>
  /** Every file that was read or looked for: a change of any may change the outcome. */
  readonly inputs: readonly string[]
}

const SOURCE_FILE = /\.[cm]?[jt]sx?$/
const EXTENSIONS = ['', '.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json', '/index.ts', '/index.js']
const RECURSION = Symbol('resolving for ourselves')

/**
 * Builds the graphs' files in one go, so that what they share is one module at run time. Packages stay
 * outside, as absolute URLs of what the importing file would get. A file that fails is left out, with its error.
 */
export async function bundleGraphs(files: readonly string[], options: BundleOptions): Promise<Bundle> {
  const inputs = new Set<string>()
  const failures = new Map<string, GraphLoadError>()
  let good = [...new Set(files)]
  let result = await tryBuild(good, options, inputs)
  if (result instanceof Error) {
    // Which graph fails? Building each alone tells; the good ones are then built together again.
    for (const file of good) {
      const alone = await tryBuild([file], options, inputs)
      if (alone instanceof Error) failures.set(file, describeFailure(alone, options.projectDir))
    }
    good = good.filter((file) => !failures.has(file))
    result = await tryBuild(good, options, inputs)
    if (result instanceof Error) throw result
  }
  return { ...readOutputs(result, good), failures, inputs: [...inputs] }
}

type MemoryBuild = BuildResult<{ write: false, metafile: true }>

async function tryBuild(files: readonly string[], options: BundleOptions, inputs: Set<string>): Promise<MemoryBuild | BuildFailure> {
  try {
    return await build({
      entryPoints: files.map((file, index) => ({ in: file, out: `graph-${index}` })),
      absWorkingDir: options.projectDir,
      outdir: join(options.projectDir, '.superstep', options.label),
      outExtension: { '.js': '.mjs' },
      bundle: true,
      write: false,
      metafile: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: `node${process.versions.node}`,
      // No bundlers' condition "module": Node itself must come to the same file.
      conditions: [],
      sourcemap: 'inline',
      sourcesContent: false,
      keepNames: true,
      logLevel: 'silent',
      define: { 'import.meta.url': '__superstep_url', 'import.meta.dirname': '__superstep_dirname', 'import.meta.filename': '__superstep_filename', __dirname: '__superstep_dirname', __filename: '__superstep_filename' },
      banner: { js: `import{createRequire as __superstep_require}from'node:module';const require=__superstep_require(${JSON.stringify(pathToFileURL(join(options.projectDir, 'package.json')).href)});` },
      plugins: [packagesStayOutside(options, inputs), sourcesKnowTheirPlace(inputs)],
    })
  } catch (error) {
    if (isBuildFailure(error)) return error
    throw error
  }
}

const isBuildFailure = (error: unknown): error is BuildFailure => error instanceof Error && 'errors' in error && Array.isArray(error.errors)

function readOutputs(result: MemoryBuild, files: readonly string[]): Pick<Bundle, 'entries' | 'modules'> {
  const modules = new Map(result.outputFiles.map((file) => [pathToFileURL(file.path).href, file.text]))
  const entries = new Map<string, string>()
  files.forEach((file, index) => {
    const url = [...modules.keys()].find((candidate) => candidate.endsWith(`/graph-${index}.mjs`))
    if (url) entries.set(file, url)
  })
  return { entries, modules }
}

function packagesStayOutside(options: BundleOptions, inputs: Set<string>): Plugin {
  return {
    name: 'packages-stay-outside',
    setup(api) {
      api.onResolve({ filter: /.*/ }, async ({ path, importer, resolveDir, kind, namespace, pluginData }) => {
        if (kind === 'entry-point' || pluginData === RECURSION || /^(data|https?):/.test(path)) return undefined
        if (isBuiltin(path) || path.startsWith('file:')) return { path, external: true }
        // CommonJS code gets the ES module of LangChain's packages too: one copy of each class.
        const importKind = kind === 'require-call' && path.startsWith('@langchain/') ? 'import-statement' : kind
        const found = await api.resolve(path, { importer, resolveDir, namespace, kind: importKind, pluginData: RECURSION })
        if (found.errors.length === 0) return found.path.includes(`${sep}node_modules${sep}`) ? outside(found.path, kind) : undefined
        if (isLocal(path)) {
          // TypeScript is imported under the name of the JavaScript that it would become.
          for (const stem of new Set([path, path.replace(/\.[cm]?jsx?$/, '')])) for (const extension of EXTENSIONS) inputs.add(resolve(resolveDir, stem + extension))
          return undefined
        }
        return await fromApp(api, path, importKind, options.appDir) ?? missingPackage(path, importer, options.projectDir)
      })
    },
  }
}

const isLocal = (path: string) => path.startsWith('.') || path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path)

function outside(path: string, kind: string): OnResolveResult {
  if (extname(path) === '.json') return { path }
  return { path: kind === 'require-call' || kind === 'require-resolve' ? path : pathToFileURL(path).href, external: true }
}

async function fromApp(api: PluginBuild, path: string, kind: 'import-statement' | string, appDir: string): Promise<OnResolveResult | null> {
  if (!BUNDLED_WITH_APP.test(path)) return null
  const found = await api.resolve(path, { resolveDir: appDir, kind: kind as 'import-statement', pluginData: RECURSION })
  return found.errors.length === 0 ? outside(found.path, kind) : null
}

function missingPackage(path: string, importer: string, projectDir: string): OnResolveResult {
  return { errors: [{ text: `Cannot find package '${path}' imported from ${importer}; run npm install in ${projectDir}.` }] }
}

/** `import.meta.url` and its kin are those of the source file, though the built module lives elsewhere. */
function sourcesKnowTheirPlace(inputs: Set<string>): Plugin {
  return {
    name: 'sources-know-their-place',
    setup(api) {
      api.onLoad({ filter: /.*/, namespace: 'file' }, async ({ path }) => {
        inputs.add(path)
        if (!SOURCE_FILE.test(path)) return undefined
        return { contents: placed(await readFile(path, 'utf8'), path), loader: loaderOf(path), resolveDir: dirname(path) }
      })
    },
  }
}

/** On the first line, so that line numbers stay. */
function placed(text: string, path: string): string {
  if (!/import\.meta|__dirname|__filename/.test(text)) return text
  const constants = `const __superstep_url=${JSON.stringify(pathToFileURL(path).href)},__superstep_filename=${JSON.stringify(path)},__superstep_dirname=${JSON.stringify(dirname(path))};`
  return constants + (text.startsWith('#!') ? `//${text}` : text)
}

function loaderOf(path: string): Loader {
  const extension = extname(path)
  if (extension.endsWith('tsx')) return 'tsx'
  if (extension.endsWith('jsx')) return 'jsx'
  return extension.endsWith('ts') ? 'ts' : 'js'
}

function describeFailure(failure: BuildFailure, projectDir: string): GraphLoadError {
  const first: Message | undefined = failure.errors[0]
  if (!first) return { message: failure.message }
  const { location } = first
  const more = failure.errors.length > 1 ? ` (and ${failure.errors.length - 1} more)` : ''
  return {
    message: first.text + more,
    ...(location ? { file: resolve(projectDir, location.file), line: location.line, column: location.column + 1 } : {}),
  }
}
