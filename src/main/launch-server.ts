import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface ServerChild {
  onOutput(listener: (line: string) => void): void
  onError(listener: (line: string) => void): void
  /** Called once, after the last line. */
  onExit(listener: (code: number | null) => void): void
  /** Asks it to shut down in order. */
  end(): void
  kill(): void
}

export interface Launch {
  readonly args: readonly string[]
  readonly token: string
}

/** Where the built server and its host lie, and the program that runs them. */
export interface ServerProgram {
  readonly execPath: string
  readonly hostEntry: string
  readonly serverEntry: string
  readonly env: NodeJS.ProcessEnv
}

/** Starts the server as a child of this process; `server-host.ts` sees to it that the child does not outlive it. */
export function launchServer({ execPath, hostEntry, serverEntry, env }: ServerProgram, { args, token }: Launch): ServerChild {
  const child = spawn(execPath, [hostEntry, serverEntry, ...args], {
    // The app's own program is also a Node: a person needs none installed.
    env: { ...env, ELECTRON_RUN_AS_NODE: '1', SUPERSTEP_TOKEN: token },
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  })
  let spawnError: Error | null = null
  child.on('error', (error) => { spawnError = error })
  // The child may be gone before its pipe is closed.
  child.stdin.on('error', () => {})
  const onError: ((line: string) => void)[] = []
  createInterface({ input: child.stderr }).on('line', (line) => onError.forEach((listener) => listener(line)))
  return {
    onOutput: (listener) => void createInterface({ input: child.stdout }).on('line', listener),
    onError: (listener) => void onError.push(listener),
    onExit: (listener) => void child.on('close', (code) => {
      if (spawnError) onError.forEach((tell) => tell(spawnError!.message))
      listener(code)
    }),
    end: () => void child.stdin.end(),
    kill: () => void child.kill('SIGKILL'),
  }
}
