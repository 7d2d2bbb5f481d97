import { ToolMessage, type ToolCall } from '@langchain/core/messages'
import { isGraphBubbleUp, type LangGraphRunnableConfig } from '@langchain/langgraph'
import { pace } from '../pace.ts'
import type { AgentState } from './state.ts'
import { tools } from './tools/index.ts'

export interface ToolTask {
  readonly call: ToolCall
}

/** Runs one tool call. Each call is a task of its own, so several can wait for approval at the same time. */
export async function runTool({ call }: ToolTask, config: LangGraphRunnableConfig): Promise<typeof AgentState.Update> {
  const { name, id: tool_call_id = '' } = call
  const tool = tools.find((candidate) => candidate.name === name)
  if (!tool) return { messages: [new ToolMessage({ name, tool_call_id, status: 'error', content: `There is no tool "${name}".` })] }
  try {
    await pace(300, config.signal)
    const content: unknown = await tool.invoke(call.args, config)
    return { messages: [new ToolMessage({ name, tool_call_id, content: String(content) })] }
  } catch (error) {
    if (isGraphBubbleUp(error) || config.signal?.aborted) throw error
    return { messages: [new ToolMessage({ name, tool_call_id, status: 'error', content: error instanceof Error ? error.message : String(error) })] }
  }
}
