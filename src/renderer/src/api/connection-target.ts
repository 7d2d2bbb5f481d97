/** Where the Studio's requests go. */
export interface ConnectionTarget {
  /** Without a slash at the end. */
  readonly url: string
  readonly apiKey: string | null
  readonly headers: Readonly<Record<string, string>>
}

/** The server that this page came from is told that it is the Studio: with custom authentication it is asked for nothing else. */
const isOwnServer = (url: string) => globalThis.location?.origin === url

export const headersFor = ({ url, apiKey, headers }: ConnectionTarget): Record<string, string> =>
  ({ ...(isOwnServer(url) ? { 'x-auth-scheme': 'langsmith' } : {}), ...headers, ...(apiKey ? { 'x-api-key': apiKey } : {}) })

/** `http://localhost:2024/` and ` localhost:2024` mean the same server. Null when it is no address. */
export function normaliseUrl(text: string): string | null {
  const trimmed = text.trim()
  if (!trimmed) return null
  const url = URL.parse(/^https?:\/\//i.test(trimmed) ? trimmed : `${/^(localhost|127\.|\[::1\])/.test(trimmed) ? 'http' : 'https'}://${trimmed}`)
  return url?.hostname ? `${url.origin}${url.pathname.replace(/\/+$/, '')}` : null
}
