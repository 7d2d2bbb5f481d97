import { Annotation, Command, END, interrupt, Send, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph'

const State = Annotation.Root({
  topic: Annotation<string>,
  notes: Annotation<string[]>({ reducer: (before, added) => before.concat(added), default: () => [] }),
  draft: Annotation<string>,
  approved: Annotation<boolean | null>,
})

/** Writes a draft, asks whether it may go out, and says so: the shape most contract tests need. */
export const approval = new StateGraph(State)
  .addNode('write', (state, config: LangGraphRunnableConfig) => {
    config.writer?.({ progress: 'writing' })
    return { draft: `On ${state.topic}`, notes: ['written'] }
  })
  .addNode('approve', (state) => {
    const answer: unknown = interrupt({ question: 'Publish?', draft: state.draft })
    return new Command({ update: { approved: answer === true, notes: [`answered ${String(answer)}`] }, goto: 'publish' })
  }, { ends: ['publish'] })
  .addNode('publish', (state) => ({ notes: [state.approved ? 'published' : 'dropped'] }))
  .addEdge(START, 'write')
  .addEdge('write', 'approve')
  .addEdge('publish', END)
  .compile()

const Wide = Annotation.Root({ items: Annotation<string[]>, answers: Annotation<string[]>({ reducer: (before, added) => before.concat(added), default: () => [] }) })

/** Asks once per item, all at the same time. */
export const wide = new StateGraph(Wide)
  .addNode('ask', (state: { item: string }) => ({ answers: [`${state.item}: ${String(interrupt({ ask: state.item }))}`] }))
  .addConditionalEdges(START, (state: typeof Wide.State) => state.items.map((item) => new Send('ask', { item })), ['ask'])
  .addEdge('ask', END)
  .compile()

const Slow = Annotation.Root({ steps: Annotation<number>, done: Annotation<number> })

/** Takes as many supersteps as it is told, each until `release` or the abort of its run. */
export const slow = new StateGraph(Slow)
  .addNode('step', async (state, config: LangGraphRunnableConfig) => {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, Number(config.configurable?.['pace_ms'] ?? 20))
      config.signal?.addEventListener('abort', () => {
        clearTimeout(timer)
        reject(new Error('aborted'))
      })
    })
    return { done: (state.done ?? 0) + 1 }
  })
  .addEdge(START, 'step')
  .addConditionalEdges('step', (state) => state.done >= state.steps ? END : 'step', ['step', END])
  .compile()

export const failing = new StateGraph(State)
  .addNode('break', () => { throw new TypeError('This node always fails.') })
  .addEdge(START, 'break')
  .addEdge('break', END)
  .compile()

const Emitting = Annotation.Root({ events: Annotation<number>, size: Annotation<number> })

/** Emits `events` custom events of `size` characters, as fast as it can. */
export const emitting = new StateGraph(Emitting)
  .addNode('emit', async (state, config: LangGraphRunnableConfig) => {
    for (let i = 0; i < state.events; i++) {
      config.writer?.({ i, text: 'x'.repeat(state.size) })
      if (i % 100 === 99) await new Promise((resolve) => setImmediate(resolve))
    }
    return { events: 0 }
  })
  .addEdge(START, 'emit')
  .addEdge('emit', END)
  .compile()

const Path = Annotation.Root({ path: Annotation<string[]>({ reducer: (before, added) => before.concat(added), default: () => [] }) })
const writer = new StateGraph(Path).addNode('draft', () => ({ path: ['draft'] })).addEdge(START, 'draft').addEdge('draft', END).compile()
const team = new StateGraph(Path).addNode('writer', writer).addEdge(START, 'writer').addEdge('writer', END).compile()

/** A graph in a graph in a graph. */
export const teams = new StateGraph(Path).addNode('team', team).addEdge(START, 'team').addEdge('team', END).compile()
