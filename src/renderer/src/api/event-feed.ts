import { headersFor, type ConnectionTarget } from './connection-target.ts'

interface Handlers { onOpen(): void, onEvent(event: string, data: unknown): void, onLost(): void }

const FIRST_WAIT_MS = 300
const LONGEST_WAIT_MS = 5000
/** The server beats every five seconds; three missed beats are a loss. */
const SILENCE_MS = 16_000

/** Follows the server's notices and comes back by itself. Returns a stop. (EventSource can't send the key's header.) */
export function followEvents(target: ConnectionTarget, handlers: Handlers): () => void {
  const stopped = new AbortController()
  let wait = FIRST_WAIT_MS

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        await readOnce(target, stopped.signal, handlers, () => { wait = FIRST_WAIT_MS })
      } catch {
        // Why does not matter: the server is asked again.
      }
      if (stopped.signal.aborted) return
      handlers.onLost()
      await new Promise((resolve) => setTimeout(resolve, wait))
      wait = Math.min(wait * 2, LONGEST_WAIT_MS)
    }
  }
  void run()
  return () => stopped.abort()
}

async function readOnce(target: ConnectionTarget, signal: AbortSignal, handlers: Handlers, onOpen: () => void): Promise<void> {
  const silence = new AbortController()
  const watch = () => setTimeout(() => silence.abort(), SILENCE_MS)
  let timer = watch()
  try {
    const response = await fetch(`${target.url}/studio/api/events`, { headers: headersFor(target), signal: AbortSignal.any([signal, silence.signal]) })
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`)
    onOpen()
    handlers.onOpen()
    let rest = ''
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      clearTimeout(timer)
      timer = watch()
      const blocks = (rest + chunk.value).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) deliver(block, handlers)
    }
  } finally {
    clearTimeout(timer)
  }
}

function deliver(block: string, handlers: Handlers): void {
  const field = (name: string) => block.split('\n').find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
  const [event, data] = [field('event'), field('data')]
  if (event && data) handlers.onEvent(event, JSON.parse(data))
}
