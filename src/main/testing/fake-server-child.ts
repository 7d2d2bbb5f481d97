import type { Launch, ServerChild } from '../launch-server.ts'

export interface FakeServerChild extends ServerChild {
  readonly launch: Launch
  readonly asked: ('end' | 'kill')[]
  print(line: string): void
  complain(line: string): void
  exit(code: number | null): void
  /** Prints the line by which the server says where it listens. */
  becomeReady(port: number): void
}

function createFakeServerChild(launch: Launch): FakeServerChild {
  const listeners = { output: [] as ((line: string) => void)[], error: [] as ((line: string) => void)[], exit: [] as ((code: number | null) => void)[] }
  const asked: ('end' | 'kill')[] = []
  const print = (line: string) => listeners.output.forEach((listener) => listener(line))
  return {
    launch, asked, print,
    onOutput: (listener) => void listeners.output.push(listener),
    onError: (listener) => void listeners.error.push(listener),
    onExit: (listener) => void listeners.exit.push(listener),
    end: () => void asked.push('end'),
    kill: () => void asked.push('kill'),
    complain: (line) => listeners.error.forEach((listener) => listener(line)),
    exit: (code) => listeners.exit.forEach((listener) => listener(code)),
    becomeReady: (port) => print(JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}`, studio: `http://127.0.0.1:${port}/studio/`, token_required: true, pid: 1 })),
  }
}

/** Every server that was started, oldest first. */
export function createFakeLaunches() {
  const children: FakeServerChild[] = []
  return {
    children,
    launch(launch: Launch): ServerChild {
      const child = createFakeServerChild(launch)
      children.push(child)
      return child
    },
    latest: (): FakeServerChild => children.at(-1)!,
  }
}

/** A clock that moves when told. */
export function createFakeClock() {
  let now = 0
  let timers: { at: number, callback: () => void }[] = []
  return {
    after(ms: number, callback: () => void): () => void {
      const timer = { at: now + ms, callback }
      timers.push(timer)
      return () => { timers = timers.filter((other) => other !== timer) }
    },
    advance(ms: number): void {
      now += ms
      const due = timers.filter(({ at }) => at <= now)
      timers = timers.filter(({ at }) => at > now)
      for (const { callback } of due) callback()
    },
    pending: () => timers.length,
  }
}
