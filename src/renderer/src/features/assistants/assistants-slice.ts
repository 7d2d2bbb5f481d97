import type { Assistant } from '@langchain/langgraph-sdk'
import { errorText } from '../../api/api-error.ts'
import { clientFor } from '../../api/client.ts'
import type { Slice } from '../../app-store.ts'
import { createAssistantDetailsSlice, NO_DETAILS, type AssistantDetailsSlice } from './assistant-details-slice.ts'
import { inOrder } from './assistant-groups.ts'
import { storeDrafts, storedDrafts, type Drafts } from './draft-storage.ts'
import { changeOf, contentOf, draftOf, isUntouched, type Draft } from './drafts.ts'

export interface AssistantList {
  readonly status: 'idle' | 'loading' | 'ready' | 'failed'
  readonly items: readonly Assistant[]
  readonly error: string | null
}

export interface AssistantsSlice extends AssistantDetailsSlice {
  readonly assistants: AssistantList
  /** Of the connected server. */
  readonly assistantDrafts: Drafts
  loadAssistants(): Promise<void>
  editAssistant(assistantId: string, change: Partial<Draft>): void
  discardAssistantDraft(assistantId: string): void
  /** Makes a version of the draft. */
  saveAssistant(assistantId: string): Promise<Assistant | null>
  createAssistant(graphId: string): Promise<void>
  /** With its draft, when there is one. */
  duplicateAssistant(assistantId: string): Promise<void>
  restoreAssistant(assistantId: string, version: number): Promise<void>
  deleteAssistant(assistantId: string): Promise<void>
}

const PAGE = 100

export const createAssistantsSlice: Slice<AssistantsSlice> = (set, get) => {
  let loadedFrom = ''
  let loads = 0
  const client = () => clientFor(get().connection).assistants
  const patch = (change: Partial<AssistantList>) => set((state) => ({ assistants: { ...state.assistants, ...change } }))
  const find = (id: string) => get().assistants.items.find((assistant) => assistant.assistant_id === id)

  function putDraft(id: string, draft: Draft | null): void {
    const { [id]: _, ...others } = get().assistantDrafts
    const drafts = draft ? { ...others, [id]: draft } : others
    storeDrafts(get().connection.url, drafts)
    set({ assistantDrafts: drafts })
  }

  async function allPages(): Promise<Assistant[]> {
    const found: Assistant[] = []
    for (;;) {
      const page = await client().search({ limit: PAGE, offset: found.length, sortBy: 'created_at', sortOrder: 'asc' })
      found.push(...page)
      if (page.length < PAGE) return [...new Map(found.map((assistant) => [assistant.assistant_id, assistant])).values()]
    }
  }

  async function loadAssistants(): Promise<void> {
    const load = ++loads
    const { url } = get().connection
    if (loadedFrom !== url) set({ assistants: { status: 'loading', items: [], error: null }, assistantDetails: NO_DETAILS, assistantDrafts: storedDrafts(url) })
    else if (get().assistants.status !== 'ready') patch({ status: 'loading' })
    loadedFrom = url
    try {
      const items = inOrder(await allPages())
      if (load !== loads) return
      patch({ status: 'ready', items, error: null })
      // New code may have other schemas.
      const { assistantId } = get().assistantDetails
      if (assistantId && items.some(({ assistant_id }) => assistant_id === assistantId)) void get().loadAssistantDetails(assistantId)
    } catch (error) {
      if (load === loads) patch({ status: 'failed', error: errorText(error) })
    }
  }

  async function add(payload: Parameters<ReturnType<typeof client>['create']>[0]): Promise<void> {
    const made = await client().create(payload)
    await loadAssistants()
    get().select({ view: 'assistants', assistantId: made.assistant_id })
  }

  return {
    ...createAssistantDetailsSlice(set, get),
    assistants: { status: 'idle', items: [], error: null },
    assistantDrafts: {},
    loadAssistants,
    editAssistant: (id, change) => {
      const assistant = find(id)
      if (!assistant) return
      const draft = { ...(get().assistantDrafts[id] ?? draftOf(assistant)), ...change }
      putDraft(id, isUntouched(draft, assistant) ? null : draft)
    },
    discardAssistantDraft: (id) => putDraft(id, null),
    saveAssistant: async (id) => {
      const [assistant, draft] = [find(id), get().assistantDrafts[id]]
      if (!assistant || !draft) return null
      const saved = await client().update(id, changeOf(draft, assistant) as Parameters<ReturnType<typeof client>['update']>[1])
      patch({ items: get().assistants.items.map((item) => item.assistant_id === id ? saved : item) })
      // What was typed while it was saved stays a draft.
      if (get().assistantDrafts[id] === draft) putDraft(id, null)
      await loadAssistants()
      return saved
    },
    createAssistant: (graphId) => add({ graphId, name: 'New assistant' }),
    duplicateAssistant: async (id) => {
      const assistant = find(id)
      if (!assistant) return
      const draft = get().assistantDrafts[id] ?? draftOf(assistant)
      const { metadata: { created_by: _, ...metadata }, ...content } = contentOf(draft)
      const { description } = draft
      await add({ graphId: assistant.graph_id, name: `${draft.name.trim()} copy`, ...content, metadata, ...(description ? { description } : {}) })
    },
    restoreAssistant: async (id, version) => {
      await client().setLatest(id, version)
      await loadAssistants()
    },
    deleteAssistant: async (id) => {
      const graphId = find(id)?.graph_id
      await client().delete(id)
      putDraft(id, null)
      await loadAssistants()
      const next = get().assistants.items.find((assistant) => assistant.graph_id === graphId)
      if (next && get().selection.assistantId === id) get().select({ assistantId: next.assistant_id })
    },
  }
}
