import { END, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph'
import { pace } from '../pace.ts'
import { CORPUS } from './corpus.ts'
import { search } from './search.ts'
import { ResearcherState } from './state.ts'

type State = typeof ResearcherState.State
type Update = typeof ResearcherState.Update

const DOCUMENTS_TO_READ = 2

async function searchDocuments({ task }: State, { signal, writer }: LangGraphRunnableConfig): Promise<Update> {
  await pace(250, signal)
  const hits = search(task, DOCUMENTS_TO_READ).map(({ document, score }) => ({ source: document.id, score }))
  writer?.({ step: 'search', task, found: hits.length })
  return { hits }
}

async function read({ task, hits }: State, { signal, writer }: LangGraphRunnableConfig): Promise<Update> {
  const texts: Record<string, string> = {}
  for (const { source } of hits) {
    await pace(120, signal)
    writer?.({ step: 'read', task, source })
    texts[source] = CORPUS.find(({ id }) => id === source)?.text ?? ''
  }
  return { texts }
}

function takeNotes({ hits, texts }: State): Update {
  return { notes: hits.map(({ source, score }) => ({ source, score, claim: texts[source] ?? '' })) }
}

/** One researcher: a graph of its own that the research graph starts several times at once. */
export const researcher = new StateGraph(ResearcherState)
  .addNode('search', searchDocuments)
  .addNode('read', read)
  .addNode('take_notes', takeNotes)
  .addEdge(START, 'search')
  .addEdge('search', 'read')
  .addEdge('read', 'take_notes')
  .addEdge('take_notes', END)
  .compile()
