import { HumanMessage, SystemMessage } from '@langchain/core/messages'
import { type BaseStore, Command, END, type LangGraphRunnableConfig, START, StateGraph } from '@langchain/langgraph'
import { createModel } from '../model/create-model.ts'
import { pace } from '../pace.ts'
import { type Desk, deskFor } from './desks.ts'
import { factsIn, type Memory, recall, remember } from './memory.ts'
import { supportScript, systemPrompt } from './script.ts'
import { SupportContext, SupportState } from './state.ts'

type State = typeof SupportState.State
type Update = typeof SupportState.Update
type Config = LangGraphRunnableConfig<Partial<SupportContext>>

async function classify({ messages, user_id }: State, { context, signal, store }: Config): Promise<Command<unknown, Update, Desk>> {
  await pace(400, signal)
  const question = messages.findLast((message) => HumanMessage.isInstance(message))?.text ?? ''
  const { use_memory } = SupportContext.parse(context ?? {})
  if (use_memory && store) await remember(store, user_id, factsIn(question))
  return new Command({ goto: deskFor(question) })
}

function answerAt(desk: Desk) {
  return async ({ messages, user_id }: State, config: Config): Promise<Update> => {
    const { system_prompt, temperature, tone, use_memory, max_suggestions } = SupportContext.parse(config.context ?? {})
    const memory = use_memory ? await memoryOf(config.store, user_id) : {}
    const model = await createModel(supportScript, { temperature })
    const system = new SystemMessage(systemPrompt(system_prompt, { desk, tone, max_suggestions, memory }))
    return { messages: [await model.invoke([system, ...messages], config)] }
  }
}

const memoryOf = async (store: BaseStore | undefined, userId: string): Promise<Memory> => store ? recall(store, userId) : {}

export const graph = new StateGraph(SupportState, SupportContext)
  .addNode('classify', classify, { ends: ['billing', 'technical', 'human'] })
  .addNode('billing', answerAt('billing'))
  .addNode('technical', answerAt('technical'))
  .addNode('human', answerAt('human'))
  .addEdge(START, 'classify')
  .addEdge('billing', END)
  .addEdge('technical', END)
  .addEdge('human', END)
  .compile()
