import { registerHooks, type ResolveFnOutput, type ResolveHookContext } from 'node:module'

const FROM = 'superstep-from:'

export interface VirtualModules {
  /** Makes a source importable under its URL, without a file. */
  add(url: string, source: string): void
  /** Imports a package as a module at `parentUrl` would: the same instance that code there gets. */
  importFrom(parentUrl: string, specifier: string): Promise<Record<string, unknown>>
  /** Where a package is, as seen from `parentUrl`; null when it isn't installed there. */
  locate(parentUrl: string, specifier: string): string | null
}

type NextResolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput

/**
 * Serves built modules from memory. The hooks also see to it that CommonJS code which requires a
 * `@langchain/*` package gets the ES module: two copies of one class would not know each other's instances.
 */
export function installVirtualModules(): VirtualModules {
  const sources = new Map<string, string>()

  const resolveVirtual = (specifier: string, parent: string | undefined) => {
    if (sources.has(specifier)) return specifier
    if (!specifier.startsWith('.') || parent === undefined || !sources.has(parent)) return null
    const url = new URL(specifier, parent).href
    return sources.has(url) ? url : null
  }

  registerHooks({
    resolve(specifier, context, nextResolve: NextResolve) {
      const virtual = resolveVirtual(specifier, context.parentURL)
      if (virtual) return { url: virtual, format: 'module', shortCircuit: true }
      if (specifier.startsWith(FROM)) return resolveFrom(specifier, context, nextResolve)
      if (specifier.startsWith('@langchain/') && context.conditions.includes('require')) return resolveAsModule(specifier, context, nextResolve)
      return nextResolve(specifier, context)
    },
    load(url, context, nextLoad) {
      const source = sources.get(url)
      return source === undefined ? nextLoad(url, context) : { format: 'module', source, shortCircuit: true }
    },
  })

  return {
    add: (url, source) => void sources.set(url, source),
    importFrom: (parentUrl, specifier) => import(fromSpecifier(parentUrl, specifier)),
    locate(parentUrl, specifier) {
      try {
        return import.meta.resolve(fromSpecifier(parentUrl, specifier))
      } catch {
        // Not installed there: the caller decides what that means.
        return null
      }
    },
  }
}

const fromSpecifier = (parentUrl: string, specifier: string) => `${FROM}${encodeURIComponent(parentUrl)}:${specifier}`

function resolveFrom(specifier: string, context: ResolveHookContext, nextResolve: NextResolve): ResolveFnOutput {
  const rest = specifier.slice(FROM.length)
  const colon = rest.indexOf(':')
  return nextResolve(rest.slice(colon + 1), { ...context, parentURL: decodeURIComponent(rest.slice(0, colon)) })
}

function resolveAsModule(specifier: string, context: ResolveHookContext, nextResolve: NextResolve): ResolveFnOutput {
  try {
    const conditions = context.conditions.map((condition) => (condition === 'require' ? 'import' : condition))
    return nextResolve(specifier, { ...context, conditions })
  } catch {
    // A package without an ES module: CommonJS it is.
    return nextResolve(specifier, context)
  }
}
