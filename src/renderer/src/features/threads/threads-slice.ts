import type { ThreadNotice, ThreadSummary } from '@contract/studio.ts'
import type { Thread } from '@langchain/langgraph-sdk'
import { errorText } from '../../api/api-error.ts'
import { clientFor } from '../../api/client.ts'
import { studioApi } from '../../api/studio-api.ts'
import { exportThread, importThreads } from '../../api/thread-file.ts'
import type { Slice } from '../../app-store.ts'
import { pickFile, saveFile } from '../../ui/files.ts'

export type ThreadStatusFilter = ThreadSummary['status'] | null

export interface ThreadList {
  readonly status: 'idle' | 'loading' | 'ready' | 'failed'
  readonly items: readonly ThreadSummary[]
  readonly total: number
  readonly error: string | null
  readonly query: string
  readonly filter: ThreadStatusFilter
}

export interface ThreadsSlice {
  readonly threads: ThreadList
  loadThreads(): Promise<void>
  loadMoreThreads(): Promise<void>
  filterThreads(change: { query?: string, filter?: ThreadStatusFilter }): void
  deleteThread(threadId: string): Promise<void>
  copyThread(threadId: string): Promise<void>
  renameThread(threadId: string, title: string): Promise<void>
  /** Gives the person the thread with its checkpoints and runs as a file. */
  saveThread(threadId: string): Promise<void>
  /** Asks for such a file and opens what is in it. */
  openThreadFile(): Promise<void>
  onThreadNotice(notice: ThreadNotice): void
  /** The open thread changed, here or elsewhere: read it again. */
  refreshThread(): void
}

const PAGE = 50
/** Notices of one moment are one reload. */
const QUIET_MS = 120

/** What a server without our addition tells of a thread. */
export function summaryOf(thread: Thread): ThreadSummary {
  const { graph_id, assistant_id, title } = (thread.metadata ?? {}) as Record<string, unknown>
  const text = (value: unknown) => typeof value === 'string' ? value : null
  return {
    thread_id: thread.thread_id, title: text(title), status: thread.status, graph_id: text(graph_id), assistant_id: text(assistant_id),
    created_at: thread.created_at, updated_at: thread.updated_at, checkpoints: 0, branches: 0, waiting_at: [], error: null,
  }
}

export const createThreadsSlice: Slice<ThreadsSlice> = (set, get) => {
  let loads = 0
  let reload: ReturnType<typeof setTimeout> | null = null
  let refresh: ReturnType<typeof setTimeout> | null = null
  const patch = (change: Partial<ThreadList>) => set((state) => ({ threads: { ...state.threads, ...change } }))

  async function page(offset: number, limit: number): Promise<{ total: number, threads: readonly ThreadSummary[] }> {
    const { connection, threads } = get()
    if (connection.hasStudioApi)
      return studioApi.searchThreads(connection, { query: threads.query || null, status: threads.filter, limit, offset })
    const found = await clientFor(connection).threads.search({ limit, offset, ...(threads.filter ? { status: threads.filter } : {}), sortBy: 'updated_at', sortOrder: 'desc', select: ['thread_id', 'status', 'created_at', 'updated_at', 'metadata'] })
    const wanted = threads.query.toLowerCase()
    const shown = found.map(summaryOf).filter((thread) => !wanted || thread.thread_id.includes(wanted) || thread.title?.toLowerCase().includes(wanted))
    return { threads: shown, total: offset + found.length + (found.length === limit ? 1 : 0) }
  }

  async function loadThreads(): Promise<void> {
    if (get().threads.status !== 'ready') patch({ status: 'loading' })
    const mine = ++loads
    try {
      const { threads, total } = await page(0, Math.max(PAGE, get().threads.items.length))
      if (mine === loads) patch({ status: 'ready', items: threads, total, error: null })
    } catch (error) {
      if (mine === loads) patch({ status: 'failed', error: errorText(error) })
    }
  }

  const reloadSoon = () => {
    reload ??= setTimeout(() => {
      reload = null
      void loadThreads()
    }, QUIET_MS)
  }

  return {
    threads: { status: 'idle', items: [], total: 0, error: null, query: '', filter: null },
    loadThreads,
    loadMoreThreads: async () => {
      const { items, total } = get().threads
      if (items.length >= total) return
      const { threads } = await page(items.length, PAGE)
      const known = new Set(items.map((thread) => thread.thread_id))
      patch({ items: [...items, ...threads.filter((thread) => !known.has(thread.thread_id))] })
    },
    filterThreads: (change) => {
      patch(change)
      reloadSoon()
    },
    deleteThread: async (threadId) => {
      await clientFor(get().connection).threads.delete(threadId)
      if (get().selection.threadId === threadId) get().select({ threadId: null })
      await loadThreads()
    },
    copyThread: async (threadId) => {
      const copy = await clientFor(get().connection).threads.copy(threadId) as unknown as Thread
      await loadThreads()
      get().select({ threadId: copy.thread_id })
    },
    renameThread: async (threadId, title) => {
      const { connection } = get()
      if (connection.hasStudioApi) await studioApi.renameThread(connection, threadId, title)
      else await clientFor(connection).threads.update(threadId, { metadata: { title } })
      await loadThreads()
    },
    saveThread: async (threadId) => saveFile(`thread-${threadId}.jsonl`, await exportThread(get().connection, threadId)),
    openThreadFile: async () => {
      const file = await pickFile('.jsonl,.ndjson,application/x-ndjson')
      if (!file) return
      const [first] = await importThreads(get().connection, file)
      await loadThreads()
      if (first) get().select({ threadId: first, view: 'studio' })
    },
    onThreadNotice: (notice) => {
      reloadSoon()
      if (notice.thread_id !== get().selection.threadId) return
      if (notice.kind === 'deleted') get().select({ threadId: null })
      else get().refreshThread()
    },
    refreshThread: () => {
      refresh ??= setTimeout(() => {
        refresh = null
        const { threadId } = get().selection
        if (threadId) void get().loadHistory(threadId)
        if (threadId) void get().attachRun()
      }, QUIET_MS)
    },
  }
}
