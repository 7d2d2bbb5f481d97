import { closeSync, writeSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { Annotation, END, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph'

const State = Annotation.Root({ how: Annotation<string>, said: Annotation<string[]>({ reducer: (before, added) => before.concat(added), default: () => [] }) })

const hold: unknown[] = []

/** What user code does to its process when it means no good, or does not know better. */
const MISCHIEF: Record<string, (config: LangGraphRunnableConfig) => unknown> = {
  exit: () => process.exit(7),
  abort: () => process.abort(),
  kill: () => {
    process.kill(process.pid, 'SIGKILL')
    return pause(60_000)
  },
  heap: () => { for (;;) hold.push(Array.from({ length: 1000 }, (_, index) => ({ index }))) },
  buffers: async () => {
    for (;;) {
      hold.push(Buffer.alloc(16 * 1024 * 1024, 1))
      await pause(1)
    }
  },
  'block for ever': () => { for (;;) ; },
  'block a while': () => {
    const end = Date.now() + 3000
    while (Date.now() < end) ;
  },
  'close the pipe': () => {
    closeSync(3)
    return pause(60_000)
  },
  'write to the pipe': () => {
    writeSync(3, 'what is this? '.repeat(100))
    return pause(60_000)
  },
  'throw later': () => {
    setTimeout(() => { throw new RangeError('thrown by a timer') }, 10)
    return pause(60_000)
  },
  'forget a promise': () => {
    void Promise.reject(new RangeError('nobody waits for me'))
    return pause(60_000)
  },
  'throw after the run': () => {
    setTimeout(() => { throw new RangeError('thrown too late') }, 200)
  },
  'keep a timer': () => { setInterval(() => {}, 1) },
  flood: () => {
    for (let line = 0; line < 100_000; line++) console.log(`${line} ${'x'.repeat(1000)}`)
  },
  speak: () => {
    console.debug('debugging')
    console.log('two\nlines')
    console.error('trouble')
    process.stdout.write('in ')
    process.stdout.write('parts\n')
  },
}

export const hostile = new StateGraph(State)
  .addNode('begin', () => ({ said: ['begun'] }))
  .addNode('harm', async (state, config: LangGraphRunnableConfig) => {
    config.writer?.('now')
    await pause(20)
    await MISCHIEF[state.how]!(config)
    return { said: ['survived'] }
  })
  .addEdge(START, 'begin')
  .addEdge('begin', 'harm')
  .addEdge('harm', END)
  .compile()

/** Takes its time and does no harm. */
export const innocent = new StateGraph(State)
  .addNode('work', async (_state, config: LangGraphRunnableConfig) => {
    config.writer?.('now')
    await pause(Number(config.configurable?.['ms'] ?? 500))
    return { said: ['done'] }
  })
  .addEdge(START, 'work')
  .addEdge('work', END)
  .compile()
