// Prints what the installed version can do by itself.
import * as langgraph from '@langchain/langgraph'
import { fanOut } from './graphs.mjs'

/** The oldest versions run sent tasks in the superstep that sends them: nothing can stop before them. */
async function pausesBeforeSends() {
  fanOut.checkpointer = new langgraph.MemorySaver()
  const config = { configurable: { thread_id: 'probe' } }
  await fanOut.invoke({ topic: 'a' }, { ...config, interruptBefore: ['work'] })
  return (await fanOut.getState(config)).next.length > 0
}

console.log(JSON.stringify({ functional: 'entrypoint' in langgraph && 'getPreviousState' in langgraph, pausesBeforeSends: await pausesBeforeSends() }))
