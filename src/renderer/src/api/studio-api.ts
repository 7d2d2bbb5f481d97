import type { WebhookDelivery, WebhookPage } from '@contract/webhook.ts'
import type { GraphLog, LogQuery, NodeLatency, RunPage, RunQuery, SummarySearch, ThreadSummary, Timeline, TimelineQuery, Trace } from '@contract/studio.ts'
import { headersFor, type ConnectionTarget } from './connection-target.ts'

async function call<T>(target: ConnectionTarget, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${target.url}${path}`, {
    method, headers: { ...headersFor(target), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`)
  return response.json() as Promise<T>
}

const queryOf = (query: Readonly<Record<string, unknown>>): string => String(new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined).map(([key, value]) => [key, String(value)])))

/** The addition to the public wire that our own server has; announced in `/info`. */
export const studioApi = {
  info: (target: ConnectionTarget) => call<{ version?: string, studio?: { api: string, version: number } }>(target, 'GET', '/info'),
  searchThreads: (target: ConnectionTarget, search: SummarySearch) => call<{ total: number, threads: ThreadSummary[] }>(target, 'POST', '/studio/api/threads/search', search),
  renameThread: (target: ConnectionTarget, threadId: string, title: string) => call<ThreadSummary>(target, 'PATCH', `/studio/api/threads/${threadId}`, { title }),
  timeline: (target: ConnectionTarget, threadId: string, page: TimelineQuery) =>
    call<Timeline>(target, 'GET', `/studio/api/threads/${threadId}/timeline?${queryOf(page)}`),
  runs: (target: ConnectionTarget, query: RunQuery) => call<RunPage>(target, 'GET', `/studio/api/runs?${queryOf(query)}`),
  logs: (target: ConnectionTarget, query: LogQuery) => call<{ last: number, logs: GraphLog[] }>(target, 'GET', `/studio/api/logs?${queryOf(query)}`),
  trace: (target: ConnectionTarget, runId: string) => call<Trace>(target, 'GET', `/studio/api/runs/${runId}/trace`),
  spanPayload: (target: ConnectionTarget, runId: string, spanId: string) => call<{ input?: unknown, output?: unknown, cut?: number, text?: string }>(target, 'GET', `/studio/api/runs/${runId}/trace/${encodeURIComponent(spanId)}`),
  latency: (target: ConnectionTarget, graphId: string) => call<NodeLatency[]>(target, 'GET', `/studio/api/graphs/${encodeURIComponent(graphId)}/latency`),
  webhooks: (target: ConnectionTarget, query: { status?: WebhookDelivery['status'], limit: number, offset: number }) => call<WebhookPage>(target, 'GET', `/studio/api/webhooks?${queryOf(query)}`),
  resendWebhook: (target: ConnectionTarget, deliveryId: string) => call<WebhookDelivery>(target, 'POST', `/studio/api/webhooks/${deliveryId}/resend`),
}

/** Starts a run with a body of the wire's own form (as a cron keeps it); a null thread is one of its own. Any server has this. */
export const createRun = (target: ConnectionTarget, threadId: string | null, body: Readonly<Record<string, unknown>>): Promise<{ run_id: string, thread_id: string }> =>
  call(target, 'POST', threadId === null ? '/runs' : `/threads/${threadId}/runs`, body)
