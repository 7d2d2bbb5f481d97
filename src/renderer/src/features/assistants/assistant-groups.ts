import type { Project } from '@contract/studio.ts'
import type { Assistant } from '@langchain/langgraph-sdk'

/** The one that stands for its graph: made by the server, not by a person. */
export const isSystem = (assistant: Assistant): boolean => (assistant.metadata as Record<string, unknown> | null)?.['created_by'] === 'system'

/** System ones first, then by name. */
export const inOrder = (assistants: readonly Assistant[]): Assistant[] =>
  assistants.toSorted((a, b) => Number(isSystem(b)) - Number(isSystem(a)) || a.name.localeCompare(b.name, 'en') || a.assistant_id.localeCompare(b.assistant_id))

export interface GraphChoice { readonly graphId: string, readonly assistants: readonly Assistant[], readonly error: string | null }

/** Every graph that there is an assistant of or that the project names, by name, with its assistants in order. */
export function graphsOf(assistants: readonly Assistant[], project: Pick<Project, 'graphs'> | null): GraphChoice[] {
  const graphs = project?.graphs ?? []
  const ids = [...new Set([...graphs.map(({ graph_id }) => graph_id), ...assistants.map(({ graph_id }) => graph_id)])].toSorted((a, b) => a.localeCompare(b, 'en'))
  return ids.map((graphId) => ({
    graphId, assistants: assistants.filter((assistant) => assistant.graph_id === graphId),
    error: graphs.find((graph) => graph.graph_id === graphId)?.error?.message ?? null,
  }))
}

/** What choosing a graph means: its system assistant, else its first. */
export const assistantOf = ({ assistants }: GraphChoice): Assistant | undefined => assistants.find(isSystem) ?? assistants[0]

/** "system · v1", "v3", "v7 · draft not saved". */
export const subtitleOf = (assistant: Assistant, hasDraft: boolean): string =>
  [isSystem(assistant) && 'system', `v${assistant.version}`, hasDraft && 'draft not saved'].filter(Boolean).join(' · ')
