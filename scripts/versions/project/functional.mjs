import { entrypoint, getPreviousState, interrupt, task } from '@langchain/langgraph'

const double = task('double', async (n) => n * 2)

/** Doubles, asks, and adds what it returned the last time. */
export const functional = entrypoint('functional', async ({ n }) => {
  const doubled = await double(n)
  const answer = interrupt('add?')
  return { total: doubled + Number(answer) + (getPreviousState()?.total ?? 0) }
})
