import type { JsonObject } from '../contract/common.ts'

/** Names of request headers, `*` standing for any letters (`http.configurable_headers`). */
export interface HeaderRules { readonly includes: readonly string[], readonly excludes: readonly string[] }

/** What says who somebody is: passed on only where it is named in full. */
const SECRET = new Set(['x-api-key', 'x-tenant-id', 'x-service-key', 'x-auth-scheme', 'authorization', 'proxy-authorization', 'cookie'])

/**
 * Request headers that reach the graph's configurable, lower case (§3.3): what is excluded never, what is included, else `x-*`
 * without keys, the user agent, and the caller's LangSmith trace: `langsmith-trace` as it is, `baggage` by what it says of it.
 */
export function configurableHeaders(headers: Readonly<Record<string, string | string[] | undefined>>, { includes, excludes }: HeaderRules = { includes: [], excludes: [] }): JsonObject {
  const isNamed = (name: string, patterns: readonly string[]) => patterns.some((pattern) => matches(name, pattern.toLowerCase()))
  const isWanted = (name: string): boolean => {
    if (isNamed(name, excludes)) return false
    if (SECRET.has(name)) return includes.some((pattern) => pattern.toLowerCase() === name)
    return isNamed(name, includes) || name.startsWith('x-') || name === 'user-agent' || name === 'langsmith-trace'
  }
  const { baggage } = headers
  const trace = typeof baggage === 'string' && !isNamed('baggage', excludes) ? traceBaggage(baggage) : []
  const passed = Object.entries(headers).filter(([name, value]) => typeof value === 'string' && isWanted(name))
  return Object.fromEntries([...trace.filter(([name]) => !isNamed(name, excludes)), ...passed])
}

/**
 * The project, metadata and tags of a trace, in the header's form (`name=value` in URI encoding, after commas). What it can't be read from is
 * left out: a trace is no reason to refuse a run. So is where traces are sent, which is nothing for a caller to say.
 */
function traceBaggage(header: string): [string, unknown][] {
  const entries = header.split(',').map((item) => item.trim().split('=', 2) as [string, string?])
  return entries.flatMap(([name, value = '']) => {
    const read = TRACE_BAGGAGE.get(name)?.(value)
    return read === undefined ? [] : [[name, read]]
  })
}

const TRACE_BAGGAGE: ReadonlyMap<string, (value: string) => unknown> = new Map<string, (value: string) => unknown>([
  ['langsmith-project', (value) => decoded(value) || undefined],
  ['langsmith-tags', (value) => decoded(value)?.split(',').filter((tag) => tag !== '')],
  ['langsmith-metadata', (value) => objectIn(decoded(value))],
])

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}

function objectIn(json: string | undefined): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(json ?? '')
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as JsonObject : undefined
  } catch {
    return undefined
  }
}

const matches = (name: string, pattern: string): boolean => new RegExp(`^${pattern.replace(/[^\w*-]/g, '\\$&').replaceAll('*', '.*')}$`).test(name)
