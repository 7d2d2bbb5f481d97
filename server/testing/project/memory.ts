import { Annotation, END, getStore, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph'

interface Call { call: string, args: unknown[] }
const State = Annotation.Root({ calls: Annotation<Call[]>, answers: Annotation<unknown[]> })

type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>

async function answer(store: Methods, { call, args }: Call): Promise<unknown> {
  try {
    return await store[call]!(...args) ?? null
  } catch (error) {
    return { refused: (error as Error).message }
  }
}

/** Asks of its store what it is told to, through the config and through `getStore` in turn. */
export const memory = new StateGraph(State)
  .addNode('ask', async ({ calls }, config: LangGraphRunnableConfig) => {
    const answers: unknown[] = []
    for (const [i, call] of calls.entries()) answers.push(await answer((i % 2 ? getStore() : config.store) as unknown as Methods, call))
    return { answers }
  })
  .addEdge(START, 'ask')
  .addEdge('ask', END)
  .compile()
