import type { SummarySearch, ThreadSummary, Timeline, TimelineQuery } from '@contract/studio.ts'
import { headersFor, type ConnectionTarget } from './connection-target.ts'

async function call<T>(target: ConnectionTarget, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${target.url}${path}`, {
    method, headers: { ...headersFor(target), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`)
  return response.json() as Promise<T>
}

/** The addition to the public wire that our own server has; announced in `/info`. */
export const studioApi = {
  info: (target: ConnectionTarget) => call<{ version?: string, studio?: { api: string, version: number } }>(target, 'GET', '/info'),
  searchThreads: (target: ConnectionTarget, search: SummarySearch) => call<{ total: number, threads: ThreadSummary[] }>(target, 'POST', '/studio/api/threads/search', search),
  renameThread: (target: ConnectionTarget, threadId: string, title: string) => call<ThreadSummary>(target, 'PATCH', `/studio/api/threads/${threadId}`, { title }),
  timeline: (target: ConnectionTarget, threadId: string, page: TimelineQuery) =>
    call<Timeline>(target, 'GET', `/studio/api/threads/${threadId}/timeline?${new URLSearchParams(Object.entries(page).map(([key, value]) => [key, String(value)]))}`),
}
