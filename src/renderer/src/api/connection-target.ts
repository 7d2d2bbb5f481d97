/** Where the Studio's requests go. */
export interface ConnectionTarget {
  /** Without a slash at the end. */
  readonly url: string
  readonly apiKey: string | null
  readonly headers: Readonly<Record<string, string>>
}

export const headersFor = ({ apiKey, headers }: ConnectionTarget): Record<string, string> => ({ ...headers, ...(apiKey ? { 'x-api-key': apiKey } : {}) })

/** `http://localhost:2024/` and ` localhost:2024` mean the same server. Null when it is no address. */
export function normaliseUrl(text: string): string | null {
  const trimmed = text.trim()
  if (!trimmed) return null
  const url = URL.parse(/^https?:\/\//i.test(trimmed) ? trimmed : `${/^(localhost|127\.|\[::1\])/.test(trimmed) ? 'http' : 'https'}://${trimmed}`)
  return url?.hostname ? `${url.origin}${url.pathname.replace(/\/+$/, '')}` : null
}
