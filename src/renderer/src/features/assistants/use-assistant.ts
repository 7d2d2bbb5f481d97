import type { Assistant } from '@langchain/langgraph-sdk'
import { useEffect } from 'react'
import { useStudio } from '../../app-store.ts'
import { draftOf, isDirty, type Draft } from './drafts.ts'

export interface Edited {
  readonly assistant: Assistant
  readonly draft: Draft
  readonly dirty: boolean
  /** What saving will be called, when the server's versions are known. */
  readonly next: number
}

/** The chosen assistant with what was typed over it. Its versions and schemas are read when it is looked at first. */
export function useAssistant(): Edited | null {
  const assistant = useStudio((state) => state.assistants.items.find(({ assistant_id }) => assistant_id === state.selection.assistantId))
  const kept = useStudio((state) => state.assistantDrafts[state.selection.assistantId ?? ''])
  const details = useStudio((state) => state.assistantDetails)
  const load = useStudio((state) => state.loadAssistantDetails)
  const [id, loaded] = [assistant?.assistant_id, details.assistantId]
  useEffect(() => {
    if (id && loaded !== id) void load(id)
  }, [id, loaded, load])
  if (!assistant) return null
  const draft = kept ?? draftOf(assistant)
  const versions = details.assistantId === id ? details.versions : []
  return { assistant, draft, dirty: isDirty(draft, assistant), next: Math.max(assistant.version, ...versions.map(({ version }) => version)) + 1 }
}
