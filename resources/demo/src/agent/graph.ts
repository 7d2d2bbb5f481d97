import { AIMessage, SystemMessage } from '@langchain/core/messages'
import { END, START, type LangGraphRunnableConfig, Send, StateGraph } from '@langchain/langgraph'
import { createModel } from '../model/create-model.ts'
import { runTool, type ToolTask } from './run-tool.ts'
import { agentScript } from './script.ts'
import { AgentState } from './state.ts'
import { tools } from './tools/index.ts'

const INSTRUCTIONS = new SystemMessage('You help a small team. Use the tools instead of guessing. Before you email about notes, search them.')

const model = await createModel(agentScript, { tools })

async function agent({ messages }: typeof AgentState.State, config: LangGraphRunnableConfig): Promise<typeof AgentState.Update> {
  return { messages: [await model.invoke([INSTRUCTIONS, ...messages], config)] }
}

function callTools({ messages }: typeof AgentState.State): Send<'run_tool', ToolTask>[] | typeof END {
  const last = messages.at(-1)
  const calls = AIMessage.isInstance(last) ? last.tool_calls ?? [] : []
  return calls.length > 0 ? calls.map((call) => new Send('run_tool', { call })) : END
}

export const graph = new StateGraph(AgentState)
  .addNode('agent', agent)
  .addNode('run_tool', runTool)
  .addEdge(START, 'agent')
  .addConditionalEdges('agent', callTools, ['run_tool', END])
  .addEdge('run_tool', 'agent')
  .compile()
