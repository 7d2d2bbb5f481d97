import { AIMessageChunk, type BaseMessage } from '@langchain/core/messages'
import { ChatGenerationChunk } from '@langchain/core/outputs'
import { tool } from '@langchain/core/tools'
import { FakeStreamingChatModel } from '@langchain/core/utils/testing'
import { Annotation, END, interrupt, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { ToolNode } from '@langchain/langgraph/prebuilt'

interface Piece { readonly content: AIMessageChunk['content'], readonly tool_call_chunks?: AIMessageChunk['tool_call_chunks'], readonly usage_metadata?: { input_tokens: number, output_tokens: number, total_tokens: number } }

const ASKS: Piece[] = [
  { content: 'Let me ' },
  { content: 'look.' },
  { content: '', tool_call_chunks: [{ type: 'tool_call_chunk', index: 1, id: 'call-1', name: 'look_up', args: '{"city":' }] },
  { content: '', tool_call_chunks: [{ type: 'tool_call_chunk', index: 1, args: '"Oslo"}' }] },
]
const ANSWERS: Piece[] = [
  { content: [{ type: 'reasoning', reasoning: 'Seen. ', index: 0 }] },
  { content: [{ type: 'text', text: 'It is ', index: 1 }] },
  { content: [{ type: 'text', text: 'raining.', index: 1 }], usage_metadata: { input_tokens: 3, output_tokens: 2, total_tokens: 5 } },
]

/** Speaks as a hosted model does: chunk by chunk, first asking for a tool. */
class Speaker extends FakeStreamingChatModel {
  override async *_streamResponseChunks(messages: BaseMessage[], _options: unknown, run?: { handleLLMNewToken(token: string, ...rest: unknown[]): Promise<void> }): AsyncGenerator<ChatGenerationChunk> {
    const turn = messages.filter((message) => message.getType() === 'human').length
    const answers = messages.at(-1)?.getType() === 'tool'
    for (const piece of answers ? ANSWERS : ASKS) {
      const message = new AIMessageChunk({ ...piece, id: `${answers ? 'answer' : 'ask'}-${turn}` } as ConstructorParameters<typeof AIMessageChunk>[0])
      const text = typeof message.content === 'string' ? message.content : ''
      const chunk = new ChatGenerationChunk({ message, text })
      yield chunk
      await run?.handleLLMNewToken(text, undefined, undefined, undefined, undefined, { chunk })
    }
  }
}

const lookUp = tool(({ city }: { city: string }) => `rain in ${city}`, { name: 'look_up', description: 'The weather of a city.', schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } as never })

/** A model that streams, calls a tool, and answers. */
export const talking = new StateGraph(MessagesAnnotation)
  .addNode('model', async ({ messages }) => ({ messages: [await new Speaker({}).invoke(messages)] }))
  .addNode('tools', new ToolNode([lookUp]))
  .addEdge(START, 'model')
  .addConditionalEdges('model', ({ messages }) => (messages.at(-1) as { tool_calls?: unknown[] }).tool_calls?.length ? 'tools' : END, ['tools', END])
  .addEdge('tools', 'model')
  .compile()

const Topic = Annotation.Root({ topic: Annotation<string>, verdict: Annotation<string> })

const review = new StateGraph(Topic)
  .addNode('read', ({ topic }) => ({ topic: `${topic}!` }))
  .addNode('judge', ({ topic }) => ({ verdict: `${topic} ${String(interrupt({ judge: topic }))}` }))
  .addEdge(START, 'read')
  .addEdge('read', 'judge')
  .addEdge('judge', END)
  .compile()

/** Has a graph in it that asks. */
export const nested = new StateGraph(Topic)
  .addNode('review', review)
  .addNode('close', ({ verdict }) => ({ verdict: `${verdict}.` }))
  .addEdge(START, 'review')
  .addEdge('review', 'close')
  .addEdge('close', END)
  .compile()
