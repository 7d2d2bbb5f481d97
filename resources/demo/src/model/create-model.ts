import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type { AIMessageChunk, BaseMessage } from '@langchain/core/messages'
import type { Runnable } from '@langchain/core/runnables'
import type { StructuredToolInterface } from '@langchain/core/tools'
import { type Script, ScriptedChatModel } from './scripted-chat-model.ts'

export type DemoModel = Runnable<BaseMessage[], AIMessageChunk>

export interface ModelOptions {
  readonly tools?: readonly StructuredToolInterface[]
  readonly temperature?: number
}

type ChatModelClass = new (fields: { model: string, temperature?: number }) => BaseChatModel

const PROVIDERS: Readonly<Record<string, { readonly packageName: string, readonly className: string }>> = {
  openai: { packageName: '@langchain/openai', className: 'ChatOpenAI' },
  anthropic: { packageName: '@langchain/anthropic', className: 'ChatAnthropic' },
}

/** The provider that DEMO_PROVIDER names, such as "openai:gpt-5-mini"; without one, the script. */
export async function createModel(script: Script, { tools, temperature }: ModelOptions = {}): Promise<DemoModel> {
  const setting = process.env.DEMO_PROVIDER?.trim()
  const model = setting ? await providerModel(setting, temperature) : new ScriptedChatModel(script)
  if (!tools) return model
  if (!model.bindTools) throw new Error(`${model.getName()} cannot use tools.`)
  return model.bindTools([...tools])
}

async function providerModel(setting: string, temperature: number | undefined): Promise<BaseChatModel> {
  const [name = '', ...rest] = setting.split(':')
  const provider = PROVIDERS[name]
  const model = rest.join(':')
  if (!provider || !model) throw new Error(`DEMO_PROVIDER is "${setting}", but it must be "openai:<model>" or "anthropic:<model>".`)
  const ChatModel = await loadChatModel(provider.packageName, provider.className)
  return new ChatModel({ model, ...(temperature === undefined ? {} : { temperature }) })
}

async function loadChatModel(packageName: string, className: string): Promise<ChatModelClass> {
  const module = await import(packageName).catch((cause: unknown) => {
    throw new Error(`DEMO_PROVIDER needs ${packageName}. Run "npm install ${packageName}" in the demo's folder, or unset DEMO_PROVIDER.`, { cause })
  }) as Record<string, ChatModelClass | undefined>
  const ChatModel = module[className]
  if (!ChatModel) throw new Error(`${packageName} has no ${className}.`)
  return ChatModel
}
