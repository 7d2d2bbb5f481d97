import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BUNDLED_WITH_APP } from '../bundled-with-app.ts'
import { hashOf, INSTALL_RECORDS, type FileHashes } from '../file-hashes.ts'
import type { TypeScript } from './load-typescript.ts'

export interface OpenedProgram {
  readonly program: TypeScript.Program
  /** What the program is made of, packages left out. */
  readonly files: FileHashes
}

export type OpenProgram = (file: string) => OpenedProgram

interface ProgramPlace { readonly projectDir: string, readonly appDir: string }

const isPackage = (path: string) => /[\\/]node_modules[\\/]/.test(path)

/**
 * Opens a source file with all it imports, as the bundle of the graphs sees them: packages are found as a bundler finds them, and each
 * file's aliases are those of the tsconfig nearest to it. Packages are parsed once, the project's own files anew each time.
 */
export function createProgramOpener(ts: typeof TypeScript, { projectDir, appDir }: ProgramPlace): OpenProgram {
  const packages = new Map<string, TypeScript.SourceFile>()

  return (file) => {
    const hashes = new Map<string, string | null>()
    const note = (path: string, text: string | null) => hashes.set(path, text === null ? null : hashOf(text))
    for (const record of INSTALL_RECORDS.map((name) => join(projectDir, name))) note(record, textOf(record))
    const sys: TypeScript.ParseConfigHost = {
      useCaseSensitiveFileNames: ts.sys.useCaseSensitiveFileNames,
      // Which files a tsconfig includes does not matter: one is asked about.
      readDirectory: () => [],
      fileExists: (path) => {
        const exists = ts.sys.fileExists(path)
        if (!exists && !isPackage(path)) note(path, null)
        return exists
      },
      readFile: (path) => {
        const text = textOf(path)
        if (!isPackage(path)) note(path, text)
        return text ?? undefined
      },
    }
    const configs = createConfigs(ts, sys)
    const options = forced(ts, configs(file))
    const host = ts.createCompilerHost(options)
    const parse = host.getSourceFile
    host.readFile = sys.readFile
    host.fileExists = sys.fileExists
    host.getSourceFile = (path, ...rest) => {
      const known = packages.get(path)
      if (known) return known
      const source = parse(path, ...rest)
      if (source && isPackage(path)) packages.set(path, source)
      return source
    }
    host.resolveModuleNameLiterals = createResolver(ts, { host, appDir, optionsOf: (path) => forced(ts, configs(path)) })
    const program = ts.createProgram({ rootNames: [file], options, host })
    return { program, files: Object.fromEntries(hashes) }
  }
}

const textOf = (path: string): string | null => existsSync(path) ? readFileSync(path, 'utf8') : null

type Configs = (file: string) => TypeScript.CompilerOptions

/** The options of the tsconfig.json nearest to a file, each read once. */
function createConfigs(ts: typeof TypeScript, sys: TypeScript.ParseConfigHost): Configs {
  const byFolder = new Map<string, TypeScript.CompilerOptions>()
  const read = (path: string) => ts.parseJsonSourceFileConfigFileContent(ts.readJsonConfigFile(path, sys.readFile), sys, dirname(path), undefined, path).options
  const optionsIn = (folder: string): TypeScript.CompilerOptions => {
    const known = byFolder.get(folder)
    if (known) return known
    const config = join(folder, 'tsconfig.json')
    const parent = dirname(folder)
    const options = !isPackage(`${folder}/`) && sys.fileExists(config) ? read(config) : parent === folder ? {} : optionsIn(parent)
    byFolder.set(folder, options)
    return options
  }
  return (file) => optionsIn(dirname(file))
}

/** What has to hold for schemas to come out, whatever the project checks itself by. Nothing is checked here: errors are not looked for. */
function forced(ts: typeof TypeScript, configured: TypeScript.CompilerOptions): TypeScript.CompilerOptions {
  const { baseUrl, paths, pathsBasePath, jsx, jsxImportSource, experimentalDecorators, customConditions } = configured
  const kept = { baseUrl, paths, pathsBasePath, jsx, jsxImportSource, experimentalDecorators, customConditions }
  return {
    ...Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)),
    // The types of browsers and of all of @types take as much memory as everything else, and hardly ever make up a state.
    lib: ['lib.esnext.d.ts'], types: [],
    target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true, allowJs: true, checkJs: false, maxNodeModuleJsDepth: 0, resolveJsonModule: true, esModuleInterop: true,
    allowImportingTsExtensions: true, noEmit: true, skipLibCheck: true,
  }
}

interface ResolverPlace { readonly host: TypeScript.CompilerHost, readonly appDir: string, readonly optionsOf: Configs }

function createResolver(ts: typeof TypeScript, { host, appDir, optionsOf }: ResolverPlace): NonNullable<TypeScript.CompilerHost['resolveModuleNameLiterals']> {
  const caches = new Map<string, TypeScript.ModuleResolutionCache>()
  const cacheOf = (options: TypeScript.CompilerOptions) => {
    const key = JSON.stringify([options['pathsBasePath'], options.baseUrl, options.paths])
    const cache = caches.get(key) ?? ts.createModuleResolutionCache(host.getCurrentDirectory(), host.getCanonicalFileName, options)
    caches.set(key, cache)
    return cache
  }
  return (literals, importer, redirected, programOptions, source) => {
    const options = isPackage(importer) ? programOptions : optionsOf(importer)
    return literals.map((literal) => {
      const mode = ts.getModeForUsageLocation(source, literal, options)
      const found = ts.resolveModuleName(literal.text, importer, options, host, cacheOf(options), redirected, mode)
      if (found.resolvedModule || !BUNDLED_WITH_APP.test(literal.text)) return found
      return ts.resolveModuleName(literal.text, join(appDir, 'package.json'), programOptions, host, undefined, undefined, mode)
    })
  }
}
