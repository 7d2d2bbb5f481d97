import { HumanMessage } from '@langchain/core/messages'
import { END, type LangGraphRunnableConfig, Overwrite, Send, START, StateGraph } from '@langchain/langgraph'
import { createModel } from '../model/create-model.ts'
import { pace } from '../pace.ts'
import { notesNeeded, passesAllowed, tasksOf } from './planner.ts'
import { publish } from './publish.ts'
import { researcher } from './researcher.ts'
import { writerScript, writingRequest } from './script.ts'
import { ResearchInput, ResearchState } from './state.ts'

type State = typeof ResearchState.State
type Update = typeof ResearchState.Update

const model = await createModel(writerScript)

/** Starts afresh, so that a second question on the same thread doesn't see the first one's notes. */
async function planResearch({ question, depth }: State, { signal, writer }: LangGraphRunnableConfig): Promise<Update> {
  if (question.trim() === '') throw new Error('The research needs a question.')
  await pace(300, signal)
  const tasks = tasksOf(question, depth, 0)
  writer?.({ step: 'planned', tasks })
  return { plan: tasks, notes: new Overwrite([]), passes: 0, draft: '', approved: false }
}

function dispatch({ question, depth, passes }: State, { writer }: LangGraphRunnableConfig): Update {
  const tasks = tasksOf(question, depth, passes)
  writer?.({ step: 'dispatched', pass: passes + 1, researchers: tasks.length })
  return { plan: tasks }
}

const startResearchers = ({ plan }: State) => plan.map((task) => new Send('researcher', { task }))

async function review({ notes, passes }: State, { signal, writer }: LangGraphRunnableConfig): Promise<Update> {
  await pace(200, signal)
  writer?.({ step: 'reviewed', pass: passes + 1, notes: notes.length })
  return { passes: passes + 1 }
}

function judge({ notes, passes, depth, max_passes }: State): 'enough' | 'too thin' | 'out of budget' {
  if (notes.length >= notesNeeded(depth)) return 'enough'
  return passes < passesAllowed(depth, max_passes) ? 'too thin' : 'out of budget'
}

async function write({ question, notes }: State, config: LangGraphRunnableConfig): Promise<Update> {
  const best = notes.toSorted((a, b) => b.score - a.score)
  const report = await model.invoke([new HumanMessage(writingRequest(question, best))], config)
  return { draft: report.text }
}

function giveUp({ notes, passes, depth }: State): Update {
  return { approved: false, draft: `No report: ${passes === 1 ? 'one pass' : `${passes} passes`} of research found ${notes.length} of the ${notesNeeded(depth)} notes that it needs.` }
}

export const graph = new StateGraph({ state: ResearchState, input: ResearchInput })
  .addNode('planner', planResearch)
  .addNode('dispatch', dispatch)
  .addNode('researcher', researcher)
  .addNode('review', review)
  .addNode('write', write)
  .addNode('give_up', giveUp)
  .addNode('publish', publish)
  .addEdge(START, 'planner')
  .addEdge('planner', 'dispatch')
  .addConditionalEdges('dispatch', startResearchers, ['researcher'])
  .addEdge('researcher', 'review')
  .addConditionalEdges('review', judge, { enough: 'write', 'too thin': 'dispatch', 'out of budget': 'give_up' })
  .addEdge('write', 'publish')
  .addEdge('publish', END)
  .addEdge('give_up', END)
  .compile()
