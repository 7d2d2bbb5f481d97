// The graphs of the measurements, not compiled: servers bring their own checkpointer, the bare invoke chooses one.
import { setTimeout as pause } from 'node:timers/promises'
import { Annotation, END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'

const Values = Annotation.Root({ input: Annotation(), value: Annotation() })

function chain(names, node) {
  const graph = new StateGraph(Values)
  for (const name of names) graph.addNode(name, node)
  graph.addEdge(START, names[0]).addEdge(names.at(-1), END)
  for (const [at, name] of names.slice(1).entries()) graph.addEdge(names[at], name)
  return graph
}

const count = (state) => ({ value: (state.value ?? 0) + 1 })

export const trivial = chain(['first', 'second'], count)

export const ten = chain(Array.from({ length: 10 }, (_, n) => `node${n}`), count)

/** Work that keeps a core busy and cannot be optimised away: how long it takes depends on the machine alone. */
function spin(rounds) {
  let sum = 0
  for (let n = 0; n < rounds; n++) sum = (sum * 31 + n) % 1_000_003
  return sum
}

function spinFor(ms) {
  const end = performance.now() + ms
  while (performance.now() < end) spin(1_000)
}

/** A fixed amount of work per node, about 5 ms on a core of 2024: two workers on two cores can do twice as much of it. */
const ROUNDS_OF_5_MS = 800_000
export const cpu = chain(['first', 'second'], (state) => ({ value: (state.value ?? 0) + (spin(ROUNDS_OF_5_MS) > -1 ? 1 : 0) }))

/** Emits `input.count` custom events of about 200 bytes, `input.burst` at a time, `input.every` ms apart (0: one turn of the event loop). */
export const events = new StateGraph(Values)
  .addNode('emit', async ({ input }, config) => {
    const text = 'x'.repeat(170)
    for (let n = 0; n < input.count; n++) {
      config.writer({ n, text })
      if ((n + 1) % input.burst === 0) await pause(input.every)
    }
    return { value: input.count }
  })
  .addEdge(START, 'emit')
  .addEdge('emit', END)

const REPLY = 'An answer that is as long as the question. '.repeat(117).slice(0, 5_000)

/** Appends an answer of 5 kB to a list of messages that only grows. */
export const messages = new StateGraph(MessagesAnnotation)
  .addNode('answer', () => ({ messages: [{ role: 'assistant', content: REPLY }] }))
  .addEdge(START, 'answer')
  .addEdge('answer', END)

const Notes = Annotation.Root({ ...Values.spec, notes: Annotation({ reducer: (before, added) => before.concat(added).slice(-50), default: () => [] }) })

/** As many supersteps as it is told, with about 5 kB of state that changes in each. */
export const looping = new StateGraph(Notes)
  .addNode('step', (state) => ({ ...count(state), notes: [`Step ${state.value ?? 0}: ${'looked at one more thing and wrote it down. '.repeat(2)}`] }))
  .addEdge(START, 'step')
  .addConditionalEdges('step', (state) => state.value >= state.input ? END : 'step', ['step', END])

/** Blocks its process for `input` ms. */
export const blocking = new StateGraph(Values)
  .addNode('block', ({ input }) => {
    spinFor(input)
    return { value: 1 }
  })
  .addEdge(START, 'block')
  .addEdge('block', END)

export const failing = chain(['first'], () => { throw new TypeError('This node always fails.') })
