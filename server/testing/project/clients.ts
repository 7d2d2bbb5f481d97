import type { BaseMessage } from '@langchain/core/messages'
import { FakeListChatModel } from '@langchain/core/utils/testing'
import { Annotation, END, interrupt, MessagesAnnotation, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph'

const Counter = Annotation.Root({
  count: Annotation<number>({ reducer: (before, added) => before + added, default: () => 0 }),
  log: Annotation<string[]>({ reducer: (before, added) => before.concat(added), default: () => [] }),
})

/** Counts by one, or by the assistant's or the run's `step`. */
export const counter = new StateGraph(Counter)
  .addNode('add', (_state, config: LangGraphRunnableConfig) => {
    const step = Number(config.configurable?.['step'] ?? 1)
    config.writer?.({ adding: step })
    return { count: step, log: [`added ${step}`] }
  })
  .addNode('tell', (state) => ({ log: [`now ${state.count}`] }))
  .addEdge(START, 'add')
  .addEdge('add', 'tell')
  .addEdge('tell', END)
  .compile()

const Report = Annotation.Root({
  topic: Annotation<string>,
  findings: Annotation<string[]>({ reducer: (before, added) => before.concat(added), default: () => [] }),
})

const inner = new StateGraph(Report)
  .addNode('look', (state) => ({ findings: [`looked at ${state.topic}`] }))
  .addNode('doubt', (state) => state.topic.startsWith('doubtful') ? { findings: [`doubt: ${String(interrupt({ doubt: state.topic }))}`] } : {})
  .addEdge(START, 'look')
  .addEdge('look', 'doubt')
  .addEdge('doubt', END)
  .compile()

const Outer = Annotation.Root({ topic: Annotation<string>, findings: Annotation<string[]>, report: Annotation<string> })

/** A graph in a graph; the inner one asks when the topic is doubtful. */
export const nested = new StateGraph(Outer)
  .addNode('research', inner)
  .addNode('write', (state) => ({ report: state.findings.join(', ') }))
  .addEdge(START, 'research')
  .addEdge('research', 'write')
  .addEdge('write', END)
  .compile()

const textOf = (messages: BaseMessage[]) => String(messages.at(-1)?.content)

/** Says letter by letter what it heard, a letter each `pace_ms`; asks back first when that begins with "may I". */
export const chat = new StateGraph(MessagesAnnotation)
  .addNode('ask', (state) => {
    if (textOf(state.messages).startsWith('may I')) interrupt({ question: 'May they?' })
    return {}
  })
  .addNode('answer', async (state, config: LangGraphRunnableConfig) => {
    const model = new FakeListChatModel({ responses: [`You said: ${textOf(state.messages)}`], sleep: Number(config.configurable?.['pace_ms'] ?? 0) })
    return { messages: [await model.invoke(state.messages, config)] }
  })
  .addEdge(START, 'ask')
  .addEdge('ask', 'answer')
  .addEdge('answer', END)
  .compile()
