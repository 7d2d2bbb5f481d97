import { spawn, type ChildProcess } from 'node:child_process'

/** The part of its memory that a worker may use for JavaScript objects: their limit is met first, and has the better words. */
const HEAP_PART = 0.8

/** MB. Node's default lets what is soon forgotten take over 100 MB before it is collected; less means collecting more often. */
const YOUNG_GENERATION = { graphs: 32, door: 32, types: 4 }

export interface SpawnOptions {
  readonly projectDir: string
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>
  readonly workerEntry: string
  readonly role: keyof typeof YOUNG_GENERATION
  /** Absolute path of the Node binary. */
  readonly nodePath: string
  readonly inspectPort: number | null
  /** What a worker may take in all. */
  readonly memoryLimitMb: number
}

/** A process that speaks the worker protocol on its file descriptor 3 (`stdio[3]`). */
export function spawnWorker({ env, inspectPort, memoryLimitMb, nodePath, projectDir, role, workerEntry }: SpawnOptions): ChildProcess {
  const flags = [`--max-semi-space-size=${YOUNG_GENERATION[role]}`, `--max-old-space-size=${Math.round(memoryLimitMb * HEAP_PART)}`, ...(inspectPort === null ? [] : [`--inspect=127.0.0.1:${inspectPort}`])]
  return spawn(nodePath, [...flags, workerEntry, role], {
    cwd: projectDir,
    env: { ...env, SUPERSTEP_FD: '3', ...(process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {}) },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    windowsHide: true,
  })
}
