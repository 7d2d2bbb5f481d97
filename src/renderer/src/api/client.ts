import { Client } from '@langchain/langgraph-sdk'
import { headersFor, type ConnectionTarget } from './connection-target.ts'

let current: { target: ConnectionTarget, client: Client } | null = null

/** The official SDK's client for a connection; one at a time is kept. */
export function clientFor(target: ConnectionTarget): Client {
  if (current?.target !== target)
    current = { target, client: new Client({ apiUrl: target.url, apiKey: null, defaultHeaders: headersFor(target), callerOptions: { maxRetries: 0, maxConcurrency: 24 } }) }
  return current.client
}
