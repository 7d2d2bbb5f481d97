import { headersFor, type ConnectionTarget } from './connection-target.ts'

/** Of the contract: importing it would bring what checks bodies into the page. */
const THREAD_FILE_TYPE = 'application/x-ndjson'

async function refusalOf(response: Response): Promise<Error> {
  const { detail } = await response.json().catch(() => ({})) as { detail?: string }
  return new Error(detail ?? `HTTP ${response.status}`)
}

/** A thread with its checkpoints and runs, as one file (ADR 12). Our own server has this. */
export async function exportThread(target: ConnectionTarget, threadId: string): Promise<Blob> {
  const response = await fetch(`${target.url}/studio/api/threads/${threadId}/export`, { headers: headersFor(target) })
  if (!response.ok) throw await refusalOf(response)
  return response.blob()
}

/** Reads such a file. Resolves with the ids of its threads as they are here: one that is taken gets a new one. */
export async function importThreads(target: ConnectionTarget, file: Blob): Promise<readonly string[]> {
  const response = await fetch(`${target.url}/studio/api/threads/import`, { method: 'POST', headers: { ...headersFor(target), 'content-type': THREAD_FILE_TYPE }, body: file })
  if (!response.ok) throw await refusalOf(response)
  const { threads } = await response.json() as { threads: readonly { thread_id: string }[] }
  return threads.map(({ thread_id }) => thread_id)
}
