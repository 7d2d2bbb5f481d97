/** What went wrong, as a person would say it. The SDK's errors are `HTTP <status>: <body>`. */
export function errorText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const [, status, body] = /^HTTP (\d+): ([\s\S]*)$/.exec(message) ?? []
  if (status) return detailOf(body ?? '') ?? `The server answered ${status}.`
  if (/failed to fetch|networkerror|load failed|fetch failed/i.test(message)) return 'The server can\'t be reached.'
  return message
}

function detailOf(body: string): string | null {
  try {
    const parsed = JSON.parse(body) as { detail?: unknown, message?: unknown }
    const detail = parsed.detail ?? parsed.message
    return typeof detail === 'string' ? detail : JSON.stringify(detail ?? parsed)
  } catch {
    return body.trim() || null
  }
}

/** A request that its own caller gave up. */
export const isAbort = (error: unknown): boolean => error instanceof Error && (error.name === 'AbortError' || /aborted/i.test(error.message))
