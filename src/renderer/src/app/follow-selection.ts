import { clientFor } from '../api/client.ts'
import { studioStore, type StudioState } from '../app-store.ts'
import { summaryOf } from '../features/threads/index.ts'
import { fromHash, toHash } from '../features/selection/index.ts'

/** What has to be read when the person goes elsewhere: the one place that knows. */
export function followSelection(): void {
  studioStore.setState({ selection: fromHash(location.hash) })
  addEventListener('hashchange', () => {
    const { selection } = studioStore.getState()
    if (location.hash === toHash(selection)) return
    const next = fromHash(location.hash)
    // An address typed by hand may say less than there is: the chosen assistant stays.
    studioStore.setState({ selection: { ...next, assistantId: next.assistantId ?? selection.assistantId } })
    chooseAssistant(studioStore.getState())
  })
  studioStore.subscribe((state, before) => {
    if (state.selection !== before.selection) onSelection(state, before)
    if (state.assistants !== before.assistants) chooseAssistant(state)
  })
}

function onSelection(state: StudioState, before: StudioState): void {
  const { selection } = state
  const hash = toHash(selection)
  // A new place is a step back and forth goes through; a checkpoint looked at in passing is not.
  const isStep = selection.view !== before.selection.view || selection.threadId !== before.selection.threadId
  if (location.hash !== hash) history[isStep ? 'pushState' : 'replaceState'](null, '', `${location.pathname}${location.search}${hash}`)
  if (selection.assistantId !== before.selection.assistantId) void state.loadGraph()
  if (selection.threadId !== before.selection.threadId) openThread(state)
  else if (selection.checkpointId !== before.selection.checkpointId) void state.loadThreadState()
}

export function openThread(state: StudioState): void {
  const { threadId } = state.selection
  if (state.run.threadId !== threadId) state.leaveRun()
  if (!threadId) {
    state.clearHistory()
    void state.loadThreadState()
    return
  }
  state.forgetThreadState(threadId)
  void state.loadHistory(threadId)
  void state.attachRun()
  const known = state.threads.items.find((thread) => thread.thread_id === threadId)
  if (known) return showAssistantOf(state, known)
  // Not on the list (yet): the server knows whose it is. That it is gone is told by its history.
  void clientFor(state.connection).threads.get(threadId).then((thread) => {
    const now = studioStore.getState()
    if (now.selection.threadId === threadId) showAssistantOf(now, summaryOf(thread))
  }, () => {})
}

/** A thread is looked at with the assistant that ran it, when that still exists. */
function showAssistantOf({ assistants, selection, select }: StudioState, thread: { assistant_id: string | null, graph_id: string | null }): void {
  const own = assistants.items.find((assistant) => assistant.assistant_id === thread.assistant_id) ?? assistants.items.find((assistant) => assistant.graph_id === thread.graph_id)
  if (own && own.assistant_id !== selection.assistantId) select({ assistantId: own.assistant_id })
}

/** The chosen one may be gone, or none was chosen yet. */
function chooseAssistant({ assistants, selection, select }: StudioState): void {
  if (assistants.status !== 'ready' || assistants.items.some((assistant) => assistant.assistant_id === selection.assistantId)) return
  const first = assistants.items.find((assistant) => assistant.metadata?.['created_by'] === 'system') ?? assistants.items[0]
  select({ assistantId: first?.assistant_id ?? null })
}
