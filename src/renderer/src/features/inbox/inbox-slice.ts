import type { Thread } from '@langchain/langgraph-sdk'
import { errorText } from '../../api/api-error.ts'
import { clientFor } from '../../api/client.ts'
import { studioApi } from '../../api/studio-api.ts'
import type { Slice } from '../../app-store.ts'
import type { Connection } from '../connection/index.ts'
import { questionLine } from '../interrupts/index.ts'

/** A thread that waits for a person. */
export interface Waiting {
  readonly threadId: string
  readonly title: string
  readonly graphId: string | null
  readonly assistantId: string | null
  /** ISO 8601. */
  readonly since: string
  /** What is asked, a line for each question; none where it stands at a breakpoint. */
  readonly questions: readonly string[]
}

export interface Inbox {
  readonly status: 'loading' | 'ready' | 'failed'
  readonly error: string | null
  /** The longest waiting first. */
  readonly items: readonly Waiting[]
}

export interface InboxSlice {
  readonly inbox: Inbox
  loadInbox(): Promise<void>
}

/** More than these are not read: whoever has as many answers the oldest first. */
const MOST = 200
const FIELDS = ['thread_id', 'metadata', 'interrupts', 'updated_at'] as const

export function waitingIn(thread: Pick<Thread, typeof FIELDS[number]>): Waiting {
  const metadata = (thread.metadata ?? {}) as Record<string, unknown>
  const text = (key: string) => typeof metadata[key] === 'string' ? metadata[key] : null
  return {
    threadId: thread.thread_id, title: text('title') ?? `Thread ${thread.thread_id.slice(0, 8)}`, graphId: text('graph_id'), assistantId: text('assistant_id'), since: thread.updated_at,
    questions: Object.values(thread.interrupts ?? {}).flat().map(({ value }) => questionLine(value)),
  }
}

/** Our server gives threads titles of their own. */
async function titlesOf(connection: Connection): Promise<ReadonlyMap<string, string>> {
  if (!connection.hasStudioApi) return new Map()
  const { threads } = await studioApi.searchThreads(connection, { status: 'interrupted', limit: MOST })
  return new Map(threads.flatMap(({ thread_id, title }) => title === null ? [] : [[thread_id, title] as const]))
}

/** Questions come over the public wire: every server has it. */
export const createInboxSlice: Slice<InboxSlice> = (set, get) => {
  let loads = 0
  return {
    inbox: { status: 'loading', error: null, items: [] },
    loadInbox: async () => {
      const mine = ++loads
      try {
        const { connection } = get()
        const [found, titles] = await Promise.all([clientFor(connection).threads.search({ status: 'interrupted', sortBy: 'updated_at', sortOrder: 'asc', limit: MOST, select: [...FIELDS] }), titlesOf(connection)])
        const items = found.map(waitingIn).map((item) => ({ ...item, title: titles.get(item.threadId) ?? item.title }))
        if (mine === loads) set({ inbox: { status: 'ready', error: null, items } })
      } catch (error) {
        if (mine === loads) set(({ inbox }) => ({ inbox: { ...inbox, status: 'failed', error: errorText(error) } }))
      }
    },
  }
}
