import type { AssistantVersion, GraphSchema } from '@langchain/langgraph-sdk'
import { errorText } from '../../api/api-error.ts'
import { clientFor } from '../../api/client.ts'
import type { Slice } from '../../app-store.ts'

/** What only the one looked at needs. */
export interface AssistantDetails {
  readonly status: 'idle' | 'loading' | 'ready' | 'failed'
  readonly assistantId: string | null
  /** Newest first. */
  readonly versions: readonly AssistantVersion[]
  /** Null: the server can't tell. */
  readonly schemas: GraphSchema | null
  readonly error: string | null
}

export interface AssistantDetailsSlice {
  readonly assistantDetails: AssistantDetails
  loadAssistantDetails(assistantId: string): Promise<void>
}

const MOST_VERSIONS = 100
export const NO_DETAILS: AssistantDetails = { status: 'idle', assistantId: null, versions: [], schemas: null, error: null }

export const createAssistantDetailsSlice: Slice<AssistantDetailsSlice> = (set, get) => {
  let loads = 0
  return {
    assistantDetails: NO_DETAILS,
    loadAssistantDetails: async (assistantId) => {
      const load = ++loads
      if (get().assistantDetails.assistantId !== assistantId) set({ assistantDetails: { ...NO_DETAILS, assistantId, status: 'loading' } })
      const { assistants } = clientFor(get().connection)
      try {
        // A graph whose schemas can't be worked out can still be configured as plain JSON.
        const [versions, schemas] = await Promise.all([assistants.getVersions(assistantId, { limit: MOST_VERSIONS }), assistants.getSchemas(assistantId).catch(() => null)])
        if (load !== loads) return
        const known = get().assistantDetails.schemas
        const same = JSON.stringify(known) === JSON.stringify(schemas)
        set({ assistantDetails: { status: 'ready', assistantId, versions: versions.toSorted((a, b) => b.version - a.version), schemas: same ? known : schemas, error: null } })
      } catch (error) {
        if (load === loads) set(({ assistantDetails }) => ({ assistantDetails: { ...assistantDetails, status: 'failed', error: errorText(error) } }))
      }
    },
  }
}
