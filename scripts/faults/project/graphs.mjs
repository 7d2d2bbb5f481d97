// The workload: small graphs without a model, whose state and journal tell which steps of which run were executed.
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Annotation, END, interrupt, START, StateGraph } from '@langchain/langgraph'

const JOURNAL = process.env['FAULTS_JOURNAL']

const appended = () => Annotation({ reducer: (before, added) => before.concat(added), default: () => [] })
const State = Annotation.Root({
  /** What this run shall do: {token, steps, pace}. The token names the run before the server has given it an id. */
  plan: Annotation(),
  /** `token:step` of every step that was committed. A step lost or done twice shows here. */
  entries: appended(),
  messages: appended(),
  marks: appended(),
})

const stepsOf = ({ entries, plan }) => entries.filter((entry) => entry.startsWith(`${plan.token}:`)).length
/** A thread that was only written to by hand has no plan. */
const isDone = (state) => !state.plan || stepsOf(state) >= state.plan.steps

/** Evidence outside the database: one line per execution of a step, in the order they happened over all processes. */
function note(token, step, { configurable }) {
  if (JOURNAL) appendFileSync(JOURNAL, `${JSON.stringify({ token, step, pid: process.pid, thread: configurable?.thread_id })}\n`)
}

/** A graph of one node that loops for as many supersteps as it is told; `work` is what else a step does. */
function loop(work) {
  return new StateGraph(State)
    .addNode('step', async (state, config) => {
      const { token, pace } = state.plan
      const step = stepsOf(state)
      note(token, step, config)
      if (pace) await sleep(pace, undefined, { signal: config.signal })
      return { entries: [`${token}:${step}`], ...await work?.({ token, step, config }) }
    })
    .addEdge(START, 'step')
    .addConditionalEdges('step', (state) => isDone(state) ? END : 'step', ['step', END])
    .compile()
}

export const count = loop()
export const slow = loop()

export const stream = loop(({ token, step, config }) => {
  for (let i = 0; i < 20; i++) config.writer?.({ token, step, i })
})

export const store = loop(async ({ token, step, config }) => {
  await config.store.put(['runs', token], 'last', { step })
})

/** Long enough that each message is stored as a piece of its own, and the list as a tree of pieces. */
export const chat = loop(({ token, step }) => ({
  messages: Array.from({ length: 2 }, (_, i) => ({ role: i ? 'ai' : 'human', content: `${token}:${step}:${i} `.repeat(30) })),
}))

/** Asks once; the answer is the token of the run that brings it. */
export const ask = new StateGraph(State)
  .addNode('ask', (state, config) => {
    note(state.plan.token, 0, config)
    const answer = interrupt({ question: state.plan.token })
    note(answer, 0, config)
    return { entries: [`${state.plan.token}:0`, `${answer}:0`] }
  })
  .addNode('thank', (state, config) => {
    const answer = state.entries.at(-1).split(':')[0]
    note(answer, 1, config)
    return { entries: [`${answer}:1`] }
  })
  .addEdge(START, 'ask')
  .addEdge('ask', 'thank')
  .addEdge('thank', END)
  .compile()
