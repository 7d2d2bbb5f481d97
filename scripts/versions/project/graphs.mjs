import { AIMessage, HumanMessage } from '@langchain/core/messages'
import { Annotation, Command, END, interrupt, messagesStateReducer, Send, START, StateGraph } from '@langchain/langgraph'

const State = Annotation.Root({
  topic: Annotation(),
  notes: Annotation({ reducer: (before, added) => before.concat(added), default: () => [] }),
  messages: Annotation({ reducer: messagesStateReducer, default: () => [] }),
  when: Annotation(),
})

/** Says something, asks, and tells which classes it met after it was resumed. */
export const approval = new StateGraph(State)
  .addNode('write', async (state, config) => {
    config.writer?.({ progress: 'writing' })
    return { notes: ['written'], when: new Date(0), messages: [new HumanMessage({ id: 'h', content: state.topic }), new AIMessage({ id: 'a', content: 'draft', tool_calls: [{ id: 'c', name: 'tool', args: { x: 1 }, type: 'tool_call' }] })] }
  })
  .addNode('approve', (state) => {
    const answer = interrupt({ question: 'Publish?' })
    const live = state.messages.every((message) => message instanceof HumanMessage || message instanceof AIMessage) && state.when instanceof Date
    return { notes: [`answered ${answer}`, live ? 'live' : 'dead'] }
  })
  .addNode('publish', () => ({ notes: ['published'] }))
  .addEdge(START, 'write').addEdge('write', 'approve').addEdge('approve', 'publish').addEdge('publish', END)
  .compile()

/** Sends a task with a message in it for each note; they run after a pause before them. */
export const fanOut = new StateGraph(State)
  .addNode('plan', () => ({}))
  .addNode('work', ({ item, message }) => ({ notes: [`${item} ${message instanceof HumanMessage}`] }))
  .addEdge(START, 'plan')
  .addConditionalEdges('plan', ({ topic }) => topic.split(',').map((item) => new Send('work', { item, message: new HumanMessage(item) })), ['work'])
  .addEdge('work', END)
  .compile()

const inner = new StateGraph(State)
  .addNode('first', () => ({ notes: ['inner first'] }))
  .addNode('ask', () => ({ notes: [`inner ${interrupt('inside?')}`] }))
  .addEdge(START, 'first').addEdge('first', 'ask').addEdge('ask', END)
  .compile()

export const nested = new StateGraph(State)
  .addNode('nested', inner)
  .addNode('jump', () => new Command({ goto: 'last', update: { notes: ['jumped'] } }), { ends: ['last'] })
  .addNode('last', () => ({ notes: ['last'] }))
  .addEdge(START, 'nested').addEdge('nested', 'jump').addEdge('last', END)
  .compile()

/** Counts how often it was run, in the store. */
export const remembering = new StateGraph(State)
  .addNode('count', async (_state, config) => {
    const before = await config.store.get(['runs'], 'count')
    const count = (before?.value.count ?? 0) + 1
    await config.store.put(['runs'], 'count', { count })
    return { notes: [`run ${count}`] }
  })
  .addEdge(START, 'count').addEdge('count', END)
  .compile()

/** Waits until it is cancelled. */
export const slow = new StateGraph(State)
  .addNode('begin', () => ({ notes: ['begun'] }))
  .addNode('wait', (_state, config) => new Promise((resolve, reject) => {
    config.signal?.addEventListener('abort', () => reject(config.signal.reason), { once: true })
  }))
  .addEdge(START, 'begin').addEdge('begin', 'wait').addEdge('wait', END)
  .compile()
