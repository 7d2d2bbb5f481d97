import { AIMessage, type BaseMessage } from '@langchain/core/messages'
import type { RunnableConfig } from '@langchain/core/runnables'
import { tool } from '@langchain/core/tools'
import { END, MessagesAnnotation, Send, START, StateGraph } from '@langchain/langgraph'
import { ToolNode } from '@langchain/langgraph/prebuilt'
import { chat } from './clients.ts'

const textOf = (messages: readonly BaseMessage[]) => String(messages.at(-1)?.content)

const task = tool(async ({ description }: { description: string }, config: RunnableConfig) =>
  textOf((await chat.invoke({ messages: [{ role: 'human', content: description }] }, config)).messages), {
  name: 'task', description: 'Gives a task to a subagent.',
  schema: { type: 'object', properties: { description: { type: 'string' }, subagent_type: { type: 'string' } }, required: ['description', 'subagent_type'] } as never,
})

/** Hands what it is told to a subagent, by a tool as agents have it, and reports what that said. */
export const delegating = new StateGraph(MessagesAnnotation)
  .addNode('plan', ({ messages }) => ({ messages: [messages.at(-1)?.getType() === 'tool'
    ? new AIMessage(`It was reported: ${textOf(messages)}`)
    : new AIMessage({ content: '', tool_calls: [{ id: `task-${messages.length}`, name: 'task', args: { description: textOf(messages), subagent_type: 'parrot' } }] })] }))
  .addNode('tools', new ToolNode([task]))
  .addEdge(START, 'plan')
  // A task per call, as LangChain's agents have it.
  .addConditionalEdges('plan', ({ messages }) => {
    const calls = (messages.at(-1) as AIMessage).tool_calls ?? []
    return calls.length ? calls.map((call) => new Send('tools', { lg_tool_call: call })) : END
  }, ['tools', END])
  .addEdge('tools', 'plan')
  .compile()
