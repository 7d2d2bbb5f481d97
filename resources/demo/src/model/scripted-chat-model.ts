import { randomUUID } from 'node:crypto'
import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager'
import { BaseChatModel, type BindToolsInput } from '@langchain/core/language_models/chat_models'
import { AIMessage, AIMessageChunk, type BaseMessage, type StandardMessageStructure, type UsageMetadata } from '@langchain/core/messages'
import type { ToolCallChunk } from '@langchain/core/messages/tool'
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs'
import { pace } from '../pace.ts'

export interface ScriptedToolCall {
  readonly name: string
  readonly args: Record<string, unknown>
}

export interface ScriptedReply {
  readonly text: string
  readonly toolCalls?: readonly ScriptedToolCall[]
}

/** What the model says next, told from the conversation so far. */
export type Script = (conversation: readonly BaseMessage[]) => ScriptedReply

const MILLISECONDS_BEFORE_FIRST_WORD = 300
const MILLISECONDS_PER_WORD = 30

/** A chat model that works offline and always gives the same answer to the same conversation. */
export class ScriptedChatModel extends BaseChatModel {
  readonly script: Script
  readonly toolNames: ReadonlySet<string>

  constructor(script: Script, toolNames: Iterable<string> = []) {
    super({})
    this.script = script
    this.toolNames = new Set(toolNames)
  }

  static override lc_name(): string {
    return 'ScriptedChatModel'
  }

  override _llmType(): string {
    return 'scripted'
  }

  override bindTools(tools: BindToolsInput[]): ScriptedChatModel {
    return new ScriptedChatModel(this.script, [...this.toolNames, ...tools.map(nameOfTool)])
  }

  override async _generate(messages: BaseMessage[], options: this['ParsedCallOptions']): Promise<ChatResult> {
    let whole = new AIMessageChunk('')
    for await (const piece of this.#pieces(messages, options.signal)) whole = whole.concat(piece)
    return { generations: [{ text: whole.text, message: toMessage(whole) }] }
  }

  override async *_streamResponseChunks(messages: BaseMessage[], options: this['ParsedCallOptions'], runManager?: CallbackManagerForLLMRun): AsyncGenerator<ChatGenerationChunk> {
    for await (const message of this.#pieces(messages, options.signal)) {
      const chunk = new ChatGenerationChunk({ text: message.text, message })
      yield chunk
      await runManager?.handleLLMNewToken(message.text, undefined, undefined, undefined, undefined, { chunk })
    }
  }

  async *#pieces(messages: readonly BaseMessage[], signal?: AbortSignal): AsyncGenerator<AIMessageChunk> {
    const id = `scripted-${randomUUID()}`
    const { text, toolCalls = [] } = this.script(messages)
    const calls = toolCalls.filter((call) => this.toolNames.has(call.name))
    await pace(MILLISECONDS_BEFORE_FIRST_WORD, signal)
    for (const word of wordsOf(text)) {
      await pace(MILLISECONDS_PER_WORD, signal)
      yield new AIMessageChunk({ id, content: word })
    }
    for (const piece of calls.flatMap(callPieces)) {
      await pace(MILLISECONDS_PER_WORD, signal)
      yield new AIMessageChunk({ id, content: '', tool_call_chunks: [piece] })
    }
    const usage_metadata = usageOf(messages, text, calls)
    const response_metadata = { model_name: 'scripted', finish_reason: calls.length > 0 ? 'tool_calls' : 'stop' }
    yield new AIMessageChunk<StandardMessageStructure>({ id, content: '', usage_metadata, response_metadata })
  }
}

function nameOfTool(tool: BindToolsInput): string {
  if ('name' in tool && typeof tool.name === 'string') return tool.name
  if ('function' in tool) return (tool.function as { name: string }).name
  throw new Error('A tool needs a name.')
}

const wordsOf = (text: string): string[] => text.match(/\s*\S+\s*$|\s*\S+/g) ?? []

/** As providers do it: first the name of the call, then its arguments in pieces. */
function callPieces(call: ScriptedToolCall, index: number): ToolCallChunk[] {
  const start: ToolCallChunk = { type: 'tool_call_chunk', index, id: `call_${randomUUID()}`, name: call.name, args: '' }
  const pieces = JSON.stringify(call.args).match(/[^]{1,24}/g) ?? []
  return [start, ...pieces.map((args): ToolCallChunk => ({ type: 'tool_call_chunk', index, args }))]
}

function toMessage({ id, content, tool_calls = [], usage_metadata, response_metadata }: AIMessageChunk): AIMessage {
  return new AIMessage({ content, tool_calls, response_metadata, ...(id === undefined ? {} : { id }), ...(usage_metadata ? { usage_metadata } : {}) })
}

/** Roughly what a real model would count: one token for four characters. */
function usageOf(messages: readonly BaseMessage[], text: string, calls: readonly ScriptedToolCall[]): UsageMetadata {
  const tokens = (written: string) => Math.ceil(written.length / 4)
  const input_tokens = messages.reduce((sum, message) => sum + tokens(message.text), 0)
  const output_tokens = tokens(text) + calls.reduce((sum, call) => sum + tokens(JSON.stringify(call)), 0)
  return { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens }
}
