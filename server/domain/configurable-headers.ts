/** Names of request headers, `*` standing for any letters (`http.configurable_headers`). */
export interface HeaderRules { readonly includes: readonly string[], readonly excludes: readonly string[] }

/** What says who somebody is: passed on only where it is named in full. */
const SECRET = new Set(['x-api-key', 'x-tenant-id', 'x-service-key', 'x-auth-scheme', 'authorization', 'proxy-authorization', 'cookie'])

/**
 * Request headers that reach the graph's configurable, lower case (§3.3): what is excluded never, what is included, else `x-*`
 * without keys and the user agent.
 */
export function configurableHeaders(headers: Readonly<Record<string, string | string[] | undefined>>, { includes, excludes }: HeaderRules = { includes: [], excludes: [] }): Record<string, string> {
  const isNamed = (name: string, patterns: readonly string[]) => patterns.some((pattern) => matches(name, pattern.toLowerCase()))
  const isWanted = (name: string): boolean => {
    if (isNamed(name, excludes)) return false
    if (SECRET.has(name)) return includes.some((pattern) => pattern.toLowerCase() === name)
    return isNamed(name, includes) || name.startsWith('x-') || name === 'user-agent'
  }
  return Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && isWanted(entry[0])))
}

const matches = (name: string, pattern: string): boolean => new RegExp(`^${pattern.replace(/[^\w*-]/g, '\\$&').replaceAll('*', '.*')}$`).test(name)
