import { END, START, StateGraph, type Runtime } from '@langchain/langgraph'
import { z } from 'zod'

const State = z.object({ name: z.string().describe('Who is greeted'), greeting: z.string().optional() })
const Context = z.object({ tone: z.enum(['warm', 'dry']).optional() })

/** Says what it takes, and is told how in its context. */
export const greeter = new StateGraph(State, { context: Context, input: State.pick({ name: true }) })
  .addNode('greet', ({ name }, { context }: Runtime<z.infer<typeof Context>>) => ({ greeting: context?.tone === 'warm' ? `So good to see you, ${name}!` : `Hello ${name}.` }))
  .addEdge(START, 'greet')
  .addEdge('greet', END)
  .compile()
